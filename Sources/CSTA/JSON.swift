/// A JSON value as it came: members keep their order, numbers their spelling, so that what is not understood survives (E12).
public indirect enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The number's text, valid by RFC 8259 §6.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// A whole number without fraction or exponent that fits 64 bits.
    public var integer: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }

    public var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of an object; nil if this is no object or has no such member.
    public subscript(key: String) -> JSON? { object?[key] }

    /// Writes the value without white space.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}

/// The members of a JSON object in their order. A key that comes twice keeps its first place and its last value.
public struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral, Sequence {
    public private(set) var members: [(key: String, value: JSON)] = []

    public init() {}

    public init(dictionaryLiteral elements: (String, JSON)...) {
        for (key, value) in elements { self[key] = value }
    }

    public var isEmpty: Bool { members.isEmpty }

    public subscript(key: String) -> JSON? {
        get { members.first { $0.key == key }?.value }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }

    /// Adds a member whose key is known to be new: O(1), where the subscript looks through all.
    mutating func append(_ key: String, _ value: JSON) { members.append((key, value)) }

    public func makeIterator() -> IndexingIterator<[(key: String, value: JSON)]> { members.makeIterator() }

    public static func == (a: Self, b: Self) -> Bool {
        a.members.elementsEqual(b.members) { $0.key == $1.key && $0.value == $1.value }
    }

    public func hash(into hasher: inout Hasher) {
        for member in members {
            hasher.combine(member.key)
            hasher.combine(member.value)
        }
    }
}
