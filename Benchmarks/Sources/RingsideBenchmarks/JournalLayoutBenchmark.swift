import Foundation
import GRDBSQLite

/// Ways to lay events out in SQLite, with nothing of the journal around them: the figures of the decision record.
func journalLayoutBenchmark() async throws {
    let text = "agent TEXT, device TEXT NOT NULL, name TEXT NOT NULL, call TEXT, timestamp INTEGER, json BLOB NOT NULL"
    let event = "CREATE TABLE event (id INTEGER PRIMARY KEY, \(text))"
    let block = "CREATE TABLE event (id INTEGER PRIMARY KEY, events BLOB NOT NULL)"
    let sealed = "CREATE TABLE segment (id INTEGER PRIMARY KEY, keys BLOB NOT NULL)"
    let byAgent = ["CREATE INDEX a ON event (agent)", "CREATE INDEX d ON event (device)"]
    let bySegment = ["CREATE INDEX a ON event (id >> 10, agent)", "CREATE INDEX d ON event (id >> 10, device)"]
    let layouts = [
        Layout(name: "row an event, no index", pageBytes: 4096, schema: [event]),
        Layout(name: "row an event, no index", pageBytes: 8192, schema: [event]),
        Layout(name: "row an event, indexes on agent and on device", pageBytes: 8192, schema: [event] + byAgent),
        Layout(name: "row an event, the same behind id >> 10", pageBytes: 8192, schema: [event] + bySegment),
        Layout(
            name: "row an event, a segment's index sealed", pageBytes: 4096, schema: [event, sealed], isSealed: true),
        Layout(
            name: "row an event, a segment's index sealed", pageBytes: 8192, schema: [event, sealed], isSealed: true),
        Layout(
            name: "row an event, a segment's index sealed", pageBytes: 16384, schema: [event, sealed], isSealed: true),
        Layout(name: "row a batch, no index", pageBytes: 8192, schema: [block], isBlock: true),
    ]
    printHeader(["layout", "page", "events a transaction", "events/s", "CPU µs/event", "bytes/event"])
    for batch in [10, 100, 1000] {
        for layout in layouts {
            try await withTemporaryDirectory { directory in
                let trial = try LayoutTrial(layout, path: directory.appendingPathComponent("trial.sqlite").path)
                let events = batch < 100 ? 50_000 : 300_000
                let taken = try await Measurement.of { try trial.run(events: events, batch: batch) }
                printRow([
                    layout.name, "\(layout.pageBytes)", "\(batch)", taken.perSecond(events),
                    taken.cpuMicroseconds(each: events), "\(try trial.finish() / events)",
                ])
            }
        }
    }
}

private struct Layout {
    var name: String
    var pageBytes: Int
    var schema: [String]
    /// A row holds all events of a transaction.
    var isBlock = false
    /// Each 1024 events are read back and indexed in one blob.
    var isSealed = false
}

private final class LayoutTrial {
    struct Failure: Error { var message: String }

    private let layout: Layout
    private let path: String
    private var db: OpaquePointer?
    private var insert: OpaquePointer?
    private var readBack: OpaquePointer?
    private var seal: OpaquePointer?
    private let agents = (0..<10_000).map { "\(50_000 + $0)@demo.cc" }
    private let devices = (0..<10_000).map { "\(80_000 + $0)@demo.cc" }
    private let json = [UInt8](repeating: 120, count: 420)
    private let call = "7b2c1f4e-9a3d-4c55-8f00-1234567890ab"

