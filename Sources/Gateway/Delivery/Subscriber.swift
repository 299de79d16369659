import CSTA
import CallCenter
import NIOCore

/// One client that follows events, with its socket. All of it runs on its event loop.
///
/// It is the socket's channel handler itself, so that an idle client costs one object here. ``WebSocketSubscriber`` and
/// ``StreamSubscriber`` say how events look on the wire and how a stream begins and ends.
class Subscriber {
    final let subscription: EventSubscription
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
    private var hasBegun = false
    private var stalledRounds = 0
    private var writtenBytes = 0
    private var takenBytes = 0
    /// What the replay has written last, and the socket may not have taken yet.
    private var replayedBytes = 0
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

    /// Tells the client why it is over, and closes the socket when it knows.
    func writeEnd(_ reason: EndReason, hasBegun: Bool) {}

    /// One housekeeping round has passed.
    func keepAlive() {}

    // MARK: Life

    final func attach(_ context: ChannelHandlerContext) { self.context = context }

    /// Begins to follow, once nothing but this handler writes to the socket.
    final func start() {
        guard state == .new, context?.channel.isActive == true else { return }
        state = .following
        if catchUp.isLive { beginIfNeeded() }
        lane.add(self)
        flush()
    }

    /// Ends the stream for a reason of the server's.
    final func end(_ reason: EndReason) {
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
        write(bytes(of: event))
        return true
    }

    final func write(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        writtenBytes += bytes.readableBytes
        context.write(NIOAny(bytes), promise: promise)
    }

    /// Sends what was written, and ends a live subscriber that has let too much pile up.
    final func flush() {
        guard let context else { return }
        context.flush()
        guard !context.channel.isWritable else {
            replayedBytes = 0
            return
        }
        let pending = pendingBytes()
        lane.countPending(pending)
        if pending > lane.limits.maximumPendingBytes + replayedBytes && catchUp.isLive { end(.tooSlow) }
    }

    private func pendingBytes() -> Int {
        guard let options = context?.channel.syncOptions else { return 0 }
        return (try? options.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func beginIfNeeded() {
        guard !hasBegun else { return }
        hasBegun = true
        writeBeginning()
    }

    // MARK: Replay

    /// It is this subscriber's turn; false: it needs no page.
    final func readPage() -> Bool {
        guard state == .following, catchUp.isWanting else { return false }
        switch catchUp.begin(edge: lane.edge(of: subscription.namespace)) {
        case .live:
            beginIfNeeded()
            flush()
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
        let kind = kind
        let inbox = lane.inbox
        let limit = lane.limits.replayPageEvents
        Task {
            let result: PageResult
            do throws(ReplayError) {
                let page = try await tenant.events(after: cursor, matching: filter, limit: limit)
                result = .success(ReplayedPage(page, after: cursor, for: kind))
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
            if page.eventCount > 0 { write(page.bytes) }
            switch catchUp.arrived(through: page.through, isEmpty: page.eventCount == 0) {
            case .live(let captured):
                for event in captured { write(bytes(of: event)) }
                lane.countSent(captured.count)
                replayedBytes = writtenBytes - writtenBefore
                flush()
            case .readOn:
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
        guard isAwaitingWritability, state == .following, context?.channel.isWritable == true else { return }
        isAwaitingWritability = false
        lane.wantPage(self)
    }

    // MARK: Housekeeping

    /// One round has passed: notices a session that is over and a socket that takes nothing, and keeps one alive that
    /// has nothing to take.
    final func keepRound() {
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
