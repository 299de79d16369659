import GRDB
import GRDBSQLite

/// A prepared statement that is bound and stepped without an argument array: an event costs a fraction of what it costs
/// through GRDB's arguments (see the decision record).
///
/// The statement belongs to the connection's cache and is used within one database access only.
struct RawStatement {
    private let statement: Statement
    private let connection: OpaquePointer?
    private var pointer: OpaquePointer { statement.sqliteStatement }

    /// Takes a statement out of the connection's cache, with nothing bound.
    init(_ sql: String, in db: Database) throws {
        statement = try db.cachedStatement(sql: sql)
        connection = db.sqliteConnection
        reset()
    }

    func reset() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    /// Goes to the next row; false when there is none.
    func step() throws -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let message = connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
            sqlite3_reset(pointer)
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
    }

    /// Runs a statement that gives no rows and makes it ready to be bound again.
    func run() throws {
        while try step() {}
        sqlite3_reset(pointer)
    }

    /// Parameters count from 1.
    func bind(_ value: Int64, at index: Int32) throws {
        try check(sqlite3_bind_int64(pointer, index, value))
    }

    func bind(_ text: String?, at index: Int32) throws {
        guard var text else { return try check(sqlite3_bind_null(pointer, index)) }
        let code = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // SQLite reads a null pointer as NULL.
                guard let start = characters.baseAddress else { return sqlite3_bind_text(pointer, index, "", 0, nil) }
                return sqlite3_bind_text(pointer, index, start, Int32(clamping: characters.count), Self.copied)
            }
        }
        try check(code)
    }

    /// The bytes are copied.
    func bind(_ bytes: [UInt8], at index: Int32) throws {
        let code = bytes.withUnsafeBytes { buffer in
            // SQLite reads a null pointer as NULL.
            guard let start = buffer.baseAddress, !buffer.isEmpty else {
                return sqlite3_bind_zeroblob(pointer, index, 0)
            }
            return sqlite3_bind_blob(pointer, index, start, Int32(clamping: buffer.count), Self.copied)
        }
        try check(code)
    }

    /// Runs the statement with the bytes, which are not copied, as a parameter.
    func run(with bytes: [UInt8], at index: Int32) throws {
        try bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress, !buffer.isEmpty else {
                try check(sqlite3_bind_zeroblob(pointer, index, 0))
                return try run()
            }
            try check(sqlite3_bind_blob(pointer, index, start, Int32(clamping: buffer.count), nil))
            defer { sqlite3_bind_null(pointer, index) }
            try run()
        }
    }

    /// Columns count from 0.
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(pointer, column) else { return "" }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { Array($0) } }

    /// The bytes are valid until the next step.
    func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let start = sqlite3_column_blob(pointer, column)
        let count = Int(sqlite3_column_bytes(pointer, column))
        return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    /// Tells SQLite to copy what it is given before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
