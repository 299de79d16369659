public import CSTA

/// Holds JSON values against JSON Schemas, as far as the descriptions of the interface use them.
///
/// Stricter than a client would be: a member that the schema does not name is a problem, so that what is sent is described.
/// So is a keyword that is not known here: nothing passes because it was not looked at.
public struct SchemaValidator: Sendable {
    private let document: JSON
    private static let keywords: Set = [
        "$ref", "additionalProperties", "allOf", "const", "contentMediaType", "description", "enum", "items", "maximum",
        "minimum", "properties", "required", "type",
    ]

    /// - Parameter document: in which references are looked up.
    public init(document: JSON) { self.document = document }

    /// What is wrong with a value, a sentence each; empty if it is as the schema says.
    public func problems(_ value: JSON, _ schema: JSON, at path: String = "$") -> [String] {
        var parts: [JSONObject] = []
        var result = collect(schema, into: &parts)
        var known: Set<String> = []
        var isOpen = false
        for part in parts {
            result += check(value, part, at: path)
            if let properties = part["properties"]?.object { known.formUnion(properties.map(\.key)) }
            // An object of which nothing is said may have anything.
            isOpen = isOpen || part["additionalProperties"] != nil
        }
        let isNamed = parts.contains { $0["properties"] != nil }
        if let object = value.object, isNamed, !isOpen {
            result += object.filter { !known.contains($0.key) }.map { "\(path).\($0.key) is not described" }
        }
        return result
    }

    /// The schema itself, what it refers to, and all of `allOf`.
    private func collect(_ schema: JSON, into parts: inout [JSONObject]) -> [String] {
        guard let object = schema.object else { return ["no schema: \(schema)"] }
        var result = object.filter { !Self.keywords.contains($0.key) }.map { "the keyword \($0.key) is not known" }
        if let reference = object["$ref"]?.string {
            guard let target = resolve(reference) else { return ["\(reference) leads nowhere"] }
            result += collect(target, into: &parts)
        }
        for part in object["allOf"]?.array ?? [] { result += collect(part, into: &parts) }
        parts.append(object)
        return result
    }

    /// What `#/a/b` stands for; nil if there is nothing.
    public func resolve(_ reference: String) -> JSON? {
        guard reference.hasPrefix("#/") else { return nil }
        var value: JSON? = document
        for name in reference.dropFirst(2).split(separator: "/") {
            value = value?[String(name).replacing("~1", with: "/").replacing("~0", with: "~")]
        }
        return value
    }

    private func check(_ value: JSON, _ schema: JSONObject, at path: String) -> [String] {
        var result: [String] = []
        if let type = schema["type"]?.string, !Self.isOf(type, value) {
            result.append("\(path) is no \(type): \(value)")
        }
        if let constant = schema["const"], constant != value { result.append("\(path) is not \(constant)") }
        if let words = schema["enum"]?.array, !words.contains(value) {
            result.append("\(path) is none of those listed: \(value)")
        }
        if let number = value.integer {
            if let minimum = schema["minimum"]?.integer, number < minimum { result.append("\(path) is too small") }
            if let maximum = schema["maximum"]?.integer, number > maximum { result.append("\(path) is too large") }
        }
        if let items = schema["items"], let elements = value.array {
            for (index, element) in elements.enumerated() {
                result += problems(element, items, at: "\(path)[\(index)]")
            }
        }
        guard let object = value.object else { return result }
        for name in (schema["required"]?.array ?? []).compactMap(\.string) where object[name] == nil {
            result.append("\(path).\(name) is missing")
        }
        for (name, member) in object {
            guard let own = schema["properties"]?[name] ?? schema["additionalProperties"] else { continue }
            result += problems(member, own, at: "\(path).\(name)")
        }
        return result
    }

    private static func isOf(_ type: String, _ value: JSON) -> Bool {
        switch type {
        case "object": value.object != nil
        case "array": value.array != nil
        case "string": value.string != nil
        case "integer": value.integer != nil
        case "boolean": value.bool != nil
        default: false
        }
    }
}
