import CSTA
import SwitchDriver
import Testing

/// What legs, mixes and recordings must be, kept from commands and events alone.
struct Shadow {
    /// The mix of each live leg.
    var legs: [LegID: MixID?] = [:]
    /// The mix into which a leg comes when it answers.
    var awaiting: [LegID: MixID] = [:]
    /// Dialled and not answered.
    var dialled: Set<LegID> = []
    var offered: Set<LegID> = []
    /// Recordings that are to begin, or have begun, with whether that was told.
    var recordings: [RecordingID: Bool] = [:]
    var recorded = 0
    var began = 0
    var ended = 0

    mutating func begin(_ leg: LegID, awaiting mix: MixID?) {
        legs[leg] = .some(nil)
        awaiting[leg] = mix
        began += 1
    }

    mutating func hear(_ event: SwitchEvent) {
        switch event {
        case .legOffered(let offer):
            #expect(offered.insert(offer.leg).inserted, "\(offer.leg) was offered twice")
            begin(offer.leg, awaiting: nil)
        case .legRinging(let leg), .legHeld(let leg), .legRetrieved(let leg):
            #expect(legs[leg] != nil, "\(event) of no leg")
        case .legAnswered(let leg):
            #expect(legs[leg] != nil, "\(event) of no leg")
            dialled.remove(leg)
            if let mix = awaiting.removeValue(forKey: leg) { legs[leg] = mix }
        case .legConnected(let leg, let mix):
            #expect(legs[leg] != nil, "\(event) of no leg")
            legs[leg] = dialled.contains(leg) ? .some(nil) : mix
            awaiting[leg] = dialled.contains(leg) ? mix : nil
        case .legTakenOut(let leg):
            #expect(legs[leg] != nil, "\(event) of no leg")
            legs[leg] = .some(nil)
            awaiting[leg] = nil
        case .legEnded(let leg, _):
            #expect(legs.removeValue(forKey: leg) != nil, "\(leg) ended without a life")
            awaiting[leg] = nil
            dialled.remove(leg)
            ended += 1
        case .transferRequested(let request): #expect(legs[request.leg] != nil, "\(event) of no leg")
        case .recordingStarted(let recording):
            #expect(recordings[recording] == false, "\(event) of none that is to begin")
            recordings[recording] = true
        case .recordingEnded(let recording, let isSuccess):
            let wasStarted = recordings.removeValue(forKey: recording)
            #expect(!isSuccess || wasStarted == true, "\(event) of none that has begun")
            if isSuccess { recorded += 1 }
        case .commandRefused, .deviceRegistered, .deviceUnregistered: break
        case .linkDown, .linkUp: Issue.record("a machine has no link")
        }
    }

    mutating func endMix(_ mix: MixID) {
        for (leg, other) in legs where other == mix { legs[leg] = .some(nil) }
        for (leg, other) in awaiting where other == mix { awaiting[leg] = nil }
    }

    func members(of mix: MixID) -> Set<LegID> { Set(legs.filter { $0.value == mix }.keys) }
}
