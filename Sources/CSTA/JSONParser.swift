/// What is wrong with a JSON text, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, Hashable, Sendable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "unexpected character"
        case badNumber = "not a number"
        case badEscape = "bad escape sequence"
        case badString = "control character or bad UTF-8 in a string"
        case tooDeep = "nested too deeply"
        case tooManyMembers = "too many members"
        case trailingBytes = "text after the value"
    }

    public let reason: Reason
    /// In bytes from the start.
    public let offset: Int

    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}

extension JSON {
    /// Reads one JSON value (RFC 8259), strictly.
    ///
    /// - Parameter maximumDepth: how far arrays and objects may be nested; recursion is bounded by it.
    /// - Throws: ``JSONError`` with the place.
    public static func parse(_ bytes: some Sequence<UInt8>, maximumDepth: Int = 32) throws(JSONError) -> JSON {
        let array = Array(bytes)
        var result: Result<JSON, JSONError> = .failure(JSONError(reason: .unexpectedEnd, offset: 0))
        array.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer, maximumDepth: maximumDepth)
            do throws(JSONError) {
                result = .success(try parser.document())
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    /// Reads one JSON value from text; see ``parse(_:maximumDepth:)-(Sequence<UInt8>,_)``.
    public static func parse(_ text: String, maximumDepth: Int = 32) throws(JSONError) -> JSON {
        try parse(text.utf8, maximumDepth: maximumDepth)
    }
}

private struct JSONParser {
    /// More than any event or request has; a hostile object must not make look-ups slow.
    static let maximumMembers = 1024

    let bytes: UnsafeBufferPointer<UInt8>
    let maximumDepth: Int
    var position = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw error(.trailingBytes) }
        return value
    }

    func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(
            reason: position >= bytes.count && reason == .unexpectedByte ? .unexpectedEnd : reason, offset: position)
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    mutating func value() throws(JSONError) -> JSON {
        skipSpace()
        guard let current else { throw error(.unexpectedEnd) }
        switch current {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in .object(try parser.object()) }
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in .array(try parser.array()) }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw error(.unexpectedByte)
        }
    }

    mutating func nested(_ body: (inout JSONParser) throws(JSONError) -> JSON) throws(JSONError) -> JSON {
        guard depth < maximumDepth else { throw error(.tooDeep) }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw error(.unexpectedByte) }
        }
        return value
    }

    mutating func object() throws(JSONError) -> JSONObject {
        var object = JSONObject()
        var count = 0
        skipSpace()
        if take(UInt8(ascii: "}")) { return object }
        repeat {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error(.unexpectedByte) }
            object[key] = try value()
            count += 1
            guard count <= Self.maximumMembers else { throw error(.tooManyMembers) }
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error(.unexpectedByte) }
        return object
    }

    mutating func array() throws(JSONError) -> [JSON] {
        var array: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return array }
        repeat {
            array.append(try value())
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error(.unexpectedByte) }
        return array
    }

    mutating func number() throws(JSONError) -> String {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    mutating func digits() throws(JSONError) {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw error(.badNumber) }
    }

    mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw error(.badString) }
            position += 1
        }
        guard current == UInt8(ascii: "\"") else { return try escapedString(from: start) }
        defer { position += 1 }
        return try text(bytes[start..<position])
    }

    /// The slow path, for strings with escapes: from the first backslash on, byte by byte.
    mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var unescaped = Array(bytes[start..<position])
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(unescaped[...])
            case UInt8(ascii: "\\"): try escape(into: &unescaped)
            case 0..<0x20: throw error(.badString)
            default: unescaped.append(byte)
            }
        }
        throw error(.unexpectedEnd)
    }

    func text(_ bytes: some Collection<UInt8>) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw error(.badString) }
        return text
    }

    mutating func escape(into bytes: inout [UInt8]) throws(JSONError) {
        guard let byte = current else { throw error(.unexpectedEnd) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes.append(contentsOf: String(try unicodeEscape()).utf8)
        default: throw error(.badEscape)
        }
    }

    mutating func unicodeEscape() throws(JSONError) -> Character {
        let unit = try hexadecimal()
        var scalar = UInt32(unit)
        if (0xD800..<0xDC00).contains(unit) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw error(.badEscape) }
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw error(.badEscape) }
            scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        }
        guard let value = Unicode.Scalar(scalar) else { throw error(.badEscape) }
        return Character(value)
    }

    mutating func hexadecimal() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error(.badEscape)
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
