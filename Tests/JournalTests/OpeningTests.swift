import CSTA
import CallCenter
import Foundation
import GRDB
import Testing

@testable import Journal

@Suite("Opening")
struct OpeningTests {
    @Test("A restart finds the same events and state", arguments: JournalConfiguration.Durability.allCases)
    func restart(durability: JournalConfiguration.Durability) async throws {
        try await withDirectory { directory in
            var journal = try open(directory) { $0.durability = durability }
            try await journal.append(batch(1...1500, state: [entry("tenant", "1500"), entry("call:1", "x")]))
            let (state, events) = (try await journal.load(demo), try await journal.all())
            try await journal.close()
            journal = try open(directory) { $0.durability = durability }
            #expect(try await journal.load(demo) == state)
            #expect(try await journal.all() == events)
            try await journal.append(batch(1501...1502))
            #expect(try await journal.load(demo).lastSerial == Serial(1502))
            try await journal.close()
        }
    }

    @Test(
        "The durability is what SQLite is told",
        arguments: [(JournalConfiguration.Durability.fsync, 2), (.operatingSystem, 1)])
    func durability(durability: JournalConfiguration.Durability, synchronous: Int) async throws {
        try await withJournal({ $0.durability = durability }) { journal in
            let settings = try await journal.pool.writeWithoutTransaction { db in
                try ["synchronous", "journal_mode", "page_size"].map { name in
                    try String.fetchOne(db, sql: "PRAGMA \(name)") ?? ""
                }
            }
            #expect(settings == ["\(synchronous)", "wal", "\(Schema.pageBytes)"])
        }
    }

    @Test("A second journal on the same directory is refused until the first is closed")
    func second() async throws {
        try await withDirectory { directory in
            let journal = try open(directory)
            #expect(throws: JournalOpenError.inUse(path: journal.path)) { try open(directory) }
            try await journal.append(batch(1...1))
            try await journal.close()
            let next = try open(directory)
            #expect(try await next.serials() == [1])
            try await next.close()
        }
    }

    @Test("A journal of a newer version is refused, and is still there for that version")
    func newerSchema() async throws {
        try await withDirectory { directory in
            var journal = try open(directory)
            try await journal.append(batch(1...1))
            let name = "call detail records"
            try await journal.pool.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations VALUES (?)", arguments: [name])
            }
            try await journal.close()
            let error = #expect(throws: JournalOpenError.newerSchema(path: journal.path, unknown: [name])) {
                try open(directory)
            }
            #expect(error?.description.contains("newer version") == true)
            try await DatabaseQueue(path: journal.path).write { db in
                try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = ?", arguments: [name])
            }
            journal = try open(directory)
            #expect(try await journal.serials() == [1])
            try await journal.close()
        }
    }

    @Test("A file that is no database is refused and left as it is")
    func notADatabase() async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let path = directory + "/" + Schema.fileName
            let content = Data(repeating: 0x2A, count: 50_000)
            try content.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: JournalOpenError.self) { try open(directory) }
            guard case .corrupt = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(error?.description.contains("backup") == true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)
        }
    }

    @Test("A file that was cut off is refused", arguments: [0.25, 0.5, 0.9])
    func truncated(fraction: Double) async throws {
        try await withDirectory { directory in
            let journal = try open(directory)
            try await journal.append(batch(1...5000, state: [entry("tenant", "x")]))
            try await journal.close()
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: journal.path))
            let size = try file.seekToEnd()
            try file.truncate(atOffset: UInt64(Double(size) * fraction))
            try file.close()
            let error = #expect(throws: JournalOpenError.self) { try open(directory) }
            guard case .corrupt = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("Events that are missing at the end are noticed when the journal is opened")
    func contradiction() async throws {
        try await withDirectory { directory in
            let journal = try open(directory)
            try await journal.append(batch(1...10))
            try await journal.pool.write { db in
                try db.execute(sql: "DELETE FROM event WHERE id = (SELECT max(id) FROM event)")
            }
            try await journal.close()
            let error = #expect(throws: JournalOpenError.self) { try open(directory) }
            #expect(error?.description.contains("end at serial 9 instead of 10") == true)
        }
    }

    @Test("A directory that cannot be made")
    func noDirectory() async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let file = directory + "/file"
            try Data().write(to: URL(fileURLWithPath: file))
            let error = #expect(throws: JournalOpenError.self) { try open(file + "/journal") }
            guard case .unavailable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
