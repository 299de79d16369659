import CSTA
import CallCenter

// What a dialler, and the agents who are reserved for it, ask for.
extension Dealer {
    /// Reserves somebody, for a customer who answers or cannot be had, at once or after a preview.
    mutating func ofDialler(_ site: Site) -> Deed {
        guard let agent = chance.pick(site.configuration.agents)?.id,
            let split = chance.pick(site.configuration.splits)?.id
        else { return .nothing }
        let supervisor = Requester(agent: agent, role: .supervisor)
        let reserved = site.tenant.agents.values.filter { $0.mode == .allocated }.map(\.profile.id)
            .sorted { $0.text < $1.text }
        // One who is not reserved now and then.
        let subject = chance.isOne(in: 10) ? agent : chance.pick(reserved)
        if let subject, !chance.isOne(in: 4) {
            switch chance.below(5) {
            case 0: return .asks(.release(subject), supervisor)
            case 1: return .asks(.releaseCampaign(CampaignID(Int64(chance.below(3)))), supervisor)
            case 2: return .asks(.setMode(subject, .notReady, reason: nil), supervisor)
            default: return .asks(.answerPreview(subject, isAccepted: chance.isOne(in: 2)), supervisor)
            }
        }
        let calls = (0...chance.below(3)).map { newCall("o\($0)-") }
        let order = OutboundCall(
            contact: ContactID(Int64(step)), campaign: CampaignID(Int64(chance.below(3))), calls: calls, split: split,
            number: "9139\(10 + chance.below(90))\([0, 3, 4, 4, 5, 6][chance.below(6)])",
            isPreview: chance.isOne(in: 2),
            answersItself: chance.isOne(in: 3), limitSeconds: 30 + chance.below(120), redialledAfter: [.busyNow])
        return .asks(.placeOutboundCall(order), supervisor)
    }
}
