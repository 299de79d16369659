import CSTA
import CallCenter
import Foundation
import Testing

@testable import Journal

/// A disk that is really full. Needs a small file system, 16 to 64 MiB, whose path is given in the environment:
/// `mount -t tmpfs -o size=32m none DIRECTORY`.
@Suite(
    "A file system without room",
    .enabled(if: ProcessInfo.processInfo.environment["RINGSIDE_SMALL_FILE_SYSTEM"] != nil))
struct FullDiskTests {
    @Test("Appends fail clearly, nothing is lost, and with room again they go on")
    func fullDisk() async throws {
        let root = try #require(ProcessInfo.processInfo.environment["RINGSIDE_SMALL_FILE_SYSTEM"])
        let ballast = URL(fileURLWithPath: root + "/ballast")
        let directory = root + "/journal"
        defer {
            try? FileManager.default.removeItem(at: ballast)
            try? FileManager.default.removeItem(atPath: directory)
        }
        try Data(repeating: 1, count: 8 << 20).write(to: ballast)
        let journal = try open(directory)
        var last: Int64 = 0
        func next() -> JournalBatch { batch(last + 1...last + 500, state: [entry("tenant", "\(last + 500)")]) }
        var failure: JournalError?
        while failure == nil, last < 1_000_000 {
            do throws(JournalError) {
                try await journal.append(next())
                last += 500
            } catch {
                failure = error
            }
        }
        guard case .noSpace = failure else {
            Issue.record("\(String(describing: failure)) after \(last) events")
            return
        }
        #expect(last > 0)
        #expect(try await journal.load(demo).lastSerial == Serial(last))
        #expect(try await journal.load(demo).entries == [entry("tenant", "\(last)")])

        try FileManager.default.removeItem(at: ballast)
        for _ in 0..<3 {
            try await journal.append(next())
            last += 500
        }
        #expect(try await journal.serials() == Array(1...last))
        try await journal.close()
        let again = try open(directory)
        #expect(try await again.load(demo).lastSerial == Serial(last))
        try await again.close()
    }
}
