public import CSTA

/// Follows events over a WebSocket, as a desktop does: comes back with the last serial when it has lost the socket.
public final class EventFollower: Sendable {
    private let tape: Tape<Event>
    private let task: Task<Void, Never>

    /// - Parameter target: `/events?after=0` and the like, without the session.
    public init(port: Int, target: String, session: String) {
        let tape = Tape<Event>()
        self.tape = tape
        task = Task {
            while !Task.isCancelled {
                let resumed = tape.elements.last.map { "/events?after=\($0.serial)" } ?? target
                // Whatever ends the socket: there is a next one.
                try? await ClientSocket.with(port: port) { socket in
                    try await socket.upgrade(resumed, ["Authorization": "Bearer \(session)"])
                    try await Self.follow(socket, tape)
                }
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    deinit { task.cancel() }

    private static func follow(_ socket: ClientSocket, _ tape: Tape<Event>) async throws {
        while !Task.isCancelled, let frame = try await socket.nextFrame() {
            switch frame.opcode {
            case 1: tape.append(try Event(json: frame.payload))
            case 8: return
            case 9: try await socket.sendFrame(first: 0x8A, frame.payload)
            default: break
            }
        }
    }

    /// What has come, in the order in which it came.
    public var events: [Event] { tape.elements }

    /// Waits until something holds of what has come.
    ///
    /// - Returns: false if it does not within `limit`.
    public func wait(
        within limit: Duration = .seconds(15), until holds: @Sendable ([Event]) -> Bool
    ) async -> Bool {
        await tape.wait(within: limit, until: holds)
    }

    public func end() { task.cancel() }
}
