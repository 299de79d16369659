import CSTA
import RingsideTesting

// What a dialler does: campaigns of one contact each.
extension AsteriskScenarioBench {
    private static let campaigns = "/api/csta/campaigns"

    /// Sets a campaign up and running, and waits until an agent is reserved for its contact, as their desktop is told.
    func placeOutboundCall(to number: String, isPreview: Bool, dials: Int) async throws {
        let before = try await lastSerial()
        let session = try await server.logIn("5009")
        let made = try await server.request(
            "POST", Self.campaigns, session: session,
            json: """
                {"name":"\(number)","split":"7000","prefix":"9","type":"\(isPreview ? "PreView" : "PreOccupied")",\
                "ringSeconds":\(AsteriskCentre.answerSeconds),"limitSeconds":\(2 * AsteriskCentre.answerSeconds),\
                "dials":\(dials),"attempts":1,"retries":{"1":1}}
                """)
        guard let id = made.body?["id"]?.integer else { throw Failure(description: "\(made)") }
        for (path, body) in [("contacts", #"{"number":"\#(number.dropFirst())"}"#), ("start", nil)] {
            let answer = try await server.request(
                "POST", "\(Self.campaigns)/\(id)/\(path)", session: session, json: body)
            guard answer.status == 200 else { throw Failure(description: "\(path): \(answer)") }
        }
        try await AsteriskCentre.eventually {
            let isReserved = centre.desks.values.contains { desk in
                desk.follower.events.contains { $0.serial > before && $0.name == "agentAllocated" }
            }
            guard isReserved else { throw Failure(description: "nobody is Allocated for \(number)") }
        }
    }

    /// Stops all campaigns: who is reserved is Ready again.
    func stopCampaigns() async throws {
        let session = try await server.logIn("5009")
        let list = try await server.request("GET", Self.campaigns, session: session)
        for campaign in list.body?["campaigns"]?.array ?? [] where campaign["state"]?.string != "stopped" {
            guard let id = campaign["id"]?.integer else { continue }
            let answer = try await server.request("POST", "\(Self.campaigns)/\(id)/stop", session: session)
            guard answer.status == 200 else { throw Failure(description: "\(answer)") }
        }
    }

    /// - service: what stands behind `/api/csta/outbound/`.
    func askOutbound(_ service: String, by agent: String) async throws {
        let session = try await server.logIn(agent)
        let answer = try await server.request("POST", "/api/csta/outbound/\(service)", session: session)
        guard answer.status == 204 else { throw Failure(description: "\(service): \(answer)") }
    }
}
