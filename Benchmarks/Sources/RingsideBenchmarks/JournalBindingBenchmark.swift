import Foundation
import GRDB
import GRDBSQLite

/// What binding costs: a row an event, through GRDB's arguments and by SQLite's own calls, a thousand a transaction.
func journalBindingBenchmark() async throws {
    printHeader(["binding", "events/s", "CPU µs/event"])
    let events = 200_000
    for isRaw in [false, true] {
        try await withTemporaryDirectory { directory in
            let queue = try DatabaseQueue(path: directory.appendingPathComponent("trial.sqlite").path)
            try await queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
                try db.execute(
                    sql: """
                        CREATE TABLE event (
                            id INTEGER PRIMARY KEY, agent TEXT, device TEXT, name TEXT, call TEXT, timestamp INTEGER,
                            json BLOB)
                        """)
            }
            let taken = try await Measurement.of {
                for first in stride(from: 1, through: events, by: 1000) {
                    try await queue.write { db in
                        let statement = try db.cachedStatement(sql: "INSERT INTO event VALUES (?,?,?,?,?,?,?)")
                        for serial in Int64(first)..<Int64(first) + 1000 {
                            if isRaw { insertRaw(statement, serial) } else { try insert(statement, serial) }
                        }
                    }
                }
            }
            let stored = try await queue.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM event") }
            guard stored == events else { return print("stored \(stored ?? 0) events instead of \(events)") }
            printRow([isRaw ? "raw" : "GRDB's arguments", taken.perSecond(events), taken.cpuMicroseconds(each: events)])
        }
    }
}

private let agent = "50001@demo.cc"
private let device = "80001@demo.cc"
private let call = "7b2c1f4e-9a3d-4c55-8f00-1234567890ab"
private let json = [UInt8](repeating: 120, count: 420)

private func insert(_ statement: Statement, _ serial: Int64) throws {
    try statement.execute(arguments: [serial, agent, device, "established", call, serial, Data(json)])
}

private func insertRaw(_ statement: Statement, _ serial: Int64) {
    let pointer = statement.sqliteStatement
    let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    sqlite3_bind_int64(pointer, 1, serial)
    sqlite3_bind_text(pointer, 2, agent, -1, copied)
    sqlite3_bind_text(pointer, 3, device, -1, copied)
    sqlite3_bind_text(pointer, 4, "established", -1, copied)
    sqlite3_bind_text(pointer, 5, call, -1, copied)
    sqlite3_bind_int64(pointer, 6, serial)
    json.withUnsafeBytes { bytes in
        sqlite3_bind_blob(pointer, 7, bytes.baseAddress, Int32(bytes.count), nil)
        sqlite3_step(pointer)
    }
    sqlite3_reset(pointer)
}
