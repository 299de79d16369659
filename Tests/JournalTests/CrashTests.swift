import CSTA
import CallCenter
import Foundation
import RingsideTesting
import Testing

@testable import Journal

@Suite("Crashes")
struct CrashTests {
    static let tenants = 4

    /// Kills a process that appends, ten times at moments that depend on the seed, and each time looks at what is left.
    @Test(
        "Killed at any moment, nothing that was confirmed is lost and nothing is stored in part",
        arguments: [20_240_506] as [UInt64])
    func kill(seed: UInt64) async throws {
        try await withDirectory { directory in
            var random = SeededGenerator(seed: seed)
            var confirmed: [String: Int64] = [:]
            for round in 1...10 {
                let lines = Int.random(in: 1...1500, using: &random)
                let printed = try await Self.runAndKill(directory, afterLines: lines)
                for line in printed {
                    let parts = line.split(separator: " ")
                    let serial = try #require(parts.count == 2 ? Int64(parts[1]) : nil, "seed \(seed): \(line)")
                    let tenant = String(parts[0])
                    // A killed process may have stored what it did not get to confirm, so each round begins anew.
                    confirmed[tenant] = max(confirmed[tenant] ?? 0, serial)
                }
                let journal = try open(directory)
                for index in 0..<Self.tenants {
                    let name = "tenant\(index).cc"
                    try await Self.check(
                        journal, namespace(name), confirmed: confirmed[name] ?? 0, "seed \(seed), round \(round)")
                }
                try await journal.close()
            }
            #expect(confirmed.count == Self.tenants)
        }
    }

    private static func check(
        _ journal: SQLiteJournal, _ tenant: Namespace, confirmed: Int64, _ context: Comment
    ) async throws {
        let state = try await journal.load(tenant)
        let last = state.lastSerial.value
        #expect(last >= confirmed, context)
        guard last > 0 else { return }
        #expect(
            state.entries == [entry("call:\(last)", "\(last)"), entry("tenant", "\(last)")], context)
        let events = try await journal.all(in: tenant)
        #expect(events.map(\.serial.value) == Array(1...last), context)
        #expect(events.allSatisfy { $0.json == Array(#"{"serial":\#($0.serial.value)}"#.utf8) }, context)
        let quarters = try await journal.splitQuarters(
            of: device(8001, in: tenant), in: tenant, from: Instant(milliseconds: 0), to: Instant(milliseconds: .max))
        #expect(quarters.reduce(0) { $0 + $1.counts.entered } == Int(last), context)
        let filter = EventFilter(agent: agent(5001, in: tenant))
        #expect(
            try await journal.all(filter, in: tenant).map(\.serial.value) == (1...last).filter { $0 % 2 == 0 }, context)
    }

    /// - Returns: the whole lines that the process wrote before it was gone.
    private static func runAndKill(_ directory: String, afterLines count: Int) async throws -> [Substring] {
        let process = Process()
        let program: URL = try #require(writer)
        process.executableURL = program
        process.arguments = [directory, "\(tenants)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var text = Data()
        var lines = 0
        while lines < count {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            text += data
            lines += data.count { $0 == UInt8(ascii: "\n") }
        }
        #expect(throws: JournalOpenError.inUse(path: directory + "/" + Schema.fileName)) { try open(directory) }
        Foundation.kill(process.processIdentifier, SIGKILL)
        text += output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        let whole = String(decoding: text, as: UTF8.self)
        let end = whole.lastIndex(of: "\n") ?? whole.startIndex
        return whole[..<end].split(separator: "\n")
    }

    /// The program that is killed; it is built beside the tests.
    private static var writer: URL? {
        let bundles = Bundle.allBundles.filter { $0.bundlePath.hasSuffix(".xctest") }.map(\.bundleURL)
        let program = URL(fileURLWithPath: CommandLine.arguments[0])
        return (bundles + [program])
            .map { $0.deletingLastPathComponent().appendingPathComponent("JournalCrashWriter") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }
}
