import CSTA
import CallCenter
import RingsideTesting
import SwitchDriver

/// A switch of the simplest kind for random runs: legs with a state, which answer commands some time later.
struct ModelSwitch {
    enum LegState { case dialling, ringing, offered, up }

    private(set) var legs: [LegID: LegState] = [:]
    /// Events on their way; those of one leg keep their order.
    private(set) var underWay: [SwitchEvent] = []
    private(set) var registered: Set<DeviceID>
    private var nextLeg = 0
    private(set) var ended = 0
    private(set) var problems: [String] = []

    init(registered: Set<DeviceID>) { self.registered = registered }

    var snapshot: SwitchSnapshot {
        SwitchSnapshot(
            legs: legs.mapValues { $0 == .up ? .up : $0 == .ringing ? .ringing : .pending }, registered: registered)
    }

    mutating func execute(_ command: SwitchCommand, using random: inout SeededGenerator) {
        switch command {
        case .dial(let request):
            if legs[request.leg] != nil { problems.append("\(request.leg) was dialled twice") }
            legs[request.leg] = .dialling
            switch Int.random(in: 0..<10, using: &random) {
            case 0: end(request.leg, [.userBusy, .callRejected, .unallocatedNumber].randomElement(using: &random))
            case 1: answer(request.leg)
            default: ring(request.leg)
            }
        case .answer(let leg):
            guard legs[leg] != nil else { return refuse(leg) }
            if Int.random(in: 0..<20, using: &random) == 0 { refuse(leg) } else { answer(leg) }
        case .connect(let leg, let mix, _):
            guard legs[leg] != nil else { return refuse(leg) }
            underWay.append(.legConnected(leg, mix: mix))
        case .takeOut(let leg):
            if legs[leg] == .up, Int.random(in: 0..<20, using: &random) > 0 {
                underWay.append(.legTakenOut(leg))
            } else {
                refuse(leg)
            }
        case .hangUp(let leg, let cause):
            if legs[leg] != nil { end(leg, cause) }
        case .retrieveAtPhone(let leg): underWay.append(.legRetrieved(leg))
        default: break
        }
    }

    mutating func offer(_ origin: OfferedLeg.Origin, dialled: String) {
        nextLeg += 1
        let leg = LegID("offered-\(nextLeg)")
        legs[leg] = .offered
        underWay.append(.legOffered(OfferedLeg(leg: leg, origin: origin, dialled: dialled)))
    }

    /// Somebody at a phone or in the network does something to a leg.
    mutating func meddle(using random: inout SeededGenerator) {
        guard let leg = legs.keys.min(by: { hash($0, random) < hash($1, random) }) else { return }
        _ = random.next()
        switch (legs[leg], Int.random(in: 0..<6, using: &random)) {
        case (.ringing, 0...3): answer(leg)
        case (.ringing, _): end(leg, .callRejected)
        case (.up, 0): end(leg, .normalClearing)
        case (.up, 1): underWay.append(.legHeld(leg))
        case (.up, 2): underWay.append(.legRetrieved(leg))
        case (.offered, 0): end(leg, .originatorCancel)
        default: break
        }
    }

    /// Takes an event off the way: mostly the first, sometimes a copy that stays.
    mutating func next(using random: inout SeededGenerator) -> SwitchEvent? {
        guard !underWay.isEmpty else { return nil }
        return Int.random(in: 0..<30, using: &random) == 0 ? underWay[0] : underWay.removeFirst()
    }

    mutating func loseEvents() { underWay = [] }

    private func hash(_ leg: LegID, _ random: SeededGenerator) -> UInt64 {
        var generator = random
        return leg.text.utf8.reduce(generator.next()) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private mutating func ring(_ leg: LegID) {
        legs[leg] = .ringing
        underWay.append(.legRinging(leg))
    }

    private mutating func answer(_ leg: LegID) {
        legs[leg] = .up
        underWay.append(.legAnswered(leg))
    }

    private mutating func end(_ leg: LegID, _ cause: HangupCause?) {
        legs[leg] = nil
        ended += 1
        underWay.append(.legEnded(leg, cause: cause ?? .normalClearing))
    }

    private mutating func refuse(_ leg: LegID) { underWay.append(.commandRefused(leg)) }
}
