import CSTA
import CallCenter
import Foundation
import Gateway
import Journal
import Logging
import RingsideTesting
import Testing

@testable import RingsideServer

@Suite("Recordings are deleted when their time is over")
struct RecordingRetentionTests {
    private static let day: Int64 = 24 * 3600 * 1000

    /// A journal and a folder with one recording a day of a tenant.
    private struct Shelf {
        let journal: SQLiteJournal
        let root: URL
        let namespace: Namespace

        init(in folder: URL, recordings: Int) async throws {
            journal = try SQLiteJournal(
                JournalConfiguration(directory: folder.path()),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            root = folder.appending(path: "recordings")
            namespace = try #require(Namespace("demo.cc"))
            let device = try #require(DeviceID("8001", in: namespace))
            var events: [EncodedEvent] = []
            var writer = JSONWriter()
            for number in 1...recordings {
                let call = try #require(CallID("c-\(number)"))
                let timestamp = Int64(number) * RecordingRetentionTests.day
                let event = Event(
                    time: LocalTime(milliseconds: timestamp, offsetSeconds: 0), timestamp: timestamp,
                    serial: Serial(Int64(number)), namespace: namespace,
                    body: .recording(
                        RecordingEvent(
                            device: device, recording: "c-\(number)-r1", isSuccess: true,
                            detail: .started(call: call, fileName: "/spool/\(Self.path(number))"))))
                events.append(
                    EncodedEvent(EventCopy(event: event, device: device, agent: nil, call: call), writer: &writer))
                try write(number)
            }
            try await journal.append(
                JournalBatch(
                    namespace: namespace, events: events, state: [], lastSerial: Serial(Int64(recordings))))
        }

        static func path(_ number: Int) -> String { "demo.cc/2026/\(1000 + number)/8001@demo.cc/\(number).wav" }

        func url(_ number: Int) -> URL { root.appending(path: Self.path(number)) }

        func write(_ number: Int) throws {
            try FileManager.default.createDirectory(
                at: url(number).deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("sound".utf8).write(to: url(number))
        }

        func exists(_ number: Int) -> Bool { FileManager.default.fileExists(atPath: url(number).path()) }

        func retention(keepDays: Int, root: URL? = nil) -> RecordingRetention {
            RecordingRetention(
                keepDays: { [namespace] in [namespace: keepDays] }, index: journal,
                folder: RecordingFolder(root: (root ?? self.root).path()),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }

        var ids: [String] {
            get async throws {
                try await journal.recordings(in: namespace, matching: RecordingFilter(), after: nil, limit: 1000)
                    .recordings.map(\.id)
            }
        }
    }

    private func withShelf(_ recordings: Int, _ body: (Shelf) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let shelf = try await Shelf(in: folder.url, recordings: recordings)
        try await body(shelf)
        try await shelf.journal.close()
    }

    private func after(_ days: Int) -> Instant { Instant(milliseconds: Int64(days) * Self.day) }

    @Test("exactly those, with their files and empty folders; a file that is gone does not matter")
    func age() async throws {
        try await withShelf(6) { shelf in
            try FileManager.default.removeItem(at: shelf.url(2))
            let retention = shelf.retention(keepDays: 3)
            #expect(await retention.round(now: after(4)) == 0)
            #expect(await retention.round(now: after(7)) == 3)
            #expect(try await shelf.ids == ["c-4-r1", "c-5-r1", "c-6-r1"])
            #expect((1...6).map(shelf.exists) == [false, false, false, true, true, true])
            #expect(!FileManager.default.fileExists(atPath: shelf.root.appending(path: "demo.cc/2026/1001").path()))
            #expect(await retention.round(now: after(7)) == 0)
        }
    }

    @Test("but none while their folder is not there, and none outside it")
    func safety() async throws {
        try await withShelf(3) { shelf in
            let nowhere = shelf.retention(keepDays: 1, root: shelf.root.appending(path: "nowhere"))
            #expect(await nowhere.round(now: after(99)) == 0)
            #expect(try await shelf.ids.count == 3)
            // The second one's folder leads out.
            let outside = shelf.root.deletingLastPathComponent().appending(path: "outside")
            let linked = shelf.root.appending(path: "demo.cc/2026/1002")
            try FileManager.default.moveItem(at: linked, to: outside)
            try FileManager.default.createSymbolicLink(at: linked, withDestinationURL: outside)
            let retention = shelf.retention(keepDays: 1)
            #expect(await retention.round(now: after(99)) == 2)
            #expect(try await shelf.ids == ["c-2-r1"])
            #expect(FileManager.default.fileExists(atPath: outside.appending(path: "8001@demo.cc/2.wav").path()))
        }
    }

    @Test("a bounded number a round, and what cannot be deleted holds nothing up")
    func bounds() async throws {
        let count = RecordingRetention.recordingsPerRound + 20
        try await withShelf(count) { shelf in
            // A folder instead of a file cannot be deleted as one.
            for number in 1...10 {
                try FileManager.default.removeItem(at: shelf.url(number))
                try FileManager.default.createDirectory(at: shelf.url(number), withIntermediateDirectories: true)
            }
            let retention = shelf.retention(keepDays: 1)
            #expect(await retention.round(now: after(9999)) == RecordingRetention.recordingsPerRound - 10)
            #expect(await retention.round(now: after(9999)) == 20)
            #expect(try await shelf.ids.count == 10)
            for number in 1...10 {
                try FileManager.default.removeItem(at: shelf.url(number))
                try shelf.write(number)
            }
            #expect(await retention.round(now: after(9999)) == 10)
            #expect(try await shelf.ids.isEmpty)
        }
    }
}
