/// A tenant, written like a domain name: `zhen04.cc`. Nothing crosses from one namespace to another.
public struct Namespace: Hashable, Sendable, CustomStringConvertible {
    /// 253 bytes is the longest domain name (RFC 1035 §2.3.4); a quarter of it keeps identifiers short in every event.
    public static let maximumBytes = 64

    /// Nobody's: of one of whom it is not known yet to whom it belongs. No tenant can be called so.
    public static let unknown = Namespace(valid: "")

    public let name: String

    /// Accepts 1 to ``maximumBytes`` ASCII letters, digits, `.`, `-` and `_`.
    public init?(_ name: some StringProtocol) {
        guard name.isMade(of: \.isNamespaceByte, atMost: Self.maximumBytes) else { return nil }
        self.name = String(name)
    }

    public var description: String { name }
}

/// A number within a namespace, `number@namespace`: the form that devices and agents share.
///
/// Used through ``DeviceID`` and ``AgentID``; `Role` only keeps them apart.
public struct Address<Role: Sendable>: Hashable, Sendable, CustomStringConvertible {
    /// E.164 numbers have at most 15 digits; prefixes, extensions and star codes fit besides them.
    public static var maximumNumberBytes: Int { 40 }

    /// The whole address, `8001@zhen04.cc`.
    public let text: String

    /// Joins a number and a namespace; nil if the number has a character that no address may have, or is too long.
    public init?(_ number: some StringProtocol, in namespace: Namespace) {
        guard Self.isNumber(number) else { return nil }
        text = "\(number)@\(namespace.name)"
    }

    /// Reads `number@namespace`; nil if either part is missing or has a character it may not have.
    public init?(_ text: some StringProtocol) {
        guard let at = text.lastIndex(of: "@"),
            Self.isNumber(text[..<at]),
            Namespace(text[text.index(after: at)...]) != nil
        else { return nil }
        self.text = String(text)
    }

    /// Digits, `+`, `*`, `#`, and for callers without a number ASCII letters, `.`, `-` and `_`.
    public static func isNumber(_ number: some StringProtocol) -> Bool {
        number.isMade(of: \.isNumberByte, atMost: maximumNumberBytes)
    }

    public var number: Substring { text[..<separator] }

    public var namespace: Namespace { Namespace(valid: text[text.index(after: separator)...]) }

    /// Whether this address lies in `namespace`, without building a ``Namespace``.
    public func isIn(_ namespace: Namespace) -> Bool {
        text.utf8.count > namespace.name.utf8.count + 1 && text.hasSuffix(namespace.name)
            && text.utf8[text.utf8.index(text.utf8.endIndex, offsetBy: -namespace.name.utf8.count - 1)]
                == UInt8(ascii: "@")
    }

    public var description: String { text }

    private var separator: String.Index { text.utf8.lastIndex(of: UInt8(ascii: "@")) ?? text.startIndex }
}

/// Keeps ``DeviceID`` apart from ``AgentID``.
public enum DeviceRole: Sendable {}
/// Keeps ``AgentID`` apart from ``DeviceID``.
public enum AgentRole: Sendable {}

/// A device, `8001@zhen04.cc`: a phone, a skill group's queue, or an external number reached by a trunk.
public typealias DeviceID = Address<DeviceRole>
/// An agent, `5001@zhen04.cc`, logged in on one internal device at a time.
public typealias AgentID = Address<AgentRole>

/// What the parties of a call share. Ringside makes UUID strings; identifiers of others survive as they are.
public struct CallID: Hashable, Sendable, CustomStringConvertible {
    /// A UUID has 36; room for the ids of other systems.
    public static let maximumBytes = 64

    /// What stands in `primaryOldCall` when there was no held call (E17).
    public static let none = CallID(valid: "0")

    public let text: String

    /// Accepts 1 to ``maximumBytes`` ASCII letters, digits, `.`, `-`, `_` and `:`.
    public init?(_ text: some StringProtocol) {
        guard text.isMade(of: { $0.isNamespaceByte || $0 == UInt8(ascii: ":") }, atMost: Self.maximumBytes) else {
            return nil
        }
        self.text = String(text)
    }

    private init(valid text: String) { self.text = text }

    public var description: String { text }
}

/// One device's part in one call, `device|callId` (E8).
public struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
    public let device: DeviceID
    public let call: CallID

    public init(device: DeviceID, call: CallID) {
        self.device = device
        self.call = call
    }

    /// Reads `device|callId`.
    public init?(_ text: some StringProtocol) {
        guard let bar = text.firstIndex(of: "|"),
            let device = DeviceID(text[..<bar]),
            let call = CallID(text[text.index(after: bar)...])
        else { return nil }
        self.init(device: device, call: call)
    }

    public var description: String { "\(device.text)|\(call.text)" }
}

/// The number of an event copy in its namespace: +1 for each, without gap or reuse (E5).
public struct Serial: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: Int64

    public init(_ value: Int64) { self.value = value }

    public var next: Serial { Serial(value + 1) }
    public static func < (a: Serial, b: Serial) -> Bool { a.value < b.value }
    public var description: String { String(value) }
}

extension Namespace {
    fileprivate init(valid name: Substring) { self.name = String(name) }
}

extension StringProtocol {
    /// Whether it has a byte at least, and no other than those.
    fileprivate func isMade(of isAllowed: (UInt8) -> Bool, atMost limit: Int) -> Bool {
        // As they lie in memory: three times as fast as through the protocol.
        let found = utf8.withContiguousStorageIfAvailable { bytes in
            (1...limit).contains(bytes.count) && bytes.allSatisfy(isAllowed)
        }
        return found ?? ((1...limit).contains(utf8.count) && utf8.allSatisfy(isAllowed))
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    fileprivate var isNamespaceByte: Bool {
        isLetterOrDigit || self == UInt8(ascii: ".") || self == UInt8(ascii: "-") || self == UInt8(ascii: "_")
    }

    fileprivate var isNumberByte: Bool {
        isNamespaceByte || self == UInt8(ascii: "+") || self == UInt8(ascii: "*") || self == UInt8(ascii: "#")
    }
}
