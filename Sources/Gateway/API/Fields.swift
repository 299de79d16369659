import CSTA
import CallCenter

/// The fields of a request's body, read one by one; each error names the field and says why.
struct Fields: Sendable {
    /// `reason` comes back in an event of each member of the tenant that listens.
    static let maximumReasonBytes = 128

    let object: JSONObject
    /// Of the one who asks.
    let namespace: Namespace

    /// A string that has to be there and must not be empty.
    func string(_ field: String) throws(APIError) -> String {
        guard let text = try optionalString(field), !text.isEmpty else {
            throw .malformed(field, "is missing or empty.")
        }
        return text
    }

    /// Nil if it is not there, or null.
    func optionalString(_ field: String) throws(APIError) -> String? {
        switch object[field] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default: throw .malformed(field, "not a string.")
        }
    }

    func device(_ field: String) throws(APIError) -> DeviceID {
        try Numbers.address(try string(field), field: field, in: namespace)
    }

    /// Nil if it is not there, or empty.
    func optionalDevice(_ field: String) throws(APIError) -> DeviceID? {
        guard let text = try optionalString(field), !text.isEmpty else { return nil }
        return try Numbers.address(text, field: field, in: namespace)
    }

    func agent(_ field: String) throws(APIError) -> AgentID {
        try Numbers.address(try string(field), field: field, in: namespace)
    }

    /// Digits without a namespace; a full address of this namespace is shortened to its number.
    func number(_ field: String) throws(APIError) -> String {
        String(try device(field).number)
    }

    /// Nil if it is not there, or empty.
    func optionalNumber(_ field: String) throws(APIError) -> String? {
        try optionalDevice(field).map { String($0.number) }
    }

    func call(_ field: String) throws(APIError) -> CallID {
        try Numbers.call(try string(field), field: field)
    }

    /// A namespace that is named has to be that of the one who asks.
    func checkNamespace() throws(APIError) {
        guard let name = try optionalString("namespace"), !name.isEmpty else { return }
        guard let named = Namespace(name) else { throw .malformed("namespace", "not the name of a namespace.") }
        guard named == namespace else { throw .otherNamespace }
    }

    /// Nil if it is not there, or empty.
    func mode(_ field: String) throws(APIError) -> AgentMode? {
        guard let text = try optionalString(field), !text.isEmpty else { return nil }
        guard let mode = AgentMode(rawValue: text) else { throw .malformed(field, "not Ready or NotReady.") }
        return mode
    }

    /// A reason code; some clients send a number.
    func reason() throws(APIError) -> String? {
        let text: String
        switch object["reason"] {
        case nil, .null?: return nil
        case .string(let value)?, .number(let value)?: text = value
        default: throw .malformed("reason", "not a string.")
        }
        guard text.utf8.count <= Self.maximumReasonBytes else {
            throw .malformed("reason", "longer than \(Self.maximumReasonBytes) bytes.")
        }
        return text.isEmpty ? nil : text
    }

    /// `"1"`, 1 or true; not there: false.
    func flag(_ field: String) throws(APIError) -> Bool {
        switch object[field] {
        case nil, .null?, .bool(false)?, .string("")?, .string("0")?, .string("false")?, .number("0")?: return false
        case .bool(true)?, .string("1")?, .string("true")?, .number("1")?: return true
        default: throw .malformed(field, "neither \"1\" nor \"0\".")
        }
    }

    /// What a JSON object that was sent as a string, or as it is, adds to a call's user data (E11).
    ///
    /// Numbers and truth values become their text, null is left out.
    func userData(_ field: String) throws(APIError) -> UserData {
        let entries: JSONObject
        switch object[field] {
        case nil, .null?, .string("")?: return UserData()
        case .object(let object)?: entries = object
        case .string(let text)?:
            let json: JSON
            do {
                json = try JSON.parse(text, maximumDepth: APIRequest.maximumDepth)
            } catch {
                throw .notJSON(field, error)
            }
            guard let object = json.object else { throw .malformed(field, "not a JSON object.") }
            entries = object
        default: throw .malformed(field, "not a JSON object as a string.")
        }
        var userData = UserData()
        for (key, value) in entries {
            if let text = try Self.text(of: value, field: field) { userData[key] = text }
        }
        return userData
    }

    /// `[{"key":"k","value":"v"}]`, at least one; values as in ``userData(_:)``.
    func entries(_ field: String) throws(APIError) -> UserData {
        guard let entries = object[field]?.array, !entries.isEmpty else {
            throw .malformed(field, #"not a list of {"key":"k","value":"v"}."#)
        }
        var userData = UserData()
        for (index, entry) in entries.enumerated() {
            guard let key = entry["key"]?.string, !key.isEmpty else {
                throw .malformed("\(field)[\(index)].key", "is missing, empty or not a string.")
            }
            let name = "\(field)[\(index)].value"
            guard let value = entry["value"], let text = try Self.text(of: value, field: name) else {
                throw .malformed(name, "is missing.")
            }
            userData[key] = text
        }
        return userData
    }

    /// What user data keeps of a value; nil of a null.
    private static func text(of value: JSON, field: String) throws(APIError) -> String? {
        switch value {
        case .string(let text), .number(let text): return text
        case .bool(let value): return value ? "true" : "false"
        case .null: return nil
        case .array, .object: throw .malformed(field, "the value of a key is not a string.")
        }
    }
}

/// Numbers as clients write them: bare, or with the namespace; and calls.
enum Numbers {
    static func call(_ text: String, field: String) throws(APIError) -> CallID {
        guard let call = CallID(text) else {
            throw .malformed(
                field, "not an id of 1 to \(CallID.maximumBytes) letters, digits and the characters . - _ :")
        }
        return call
    }

    /// - Throws: 400 for strange characters, 403 for another namespace.
    static func address<Role>(
        _ text: String, field: String, in namespace: Namespace
    ) throws(APIError) -> Address<Role> {
        guard let address = text.utf8.contains(UInt8(ascii: "@")) ? Address<Role>(text) : Address(text, in: namespace)
        else {
            throw .malformed(
                field,
                "not a number of 1 to \(Address<Role>.maximumNumberBytes) characters 0-9 A-Z a-z + * # . - _, "
                    + "alone or as number@namespace.")
        }
        guard address.isIn(namespace) else { throw .otherNamespace }
        return address
    }

    /// Reads `device|callId`, whose device may be bare.
    static func connection(
        _ text: String, of call: CallID, field: String, in namespace: Namespace
    ) throws(APIError) -> ConnectionID {
        guard let bar = text.utf8.firstIndex(of: UInt8(ascii: "|")),
            let named = CallID(text[text.utf8.index(after: bar)...])
        else { throw .malformed(field, "not device|callId, with the bar as it is or as %7C.") }
        let device: DeviceID = try address(String(text[..<bar]), field: field, in: namespace)
        // A path that names two calls names no connection of the first.
        guard named == call else { throw APIError(.noSuchConnection, in: .call) }
        return ConnectionID(device: device, call: call)
    }
}
