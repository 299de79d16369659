import AsyncHTTPClient
public import CSTA
import NIOCore
import NIOHTTP1

/// What following events brings.
public enum Followed: Hashable, Sendable {
    /// At the beginning, unless it was said after which serial to begin.
    case snapshot(Snapshot)
    /// The stream stands; what comes are the events after this one.
    case connected(after: Serial)
    /// Each once, and in order.
    case event(Event)
    /// Measures as they stand, if they were asked for: at once, and when they have changed, at most once a second. Those before are
    /// worth nothing any more, and what was missed is not told.
    case measures(Measures)
    /// Events after a serial cannot be had any more: forget what you knew, begin with the snapshot.
    case messagesLost(after: Serial, reason: String, now: Snapshot)
    /// What came is no event of this protocol, as its JSON text.
    case unreadable(text: String, reason: EventError)
    /// The stream has ended; there is a next one after a pause.
    ///
    /// - reason: nil: the server has ended it, as before a restart.
    case disconnected(reason: ClientError?, pause: Duration)
}

/// The measures of a namespace's splits or campaigns.
public struct Measures: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case splits
        case campaigns
    }

    public var kind: Kind
    /// The objects of `GET /api/csta/splits` or `/api/csta/campaigns`.
    public var entries: [JSONObject]

    init?(_ json: JSON) {
        guard let kind = json["measures"]?.string.flatMap(Kind.init(rawValue:)),
            let entries = json[kind.rawValue]?.array
        else { return nil }
        self.kind = kind
        self.entries = entries.compactMap(\.object)
    }
}

/// Which events to follow. Without any an agent gets its own, a supervisor or a machine the namespace's.
public struct EventFilter: Hashable, Sendable {
    public var agent: AgentID?
    public var device: DeviceID?
    /// `delivered`
    public var name: String?

    public init(agent: AgentID? = nil, device: DeviceID? = nil, name: String? = nil) {
        self.agent = agent
        self.device = device
        self.name = name
    }

    var query: String {
        [("agent", agent?.text), ("device", device?.text), ("event", name)]
            .compactMap { name, value in value.map { "&\(name)=\($0.percentEncoded)" } }.joined()
    }
}

/// Events through whatever happens to the connection; see ``Client/events(after:matching:)``.
public struct Events: AsyncSequence, Sendable {
    let client: Client
    let start: Serial?
    let filter: EventFilter
    let measures: Set<Measures.Kind>

    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// Reads from the socket only when it is asked for the next one: who is slow holds no memory. The server ends the
    /// stream of one who is much too slow, which then goes on where it was.
    public struct Iterator: AsyncIteratorProtocol {
        private enum State {
            case connecting
            /// Also those that have come and were not asked for yet.
            case following(EventStream)
            case pausing(Duration)
            case ended
        }

        private let events: Events
        private var client: Client { events.client }
        private var state: State
        private var serial: Serial
        /// Whether ``serial`` is known.
        private var hasBegun: Bool
        /// Why the events after ``serial`` cannot be had.
        private var loss: String?
        private var backOff = BackOff()

        init(_ events: Events) {
            self.events = events
            serial = events.start ?? Serial(0)
            hasBegun = events.start != nil
            state = .connecting
        }

        /// - Returns: nil after ``Client/logOut()`` and ``Client/close()``.
        /// - Throws: a ``ClientError`` that waiting does not mend; one with ``ClientError/isUnauthorized`` when the
        ///   session is over and cannot be begun anew.
        public mutating func next() async throws -> Followed? {
            do {
                while true {
                    if let followed = try await step() { return followed }
                    if case .ended = state { return nil }
                }
            } catch ClientError.closed {
                state = .ended
                return nil
            } catch {
                state = .ended
                throw error
            }
        }

