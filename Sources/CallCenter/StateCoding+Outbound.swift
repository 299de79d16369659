import CSTA

// What an agent is reserved for, and the call that is placed for it.
extension StateCoding {
    static func encode(_ allocation: Allocation, into writer: inout JSONWriter) {
        writer.key("allocation")
        writer.beginObject()
        writer.key("order")
        encode(allocation.order, into: &writer)
        writer.member("dials", allocation.dials)
        switch allocation.phase {
        case .proposed: break
        case .dialling(let call): writer.member("dialling", call.text)
        case .pausing(let code): writer.member("failed", code.rawValue)
        }
        writer.endObject()
    }

    static func allocation(_ object: JSONObject) throws(Failure) -> Allocation {
        guard let order = object["order"]?.object else { throw Failure(field: "order") }
        var allocation = Allocation(try outboundCall(order))
        allocation.dials = min(object.count("dials") ?? 0, allocation.order.calls.count)
        if object["dialling"] != nil {
            allocation.phase = .dialling(try object.call("dialling"))
        } else if let code = object.count("failed") {
            allocation.phase = .pausing(FailedCode(rawValue: code) ?? .unknown)
        }
        return allocation
    }

    static func encode(_ tie: OutboundTie, into writer: inout JSONWriter) {
        writer.key("outbound")
        writer.beginObject()
        writer.member("agent", tie.agent.text)
        writer.member("dials", tie.dials)
        writer.key("order")
        encode(tie.order, into: &writer)
        writer.endObject()
    }

    static func tie(_ object: JSONObject) throws(Failure) -> OutboundTie {
        guard let agent = AgentID(try object.text("agent")) else { throw Failure(field: "agent") }
        guard let order = object["order"]?.object else { throw Failure(field: "order") }
        return OutboundTie(agent: agent, order: try outboundCall(order), dials: object.count("dials") ?? 1)
    }

    private static func encode(_ order: OutboundCall, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("contact")
        writer.integer(order.contact.value)
        writer.key("campaign")
        writer.integer(order.campaign.value)
        writer.key("calls")
        writer.beginArray()
        for call in order.calls { writer.string(call.text) }
        writer.endArray()
        writer.member("split", order.split.text)
        writer.member("number", order.number)
        writer.member("origin", order.originForDisplay)
        writer.key("userData")
        writer.object(order.userData.entries)
        if order.isPreview { writer.member("preview", true) }
        if order.answersItself { writer.member("answersItself", true) }
        writer.member("ringSeconds", order.ringSeconds)
        writer.member("limitSeconds", order.limitSeconds)
        writer.key("redialledAfter")
        writer.beginArray()
        for code in order.redialledAfter.sorted(by: { $0.rawValue < $1.rawValue }) {
            writer.integer(Int64(code.rawValue))
        }
        writer.endArray()
        writer.endObject()
    }

    private static func outboundCall(_ object: JSONObject) throws(Failure) -> OutboundCall {
        guard let contact = object["contact"]?.integer else { throw Failure(field: "contact") }
        guard let campaign = object["campaign"]?.integer else { throw Failure(field: "campaign") }
        let calls = (object["calls"]?.array ?? []).compactMap { $0.string.flatMap { CallID($0) } }
        guard !calls.isEmpty else { throw Failure(field: "calls") }
        guard let userData = object["userData"]?.object.flatMap(UserData.init) else { throw Failure(field: "userData") }
        var order = OutboundCall(
            contact: ContactID(contact), campaign: CampaignID(campaign), calls: calls,
            split: try object.device("split"), number: try object.text("number"), userData: userData)
        order.originForDisplay = object["origin"]?.string
        order.isPreview = object["preview"]?.bool ?? false
        order.answersItself = object["answersItself"]?.bool ?? false
        order.ringSeconds = object.count("ringSeconds") ?? order.ringSeconds
        order.limitSeconds = object.count("limitSeconds") ?? order.limitSeconds
        let codes = (object["redialledAfter"]?.array ?? []).compactMap { $0.integer.flatMap { Int(exactly: $0) } }
        order.redialledAfter = Set(codes.compactMap { FailedCode(rawValue: $0) })
        return order
    }
}
