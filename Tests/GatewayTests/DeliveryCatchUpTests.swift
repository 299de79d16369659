import CSTA
import CallCenter
import RingsideTesting
import Testing

@testable import Gateway

/// ``CatchUp`` against a model: a journal that is ahead of the publishing, which is ahead of the subscriber.
@Suite("Catching up")
struct DeliveryCatchUpTests {
    @Test func withoutASerialItIsLive() throws {
        var catchUp = CatchUp(after: nil)
        #expect(catchUp.isLive)
        let isWritten = catchUp.receive(try event(1), capturingAtMost: 0)
        #expect(isWritten)
    }

    @Test func atTheEdgeNothingIsRead() {
        var catchUp = CatchUp(after: Serial(7))
        #expect(catchUp.begin(edge: Serial(7)) == .live)
        #expect(catchUp.isLive)
    }

    @Test func pastTheEdgeTheJournalIsAsked() {
        var catchUp = CatchUp(after: Serial(8))
        #expect(catchUp.begin(edge: Serial(7)) == .read(after: Serial(8)))
    }

    @Test func withoutAnEdgeThereMustBeNothingMore() {
        var catchUp = CatchUp(after: Serial(3))
        _ = catchUp.begin(edge: nil)
        guard case .readOn = catchUp.arrived(through: Serial(9), isEmpty: true) else { return #expect(Bool(false)) }
        _ = catchUp.begin(edge: nil)
        guard case .live = catchUp.arrived(through: Serial(9), isEmpty: true) else { return #expect(Bool(false)) }
    }

    @Test func aJournalThatLacksWhatWasPublished() {
        var catchUp = CatchUp(after: Serial(3))
        _ = catchUp.begin(edge: Serial(9))
        guard case .stuck = catchUp.arrived(through: Serial(3), isEmpty: true) else { return #expect(Bool(false)) }
    }

    /// One subscriber that wants every third event, any interleaving of storing, publishing, reading.
    @Test(arguments: UInt64(0)..<300)
    func everyInterleavingGivesAllOnce(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let after = Int64.random(in: 0...5, using: &random)
        let pageEvents = Int.random(in: 1...4, using: &random)
        let capturedEvents = Int.random(in: 0...6, using: &random)
        var stored = Int64(5)
        var published = Int64.random(in: 0...5, using: &random)
        var edge = Bool.random(using: &random) ? Serial(published) : nil
        var page: (written: [Int64], through: Int64)?
        var catchUp = CatchUp(after: Serial(after))
        var got: [Int64] = []

        func take(_ arrival: CatchUp.Arrival) {
            switch arrival {
            case .live(let captured): got += captured.map(\.serial.value)
            case .readOn: break
            case .stuck: Issue.record("seed \(seed): stuck")
            }
        }
        for step in 0..<1_200 {
            // In the end everything that is stored gets published, and the reading comes to its end.
            let isEnding = step > 300
            switch Int.random(in: isEnding ? 1...3 : 0...3, using: &random) {
            case 0: stored += 1
            case 1 where published < stored:
                published += 1
                edge = Serial(published)
                guard published % 3 == 0 else { break }
                if catchUp.receive(try event(published), capturingAtMost: capturedEvents) { got.append(published) }
            case 2 where catchUp.isWanting && page == nil:
                guard case .read(let cursor) = catchUp.begin(edge: edge) else { break }
                let matching = (cursor.value + 1..<stored + 1).filter { $0 % 3 == 0 }.prefix(pageEvents)
                page = (Array(matching), matching.count == pageEvents ? matching.last ?? stored : stored)
            case 3:
                guard let (written, through) = page else { break }
                page = nil
                got += written
                take(catchUp.arrived(through: Serial(max(through, catchUp.through.value)), isEmpty: written.isEmpty))
            default: break
            }
        }
        #expect(catchUp.isLive, "seed \(seed)")
        #expect(got == (after + 1...stored).filter { $0 % 3 == 0 }, "seed \(seed)")
    }

    private func event(_ serial: Int64) throws -> OutgoingEvent {
        let namespace = try #require(Namespace("test.cc"))
        let device = try #require(DeviceID("8001", in: namespace))
        return OutgoingEvent(
            EncodedEvent(
                serial: Serial(serial), name: "held", device: device, agent: nil, call: nil, timestamp: 0, json: []),
            withStreamText: false)
    }
}
