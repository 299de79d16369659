import Testing

@testable import SandboxSwitch

@Suite("The agenda")
struct AgendaTests {
    @Test("Gives back in the order of the times, and of adding", arguments: [1, 2, 3] as [UInt64])
    func order(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        var agenda = Agenda<Int>()
        var added: [(time: Int64, item: Int)] = []
        for item in 0..<1000 {
            let time = Int64.random(in: 0..<100, using: &chance)
            agenda.add(item, at: time)
            added.append((time, item))
        }
        agenda.keep { !$0.item.isMultiple(of: 3) }
        added.removeAll { $0.item.isMultiple(of: 3) }
        #expect(agenda.count == added.count)
        var taken: [Int] = []
        for time in Int64(0)..<100 {
            #expect(agenda.firstMilliseconds.map { $0 >= time } ?? true)
            while let entry = agenda.takeDue(at: time) { taken.append(entry.item) }
        }
        #expect(taken == added.sorted { ($0.time, $0.item) < ($1.time, $1.item) }.map(\.item))
        #expect(agenda.firstMilliseconds == nil)
    }
}
