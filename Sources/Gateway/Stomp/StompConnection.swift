import CSTA
import CallCenter
import NIOCore
import STOMP
import Synchronization

/// A client that speaks STOMP over a WebSocket. A frame may come in parts, and a message may bring several.
///
/// It has the socket and gets no events; each of its subscriptions is a ``StompFollower``. Those that begin with a replay
/// have it one after the other, so that no more than a page is pending beside what is live.
final class StompConnection: WebSocketSubscriber {
    private let upgrade: EventRequest
    private let authorizer: any StompAuthorizer
    private var session: STOMP.Session
    private var parser: FrameParser
    /// Came while it is found out who it is.
    private var heldBytes = 0
    private var identity: StompIdentity?
    private var followers: [Int: Subscriber] = [:]
    /// Wait for their turn to replay.
    private var waiting = CircularBuffer<StompFollower>()
    private var replaying: StompFollower?
    /// What is said before the close; nil: what the reason says.
    private var lastWords: Frame?
    private var connectDeadline: Scheduled<Void>?
    private var heartbeats: [RepeatedTask] = []
    /// Intervals of the client's heart-beat in which nothing came.
    private var silentBeats = 0

    /// One may be late on its way; 1.2, Heart-beating, wants some margin.
    private static let silentBeatsBeforeClose = 3
    private static let connections = Atomic<UInt64>(0)
    private static let heartbeat = WebSocketFraming.text(Array("\n".utf8))

    init(_ upgrade: EventRequest, authorizer: any StompAuthorizer, lane: Lane) {
        self.upgrade = upgrade
        self.authorizer = authorizer
        var limits = STOMP.SessionLimits()
        limits.heartbeatMilliseconds = lane.limits.heartbeatMilliseconds
        session = STOMP.Session(limits: limits)
        var frames = FrameLimits()
        frames.maximumFrameBytes = lane.limits.maximumClientMessageBytes
        parser = FrameParser(limits: frames)
        super.init(EventSubscription(namespace: .unknown), lane: lane)
    }

    override var isReceiver: Bool { false }

    /// It is over if nobody has connected within the time.
    override func opened() {
        flush()
        let bound = NIOLoopBound(self, eventLoop: lane.eventLoop)
        connectDeadline = lane.eventLoop.scheduleTask(in: .milliseconds(lane.limits.connectMilliseconds)) {
            bound.value.refuse("timeout", "no CONNECT in time", closeCode: 4408)
        }
    }

    override func stopped() {
        connectDeadline?.cancel()
        connectDeadline = nil
        for task in heartbeats { task.cancel() }
        heartbeats = []
        for follower in followers.values { follower.gone() }
        followers = [:]
        waiting.removeAll()
        replaying = nil
    }

    override func writeEnd(_ reason: EndReason, hasBegun: Bool) {
        if reason != .left {
            if lastWords == nil, case .fail(let frame) = session.refuse(reason.refusal.code, reason.text) {
                lastWords = frame
            }
            if let lastWords { write(lastWords) }
        }
        super.writeEnd(reason, hasBegun: hasBegun)
    }

    // MARK: Frames

    override func received(_ part: ByteBuffer) {
        guard isOpen else { return }
        silentBeats = 0
        parser.append(part.readableBytesView)
        guard session.isAuthenticating else { return readFrames() }
        heldBytes += part.readableBytes
        if heldBytes > lane.limits.maximumClientMessageBytes {
            refuse("not connected", "too much before CONNECTED", closeCode: Self.malformed)
        }
    }

    private var isOpen: Bool { state == .new || state == .following }

    private func readFrames() {
        while isOpen, !session.isAuthenticating {
            do throws(FrameError) {
                guard let element = try parser.next() else { break }
                guard case .frame(let frame) = element else { continue }
                run(session.receive(frame))
                parser.version = session.version
            } catch {
                run(session.receive(error))
            }
        }
        flush()
    }

