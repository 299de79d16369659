import CSTA
import RingsideTesting

extension AsteriskCentre {
    static let campaigns = "/api/csta/campaigns"

    /// Sets a campaign up and running, in which each contact has one attempt.
    ///
    /// - numbers: as the carrier gets them.
    /// - dials: in this attempt, if the customer is busy.
    /// - Returns: its path.
    @discardableResult
    func startCampaign(
        _ numbers: [String], split: String, isPreview: Bool = false, dials: Int = 1
    ) async throws -> String {
        let session = try await server.logIn("5009")
        let made = try await server.request(
            "POST", Self.campaigns, session: session,
            json: """
                {"name":"A list","split":"\(split)","prefix":"9","type":"\(isPreview ? "PreView" : "PreOccupied")",\
                "ringSeconds":\(Self.answerSeconds),"limitSeconds":\(2 * Self.answerSeconds),\
                "dials":\(dials),"attempts":1,"retries":{"1":1}}
                """)
        guard let id = made.body?["id"]?.integer else { throw Failure(description: "\(made)") }
        let path = "\(Self.campaigns)/\(id)"
        let list = numbers.map { #"{"number":"\#($0)"}"# }.joined(separator: "\n")
        for (step, body) in [("contacts", list), ("start", nil)] {
            let answer = try await server.request("POST", "\(path)/\(step)", session: session, json: body)
            guard answer.status == 200 else { throw Failure(description: "\(step): \(answer)") }
        }
        return path
    }
}

// What a dialler does: campaigns of one contact each.
extension AsteriskScenarioBench {
    /// Sets a campaign up and running, and waits until an agent is reserved for its contact, as their desktop is told.
    func placeOutboundCall(to number: String, isPreview: Bool, dials: Int) async throws {
        let before = try await lastSerial()
        try await centre.startCampaign(
            [String(number.dropFirst())], split: "7000", isPreview: isPreview, dials: dials)
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
        let list = try await server.request("GET", AsteriskCentre.campaigns, session: session)
        for campaign in list.body?["campaigns"]?.array ?? [] where campaign["state"]?.string != "stopped" {
            guard let id = campaign["id"]?.integer else { continue }
            let answer = try await server.request("POST", "\(AsteriskCentre.campaigns)/\(id)/stop", session: session)
            guard answer.status == 200 else { throw Failure(description: "\(answer)") }
        }
    }

    /// - service: what stands behind `/api/csta/outbound/`.
    func askOutbound(_ service: String, _ session: String) async throws {
        let answer = try await server.request("POST", "/api/csta/outbound/\(service)", session: session)
        guard answer.status == 204 else { throw Failure(description: "\(service): \(answer)") }
    }
}
