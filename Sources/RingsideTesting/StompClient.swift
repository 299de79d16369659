/// stomp.py over a WebSocket, in a process of its own.
public struct StompClient: Sendable {
    private let helper: LabProcess

    public init(port: Int, login: String, passcode: String, destinations: [String]) throws {
        helper = try LabProcess("stomp_client.py", [String(port), login, passcode] + destinations, usesTools: true)
    }

    /// To all destinations.
    public func waitUntilSubscribed() async throws { try await helper.wait(for: "subscribed") }

    public func waitUntilRefused(_ message: String) async throws { try await helper.wait(for: "error " + message) }

    /// The next events, each with the number of the destination whose subscription brought it.
    public func events(_ count: Int) async throws -> [(destination: Int, json: String)] {
        var events: [(Int, String)] = []
        while events.count < count {
            let parts = try await helper.wait(for: "event").split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[0]) else {
                throw LabProcess.Failure(description: "no event: \(parts)")
            }
            events.append((number, String(parts[1])))
        }
        return events
    }

    public func end() async { await helper.end() }
}