    private func run(_ actions: [STOMP.Session.Action]) {
        for action in actions where isOpen {
            switch action {
            case .authenticate(let credentials): authenticate(credentials)
            case .subscribe(let subscription): subscribe(subscription)
            case .unsubscribe(let number):
                followers.removeValue(forKey: number)?.gone()
                waiting.removeAll { $0.state == .gone }
                replayNext()
                replaying?.wantPageIfWritable()
            // Whoever's they were: a replay waits for those of all.
            case .acknowledged: replaying?.wantPageIfWritable()
            case .send(let frame): write(frame)
            case .fail(let frame): fail(frame, closeCode: Self.malformed)
            case .close: end(.left)
            }
        }
    }

    private func write(_ frame: Frame) { write(WebSocketFraming.text(frame.encoded(for: session.version))) }

    // MARK: Errors

    /// After the HTTP statuses.
    private static let malformed: UInt16 = 4400
    private static let forbidden: UInt16 = 4403

    private func refuse(_ message: String, _ detail: String, closeCode: UInt16) {
        guard isOpen, case .fail(let frame) = session.refuse(message, detail) else { return }
        fail(frame, closeCode: closeCode)
    }

    private func fail(_ frame: Frame, closeCode: UInt16) {
        lastWords = frame
        end(.refused(closeCode: closeCode, text: frame["message"] ?? ""))
    }

    // MARK: Connecting

    private func authenticate(_ credentials: STOMP.Session.Credentials) {
        let login = StompLogin(
            upgrade: upgrade, sessionID: credentials.sessionID, login: credentials.login,
            passcode: credentials.passcode)
        let bound = NIOLoopBound(self, eventLoop: lane.eventLoop)
        let (authorizer, inbox) = (authorizer, lane.inbox)
        Task {
            let answer = await authorizer.admit(login)
            inbox.execute { bound.value.answered(answer) }
        }
    }

    private func answered(_ answer: Result<StompIdentity, EventRefusal>) {
        guard state == .new else { return }
        switch answer {
        case .failure(let refusal):
            let closeCode = UInt16(clamping: 4000 + refusal.status)
            refuse(refusal.code, refusal.message, closeCode: refusal.status < 500 ? closeCode : 1013)
        case .success(let identity):
            guard let frame = session.accept(session: "\(Self.nextNumber())") else { return }
            connectDeadline?.cancel()
            connectDeadline = nil
            self.identity = identity
            var subscription = EventSubscription(namespace: identity.namespace)
            subscription.session = identity.session
            follow(subscription)
            write(frame)
            start()
            beginHeartbeats()
            readFrames()
        }
    }

    /// Names a connection for its client.
    private static func nextNumber() -> UInt64 { connections.wrappingAdd(1, ordering: .relaxed).newValue }

    // MARK: Heart-beats

    private func beginHeartbeats() {
        let agreed = session.heartbeats
        repeatEach(agreed.sendMilliseconds) { connection in
            // Who does not read has enough to read.
            guard connection.context?.channel.isWritable == true else { return }
            connection.write(Self.heartbeat)
            connection.flush()
        }
        repeatEach(agreed.receiveMilliseconds) { connection in
            connection.silentBeats += 1
            guard connection.silentBeats >= Self.silentBeatsBeforeClose else { return }
            connection.lane.countSilent()
            connection.refuse("no heart-beat", "the client promised to be heard, and was not", closeCode: 4408)
        }
    }

