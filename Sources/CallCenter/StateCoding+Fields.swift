import CSTA

// How fields of the stored form are written and read.
extension JSONWriter {
    mutating func member(_ key: StaticString, _ text: String?) {
        guard let text else { return }
        self.key(key)
        string(text)
    }

    mutating func member(_ key: StaticString, _ value: Int) {
        self.key(key)
        integer(value)
    }

    mutating func member(_ key: StaticString, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    mutating func member(_ key: StaticString, _ instant: Instant?) {
        guard let instant else { return }
        self.key(key)
        integer(instant.milliseconds)
    }
}

extension JSONObject {
    /// Nil if there is no such field.
    func optional<Value>(
        _ field: String, _ read: (String) throws(StateCoding.Failure) -> Value
    ) throws(StateCoding.Failure) -> Value? {
        self[field] == nil ? nil : try read(field)
    }

    func count(_ field: String) -> Int? { self[field]?.integer.map { Int(clamping: $0) } }

    func text(_ field: String) throws(StateCoding.Failure) -> String {
        guard let text = self[field]?.string else { throw StateCoding.Failure(field: field) }
        return text
    }

    func word<Word: RawRepresentable<String>>(_ field: String) throws(StateCoding.Failure) -> Word {
        guard let word = Word(rawValue: try text(field)) else { throw StateCoding.Failure(field: field) }
        return word
    }

    func device(_ field: String) throws(StateCoding.Failure) -> DeviceID {
        guard let device = DeviceID(try text(field)) else { throw StateCoding.Failure(field: field) }
        return device
    }

    func call(_ field: String) throws(StateCoding.Failure) -> CallID {
        guard let call = CallID(try text(field)) else { throw StateCoding.Failure(field: field) }
        return call
    }

    func instant(_ field: String) throws(StateCoding.Failure) -> Instant {
        guard let milliseconds = self[field]?.integer else { throw StateCoding.Failure(field: field) }
        return Instant(milliseconds: milliseconds)
    }
}
