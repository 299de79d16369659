import CSTA
import CallCenter
import NIOCore

/// One client that follows events, with its socket. All of it runs on its event loop.
///
/// It is the socket's channel handler itself, so that an idle client costs one object here. ``WebSocketSubscriber`` and
/// ``StreamSubscriber`` say how events look on the wire and how a stream begins and ends. With STOMP several follow over
/// one socket: ``StompConnection`` has it, and a ``StompFollower`` for each subscription.
class Subscriber {
    final private(set) var subscription: EventSubscription
    final let kind: SubscriberKind
    final let lane: Lane
    final private(set) var catchUp: CatchUp
    final private(set) var state = State.new
    final private(set) var context: ChannelHandlerContext?

    /// Where the lane keeps it; nil while the lane does not.
    final var place: (shard: Int, position: Int)?
    /// Whether it is on the lane's list of those to flush.
    final var isTouched = false
    /// Rounds since the client was last heard.
    final var silentRounds = 0

    private var isAwaitingWritability = false
    final private(set) var hasBegun = false
    final var measuresInHand: [MeasureKind: MeasuresInHand] = [:]
    private var stalledRounds = 0
    private var writtenBytes = 0
    private var takenBytes = 0
    /// What the replay has written last, and the socket may not have taken yet.
    final var replayedBytes = 0
    private var closing: Scheduled<Void>?

    enum State {
        case new
        case following
        /// It is over, the client is being told or has told us; the socket is still there.
        case ending
        case gone
    }

    init(_ subscription: EventSubscription, kind: SubscriberKind, lane: Lane) {
        self.subscription = subscription
        self.kind = kind
        self.lane = lane
        catchUp = CatchUp(after: subscription.after)
    }

    // MARK: What the kinds do

    /// What comes before the first event.
    func writeBeginning() {}

    /// An event as this client gets it.
    func bytes(of event: OutgoingEvent) -> ByteBuffer { ByteBuffer() }

    /// Measures as this client gets them.
    func bytes(of measures: OutgoingMeasures) -> ByteBuffer { ByteBuffer() }

    /// Writes stored events as this client gets them.
    var framing: any EventFraming { TextFraming() }

    /// It has the socket.
    func opened() { start() }

    /// Who has the socket, and is flushed and ended for it.
    var socket: Subscriber { self }

    /// Whether it gets events itself.
    var isReceiver: Bool { true }

    /// Whether it may be sent stored events now, as far as it is not for the socket to say.
    var mayReplay: Bool { true }

    /// What the socket may have pending beside the live events.
    var replayAllowanceBytes: Int { replayedBytes }

    /// It has all that was stored.
    func wentLive() {}

    /// It follows nothing any more, whoever wanted that.
    func stopped() {}

    /// Tells the client why it is over, and closes the socket when it knows.
    func writeEnd(_ reason: EndReason, hasBegun: Bool) {}

    /// One housekeeping round has passed.
    func keepAlive() {}

    // MARK: Life

    final func attach(_ context: ChannelHandlerContext) { self.context = context }

    /// Says what to follow; before ``start()``.
    final func follow(_ subscription: EventSubscription) { self.subscription = subscription }

    /// Begins to follow, once nothing but this handler writes to the socket.
    final func start() {
        guard state == .new, context?.channel.isActive == true else { return }
        state = .following
        if catchUp.isLive { beginIfNeeded() }
        lane.add(self)
        flush()
    }

    /// Ends the stream for a reason of the server's.
    func end(_ reason: EndReason) {
        guard state == .new || state == .following else { return }
        stopFollowing()
        lane.countEnd(reason)
        let grace =
            reason == .tooSlow ? lane.limits.slowCloseGraceMilliseconds : lane.limits.closeGraceMilliseconds
        scheduleClose(after: grace)
        writeEnd(reason, hasBegun: hasBegun)
    }

    /// No more events; the socket stays.
    final func stopFollowing() {
        state = .ending
        lane.remove(self)
        stopped()
    }

    final func closeSocket() { context?.close(promise: nil) }

    /// The socket is closed.
    final func gone() {
        guard state != .gone else { return }
        state = .gone
        lane.remove(self)
        lane.leave(kind)
        closing?.cancel()
        closing = nil
        stopped()
        context = nil
    }

