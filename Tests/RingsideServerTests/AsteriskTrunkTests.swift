import CSTA
import RingsideTesting
import Testing

@Suite(
    "Trunk groups on a real Asterisk", .enabled(if: Lab.isInstalled, "the lab is not installed: Tests/Lab/README.md"),
    .serialized)
struct AsteriskTrunkTests {
    private static let port = 28768
    /// Answers, and talks until it is hung up on.
    private static let number = "618005550000"

    @Test(
        "A line whose carrier is away is passed over, one call fills the next, and the second goes out by another group"
    )
    func overflow() async throws {
        let centre = try await AsteriskCentre(port: Self.port)
        func dial(_ device: String) async throws -> (call: String, follower: EventFollower) {
            let desk = try #require(centre.desks[device])
            let answer = try await centre.server.request(
                "POST", "/api/csta/callControl/calls", session: desk.session,
                json: #"{"from":"\#(device)","to":"\#(Self.number)","cpa":"1"}"#)
            return (try #require(answer.body?["callId"]?.string, "\(answer)"), desk.follower)
        }
        for (device, line) in [("8003", "2/pstn"), ("8004", "3/pstn-b")] {
            let (call, follower) = try await dial(device)
            #expect(await follower.wait { $0.contains { $0.name == "established" } })
            let state = try await centre.server.request(
                "GET", "/api/csta/callControl/calls/\(call)", session: centre.desks[device]?.session ?? "")
            let found = "\(state.body?["trunkGroup"]?.string ?? "-")/\(state.body?["trunkMember"]?.string ?? "-")"
            #expect(found == line, "\(state)")
        }
        let channels = try await centre.lab.cli("core show channels concise")
        #expect(channels.contains("PJSIP/pstn-0") && channels.contains("PJSIP/pstn-b-"), "\(channels)")

        let (_, follower) = try await dial("8005")
        #expect(await follower.wait { $0.contains { $0.name == "connectionCleared" } })
        let codes = follower.events.compactMap { event -> FailedCode? in
            guard case .call(let event) = event.body, case .failed(_, let code, _) = event.detail else { return nil }
            return code
        }
        #expect(codes == [.lineIsBusy])
        try await centre.clearCalls()
        await centre.end()
    }
}
