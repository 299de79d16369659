import CSTA
import CallCenter

/// Reads a list of contacts, line by line: JSON objects, `{"number":"138…","timeZone":"Asia/Shanghai","data":{"k":"v"}}`, or
/// comma-separated values (RFC 4180, no line breaks within quotes) after a line of names, of which `number` and `timeZone` are
/// the contact's and all others its data. Empty lines are skipped. A line that cannot be read does not touch the others.
struct ContactLines {
    struct Refused: Hashable, Sendable {
        /// The first is 1.
        var line: Int
        var reason: String
    }

    struct Problem: Error {
        var reason: String
        init(_ reason: String) { self.reason = reason }
    }

    static let maximumLines = 20_000
    private static let maximumColumns = 64
    private static let maximumDataBytes = 4096

    private(set) var contacts: [(line: Int, contact: NewContact)] = []
    private(set) var refused: [Refused] = []

    /// - Parameter bytes: UTF-8.
    /// - Throws: 400 if there are too many lines, or the line of names is wrong.
    init(_ bytes: [UInt8], isCSV: Bool) throws(APIError) {
        // Windows programs begin a file so.
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count <= Self.maximumLines else {
            throw .malformed("body", "more than \(Self.maximumLines) lines: send the list in parts.")
        }
        var names: [String]?
        for (index, line) in lines.enumerated() {
            let text = String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            guard text.contains(where: { !$0.isWhitespace }) else { continue }
            if isCSV, names == nil {
                names = try Self.names(text)
                continue
            }
            do throws(Problem) {
                let contact = if let names { try Self.contact(text, names) } else { try Self.contact(text) }
                contacts.append((index + 1, contact))
            } catch {
                refused.append(Refused(line: index + 1, reason: error.reason))
            }
        }
    }

    private static func names(_ line: String) throws(APIError) -> [String] {
        let names: [String]
        do throws(Problem) {
            names = try values(line)
        } catch {
            throw .malformed("body", "the line of names: \(error.reason)")
        }
        guard names.contains("number"), Set(names).count == names.count, !names.contains("") else {
            throw .malformed("body", "the first line has to name the columns, each once, number among them.")
        }
        return names
    }

    private static func contact(_ line: String, _ names: [String]) throws(Problem) -> NewContact {
        let values = try values(line)
        guard values.count == names.count else {
            throw Problem("\(values.count) values for \(names.count) names")
        }
        var contact = NewContact(number: "")
        for (name, value) in zip(names, values) {
            switch name {
            case "number": contact.number = try number(value)
            case "timeZone": contact.timeZone = value.isEmpty ? nil : value
            default: if !value.isEmpty { contact.data[name] = value }
            }
        }
        return try checked(contact)
    }

    private static func contact(_ line: String) throws(Problem) -> NewContact {
        let json: JSON
        do throws(JSONError) {
            json = try JSON.parse(line, maximumDepth: 4)
        } catch {
            throw Problem("not JSON: \(error)")
        }
        guard let object = json.object else { throw Problem("not a JSON object") }
        var contact = NewContact(number: "")
        for (key, value) in object {
            switch (key, value) {
            case ("number", .string(let text)), ("number", .number(let text)): contact.number = try number(text)
            case ("timeZone", .string(let text)): contact.timeZone = text.isEmpty ? nil : text
            case ("timeZone", .null): break
            case ("data", .object(let data)):
                guard let data = UserData(data) else { throw Problem("data: the value of a key is not a string") }
                contact.data = data
            default: throw Problem("\(key.prefix(32)): not known, or not of its kind")
            }
        }
        return try checked(contact)
    }

    private static func number(_ text: String) throws(Problem) -> String {
        // As people write them.
        let number = text.filter { !" -()/.".contains($0) }
        guard DeviceID.isNumber(number), number.allSatisfy({ "0123456789+*#".contains($0) }),
            number.utf8.count <= Contact.maximumNumberBytes, !Contact.digits(of: number).isEmpty
        else { throw Problem("not a number that can be dialled") }
        return number
    }

    private static func checked(_ contact: NewContact) throws(Problem) -> NewContact {
        guard !contact.number.isEmpty else { throw Problem("number: is missing") }
        guard contact.data.byteCount <= maximumDataBytes, contact.data.count <= maximumColumns else {
            throw Problem("more than \(maximumColumns) entries or \(maximumDataBytes) bytes of data")
        }
        return contact
    }

    private static func values(_ line: String) throws(Problem) -> [String] {
        var values: [String] = []
        var value = ""
        var isQuoted = false
        var wasQuoted = false
        var rest = line[...]
        while let character = rest.popFirst() {
            switch character {
            case "\"" where isQuoted:
                if rest.first == "\"" {
                    value.append("\"")
                    rest.removeFirst()
                } else {
                    isQuoted = false
                }
            case "\"" where value.isEmpty && !wasQuoted: (isQuoted, wasQuoted) = (true, true)
            case "," where !isQuoted:
                values.append(value)
                (value, wasQuoted) = ("", false)
            default:
                guard isQuoted || !wasQuoted else { throw Problem("something follows a closing quote") }
                value.append(character)
            }
        }
        guard !isQuoted else { throw Problem("a quote is not closed") }
        values.append(value)
        guard values.count <= maximumColumns else { throw Problem("more than \(maximumColumns) values") }
        return values
    }
}