    init(_ layout: Layout, path: String) throws {
        self.layout = layout
        self.path = path
        sqlite3_open(path, &db)
        try execute("PRAGMA page_size = \(layout.pageBytes)")
        for setting in ["journal_mode = WAL", "synchronous = FULL", "secure_delete = FAST", "cache_size = -16384"] {
            try execute("PRAGMA \(setting)")
        }
        try execute("PRAGMA wal_autocheckpoint = \((16 << 20) / layout.pageBytes)")
        for sql in layout.schema { try execute(sql) }
        insert = try prepare("INSERT INTO event VALUES (?,?\(layout.isBlock ? "" : ",?,?,?,?,?"))")
        if layout.isSealed {
            readBack = try prepare("SELECT id, agent, device FROM event WHERE id BETWEEN ? AND ?")
            seal = try prepare("INSERT INTO segment VALUES (?,?)")
        }
    }

    func run(events: Int, batch: Int) throws {
        for first in stride(from: 1, through: events, by: batch) {
            try execute("BEGIN IMMEDIATE")
            let serials = first..<first + batch
            if layout.isBlock { try addBlock(serials) } else { for serial in serials { try add(serial) } }
            try execute("COMMIT")
        }
    }

    /// Closes the file and returns its bytes.
    func finish() throws -> Int {
        try execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for statement in [insert, readBack, seal] { sqlite3_finalize(statement) }
        sqlite3_close(db)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.size] as? NSNumber)?.intValue ?? 0
    }

    private func add(_ serial: Int) throws {
        let who = serial &* 7919 % agents.count
        sqlite3_bind_int64(insert, 1, Int64(serial))
        bind(agents[who], 2)
        bind(devices[who], 3)
        bind("established", 4)
        bind(call, 5)
        sqlite3_bind_int64(insert, 6, Int64(serial))
        try run(insert, json, 7)
        if layout.isSealed, serial % 1024 == 1023 { try sealSegment(endingAt: serial) }
    }

    private func addBlock(_ serials: Range<Int>) throws {
        var bytes: [UInt8] = []
        for serial in serials {
            let who = serial &* 7919 % agents.count
            for text in [agents[who], devices[who], "established", call] { bytes.append(contentsOf: text.utf8) }
            bytes.append(contentsOf: json)
        }
        sqlite3_bind_int64(insert, 1, Int64(serials.lowerBound))
        try run(insert, bytes, 2)
    }

    private func sealSegment(endingAt last: Int) throws {
        sqlite3_bind_int64(readBack, 1, Int64(last - 1023))
        sqlite3_bind_int64(readBack, 2, Int64(last))
        var keys: [UInt64] = []
        while sqlite3_step(readBack) == SQLITE_ROW {
            for column: Int32 in [1, 2] {
                let bytes = UnsafeRawBufferPointer(
                    start: sqlite3_column_blob(readBack, column),
                    count: Int(sqlite3_column_bytes(readBack, column)))
                let hash = bytes.reduce(UInt64(column)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
                keys.append(hash & ~0xFFFF | UInt64(sqlite3_column_int64(readBack, 0) & 1023))
            }
        }
        sqlite3_reset(readBack)
        keys.sort()
        sqlite3_bind_int64(seal, 1, Int64(last >> 10))
        try run(seal, keys.withUnsafeBytes { Array($0) }, 2)
    }

    private func bind(_ text: String, _ index: Int32) {
        sqlite3_bind_text(insert, index, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    }

    private func run(_ statement: OpaquePointer?, _ bytes: [UInt8], _ index: Int32) throws {
        let code = bytes.withUnsafeBytes { buffer in
            sqlite3_bind_blob(statement, index, buffer.baseAddress, Int32(buffer.count), nil)
            return sqlite3_step(statement)
        }
        sqlite3_reset(statement)
        guard code == SQLITE_DONE else { throw failure() }
    }

    private func prepare(_ sql: String) throws -> OpaquePointer? {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(db, sql, -1, &statement, nil) == SQLITE_OK else { throw failure() }
        return statement
    }

    private func execute(_ sql: String) throws {
        guard sqlite3_exec(db, sql, nil, nil, nil) == SQLITE_OK else { throw failure() }
    }

    private func failure() -> Failure { Failure(message: String(cString: sqlite3_errmsg(db))) }
}
