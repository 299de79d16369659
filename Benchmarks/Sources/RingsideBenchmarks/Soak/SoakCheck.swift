import CSTA
import CallCenter
import Foundation
import Journal
import Logging

/// What the journal says each client should have got, beside what it has got.
struct SoakCheck {
    private(set) var stored = 0
    /// Serials of the namespace that are not there, though a later one is (E5).
    private(set) var gaps = 0
    private(set) var lost = 0
    /// Got twice, out of order, or somebody else's.
    private(set) var wrong = 0

    private static let pageEvents = 10_000

    /// - Parameter received: the serials of each client, in the order in which they came.
    init(journal folder: String, received: [[Int64]]) async throws {
        guard let namespace = Namespace(SoakPlan.namespace) else { throw BenchmarkFailure("namespace") }
        let logger = Logger(label: "soak-check") { _ in SwiftLogNoOpLogHandler() }
        let journal = try SQLiteJournal(JournalConfiguration(directory: folder), logger: logger)
        var expected: [String: [Int64]] = [:]
        let last = try await journal.load(namespace).lastSerial
        var serial = Serial(0)
        while serial < last {
            let page = try await journal.events(
                in: namespace, after: serial, matching: EventFilter(), limit: Self.pageEvents)
            for event in page.events {
                stored += 1
                if let agent = event.agent { expected[String(agent.number), default: []].append(event.serial.value) }
            }
            serial = page.through
        }
        try await journal.close()
        gaps = Int(last.value) - stored
        for (index, serials) in received.enumerated() {
            let wanted = expected[SoakPlan.agent(index)] ?? []
            guard wanted != serials else { continue }
            let missing = Set(wanted).subtracting(serials).count
            lost += missing
            wrong += max(1 - missing, serials.count + missing - wanted.count)
        }
    }
}