    private func repeatEach(_ milliseconds: Int64, _ body: @escaping @Sendable (StompConnection) -> Void) {
        guard milliseconds > 0, isOpen else { return }
        let bound = NIOLoopBound(self, eventLoop: lane.eventLoop)
        let interval = TimeAmount.milliseconds(milliseconds)
        heartbeats.append(
            lane.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in body(bound.value) })
    }

    // MARK: Subscriptions

    private func subscribe(_ subscription: Subscription) {
        guard let identity, let context else { return }
        if let kind = StompMeasures.kind(of: subscription.destination) {
            return followMeasures(kind, subscription, as: identity, context)
        }
        let destination: StompDestination
        do throws(StompDestination.Problem) {
            destination = try StompDestination(subscription.destination, in: identity.namespace)
            // The same answer whether there is such an agent or not, here or elsewhere.
            guard identity.agent == nil || identity.agent == destination.agent else { throw .elsewhere }
        } catch {
            switch error {
            case .elsewhere:
                return refuseForbidden("you may not follow this agent", identity)
            case .malformed:
                return refuse(
                    "no such destination", "it is \(StompDestination.prefix)*.5001@demo_cc, with * or an event's name",
                    closeCode: Self.malformed)
            }
        }
        var wanted = EventSubscription(
            namespace: identity.namespace, filter: EventFilter(agent: destination.agent, name: destination.event))
        if let after = subscription["after"] {
            guard let serial = Int64(after), serial >= 0 else {
                return refuse("malformed frame", "after is no serial", closeCode: Self.malformed)
            }
            wanted.after = Serial(serial)
        }
        guard takeSeat() else { return }
        let follower = StompFollower(subscription, destination, following: wanted, over: self)
        follower.attach(context)
        followers[subscription.number] = follower
        guard wanted.after != nil else { return follower.start() }
        waiting.append(follower)
        replayNext()
    }

    private func followMeasures(
        _ kind: MeasureKind, _ subscription: Subscription, as identity: StompIdentity, _ context: ChannelHandlerContext
    ) {
        // Those who do not say who they are may follow agents of one namespace, and nothing else.
        guard identity.requester?.role.supervises == true else {
            return refuseForbidden("measures are for supervisors, admins and machines", identity)
        }
        guard subscription.acknowledgement == .auto else {
            return refuse("malformed frame", "measures are not acknowledged: ack:auto", closeCode: Self.malformed)
        }
        guard takeSeat() else { return }
        let follower = StompMeasureFollower(subscription, kind, in: identity.namespace, over: self)
        follower.attach(context)
        followers[subscription.number] = follower
        follower.start()
    }

    private func takeSeat() -> Bool {
        if lane.admit(.stomp) { return true }
        refuse("full", "no more subscriptions now; come back later", closeCode: 1013)
        return false
    }

    private func refuseForbidden(_ message: String, _ identity: StompIdentity) {
        authorizer.refused(identity, at: upgrade, EventRefusal(status: 403, code: "notYours", message: message))
        refuse("not yours", message, closeCode: Self.forbidden)
    }

    // MARK: Replay and bounds

    /// Lets the next subscription replay, when the one before has all it wanted and the socket has taken it.
    func replayNext() {
        guard state == .following, context?.channel.isWritable == true else { return }
        if let replaying, replaying.state == .following, !replaying.catchUp.isLive { return }
        replaying = waiting.popFirst()
        replaying?.start()
    }

    override func channelWritabilityChanged(context: ChannelHandlerContext) {
        replaying?.wantPageIfWritable()
        replayNext()
        for follower in followers.values { follower.sendMeasures() }
    }

    override var replayAllowanceBytes: Int { replaying?.replayedBytes ?? 0 }

    override func flush() {
        super.flush()
        if context?.channel.isWritable == true { replaying?.replayedBytes = 0 }
        guard session.unacknowledged > lane.limits.maximumUnacknowledgedMessages, isOpen else { return }
        if case .fail(let frame) = session.refuse("too slow", "too many messages are not acknowledged") {
            lastWords = frame
        }
        end(.tooSlow)
    }

    func sent(_ serial: Serial, to subscription: Subscription) { session.sent(serial.value, to: subscription) }

    /// Stored events can wait until those before them have been acknowledged.
    var mayReplayUnacknowledged: Bool {
        session.unacknowledged <= lane.limits.maximumUnacknowledgedMessages / 2
    }
}