        /// Nil: go on, or the end.
        private mutating func step() async throws -> Followed? {
            switch state {
            case .ended: return nil
            case .pausing(let duration):
                try await client.pause(for: duration)
                state = .connecting
                return nil
            case .connecting:
                do {
                    if !hasBegun {
                        let snapshot = try await client.beginningSnapshot()
                        serial = snapshot.serial
                        hasBegun = true
                        return .snapshot(snapshot)
                    }
                    if let loss { return try await begin(anewFor: loss) }
                    state = .following(EventStream(try await client.open(events, after: serial)))
                    return .connected(after: serial)
                } catch ClientError.refused(let refusal) where refusal.status == 410 {
                    loss = refusal.message
                    return nil
                } catch let error as ClientError where error.mayPass {
                    return disconnected(error)
                }
            case .following(var stream):
                // One owner of what is read.
                state = .connecting
                do {
                    guard let next = try await stream.next() else { return disconnected(nil, after: stream) }
                    state = .following(stream)
                    return read(next)
                } catch {
                    let failure = await client.failure(for: error)
                    guard let failure = failure as? ClientError, failure.mayPass else { throw failure }
                    return disconnected(failure, after: stream)
                }
            }
        }

        private mutating func begin(anewFor reason: String) async throws -> Followed {
            let snapshot = try await client.beginningSnapshot()
            let lost = serial
            serial = snapshot.serial
            loss = nil
            // A server that says so again and again is not asked without a pause.
            state = .pausing(backOff.pause())
            return .messagesLost(after: lost, reason: reason, now: snapshot)
        }

        private mutating func disconnected(_ error: ClientError?, after stream: EventStream? = nil) -> Followed {
            if stream?.wasHeard == true { backOff.reset() }
            let pause = backOff.pause()
            state = .pausing(pause)
            return .disconnected(reason: error, pause: pause)
        }

        private mutating func read(_ next: ServerSentEvent) -> Followed? {
            if next.name == "measures" {
                return (try? JSON.parse(next.data)).flatMap { Measures($0) }.map { .measures($0) }
            }
            if let number = Int64(next.id) {
                // What was here before.
                guard number > serial.value else { return nil }
                serial = Serial(number)
            }
            do throws(EventError) {
                return .event(try Event(json: next.data.utf8))
            } catch {
                return .unreadable(text: next.data, reason: error)
            }
        }
    }
}

/// One connection's events.
struct EventStream {
    private var bytes: HTTPClientResponse.Body.AsyncIterator
    private var parser = ServerSentEventParser()
    /// Of the bytes that have come: at most as many as one read of the socket has.
    private var ready: ArraySlice<ServerSentEvent> = []
    /// Whether it has brought anything, be it a comment.
    private(set) var wasHeard = false

    init(_ response: HTTPClientResponse) { bytes = response.body.makeAsyncIterator() }

    mutating func next() async throws -> ServerSentEvent? {
        while true {
            if let event = ready.popFirst() { return event }
            guard let buffer = try await bytes.next() else { return nil }
            wasHeard = true
            do throws(ServerSentEventParser.TooLong) {
                ready = try parser.consume(buffer.readableBytesView)[...]
            } catch {
                throw ClientError.unintelligible(path: "/events", what: error.description)
            }
        }
    }
}

extension Client {
    /// Follows events through lost connections and restarts of the server: each once and in order, and what is missed
    /// is said.
    ///
    /// - Parameters:
    ///   - serial: the serial after which to begin; nil: with a snapshot, and what comes from then on.
    ///   - measures: what is wanted beside the events; for supervisors, admins and machines.
    public nonisolated func events(
        after serial: Serial? = nil, matching filter: EventFilter = EventFilter(), measures: Set<Measures.Kind> = []
    ) -> Events {
        Events(client: self, start: serial, filter: filter, measures: measures)
    }

    func open(_ events: Events, after serial: Serial) async throws -> HTTPClientResponse {
        var path = "/events?after=\(serial)\(events.filter.query)"
        if !events.measures.isEmpty {
            path += "&measures=" + events.measures.map(\.rawValue).sorted().joined(separator: ",")
        }
        let response = try await authorized(.GET, path, within: nil) {
            $0.headers.add(name: "Accept", value: "text/event-stream")
        }
        guard response.status == .ok else { throw Self.refusal(response, try await bytes(of: response)) }
        return response
    }

    /// A snapshot, after which an agent that is logged in stays so.
    func beginningSnapshot() async throws -> Snapshot {
        let snapshot = try await snapshot()
        if settings.sendsHeartbeats, let agent = snapshot.agent, agent.device != nil { keepLoggedIn(agent.id) }
        return snapshot
    }
}