    func scheduleClose(after milliseconds: Int64) {
        let bound = NIOLoopBound(self, eventLoop: lane.eventLoop)
        closing = lane.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) { bound.value.closeSocket() }
    }

    // MARK: Live events

    final func isFollowing(name: String) -> Bool {
        subscription.filter.name == nil || subscription.filter.name == name
    }

    final func isFollowing(device: DeviceID, name: String) -> Bool {
        (subscription.filter.device == nil || subscription.filter.device == device) && isFollowing(name: name)
    }

    /// Writes an event that has just been published; true: a flush is due.
    final func receive(_ event: OutgoingEvent) -> Bool {
        guard state == .following,
            catchUp.receive(event, capturingAtMost: lane.limits.maximumCapturedEvents)
        else { return false }
        send(event)
        return true
    }

    func send(_ event: OutgoingEvent) { write(bytes(of: event)) }

    func send(_ page: ReplayedPage) { write(page.bytes) }

    func write(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        countWritten(bytes.readableBytes)
        context.write(NIOAny(bytes), promise: promise)
    }

    final func countWritten(_ bytes: Int) { writtenBytes += bytes }

    /// Sends what was written, and ends a live subscriber that has let too much pile up.
    func flush() {
        guard let context else { return }
        context.flush()
        guard !context.channel.isWritable else {
            replayedBytes = 0
            return
        }
        let pending = pendingBytes()
        lane.countPending(pending)
        if pending > lane.limits.maximumPendingBytes + replayAllowanceBytes && catchUp.isLive { end(.tooSlow) }
    }

    private func pendingBytes() -> Int {
        guard let options = context?.channel.syncOptions else { return 0 }
        return (try? options.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func beginIfNeeded() {
        guard !hasBegun else { return }
        hasBegun = true
        writeBeginning()
        sendMeasures()
    }

    // MARK: Replay

    /// It is this subscriber's turn; false: it needs no page.
    final func readPage() -> Bool {
        guard state == .following, catchUp.isWanting else { return false }
        switch catchUp.begin(edge: lane.edge(of: subscription.namespace)) {
        case .live:
            beginIfNeeded()
            flush()
            wentLive()
            return false
        case .read(let cursor):
            guard let tenant = lane.tenant(subscription.namespace) else {
                end(.unavailable)
                return false
            }
            read(from: tenant, after: cursor)
            return true
        }
    }

    private func read(from tenant: any TenantPort, after cursor: Serial) {
        let bound = NIOLoopBound(self, eventLoop: lane.eventLoop)
        let filter = subscription.filter
        let framing = framing
        let inbox = lane.inbox
        let limit = lane.limits.replayPageEvents
        Task {
            let result: PageResult
            do throws(ReplayError) {
                let page = try await tenant.events(after: cursor, matching: filter, limit: limit)
                result = .success(ReplayedPage(page, after: cursor, framing: framing))
            } catch {
                result = .failure(error)
            }
            inbox.execute { bound.value.lane.pageArrived(result, for: bound.value) }
        }
    }

    final func arrived(_ result: PageResult) {
        guard state == .following else { return }
        switch result {
        case .failure(let error): end(EndReason(error))
        case .success(let page):
            beginIfNeeded()
            lane.countReplayed(page.eventCount)
            let writtenBefore = writtenBytes
            if page.eventCount > 0 { send(page) }
            switch catchUp.arrived(through: page.through, isEmpty: page.eventCount == 0) {
            case .live(let captured):
                for event in captured { send(event) }
                lane.countSent(captured.count)
                replayedBytes = writtenBytes - writtenBefore
                flush()
                wentLive()
            case .readOn:
                replayedBytes = writtenBytes - writtenBefore
                flush()
                isAwaitingWritability = true
                wantPageIfWritable()
            case .stuck:
                end(.unavailable)
            }
        }
    }

    /// The socket has taken what was written, or has had enough.
    final func wantPageIfWritable() {
        guard isAwaitingWritability, mayReplay, state == .following, context?.channel.isWritable == true else { return }
        isAwaitingWritability = false
        lane.wantPage(self)
    }

    // MARK: Housekeeping

    /// One round has passed: notices a session that is over and a socket that takes nothing, and keeps one alive that
    /// has nothing to take.
    func keepRound() {
        guard state == .following else { return }
        guard subscription.session?.isLive() != false else { return end(.sessionOver) }
        let pending = pendingBytes()
        let taken = writtenBytes - pending
        stalledRounds = pending > 0 && taken == takenBytes ? stalledRounds + 1 : 0
        takenBytes = taken
        if stalledRounds >= lane.limits.stalledRoundsBeforeClose {
            end(.tooSlow)
        } else if hasBegun {
            keepAlive()
        }
    }
}
