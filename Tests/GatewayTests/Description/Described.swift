import CSTA
import HTTPTypes
import RingsideTesting

@testable import Gateway

/// Answers of the API, held against its description.
enum Described {
    static let openAPI = InterfaceDescription.openAPI(Operations.all)
    private static let validator = SchemaValidator(document: openAPI)

    /// What of an answer the description does not say; empty: it is as described.
    static func problems(
        _ method: HTTPRequest.Method, _ target: String, status: Int, type: String?, text: String
    ) -> [String] {
        // HEAD is made from GET, and has no body.
        guard method != .head else { return [] }
        let json = try? JSON.parse(text)
        // Not there with these services, or not at all.
        if status == 404, json?["code"]?.string == "noSuchPath" { return [] }
        guard let item = item(of: target.prefix { $0 != "?" }) else { return ["\(target) is not described"] }
        guard let operation = item[method.rawValue.lowercased()] else {
            return status == 405 ? [] : ["\(method) is not described"]
        }
        guard let response = operation["responses"]?[String(status)] else {
            return ["\(status) is not described: \(text)"]
        }
        guard let content = response["content"] else { return text.isEmpty ? [] : ["a body is not described"] }
        let mediaType = String((type ?? "").prefix { $0 != ";" })
        guard let schema = content[mediaType]?["schema"] else { return ["\(mediaType) is not described"] }
        guard mediaType == Operation.json else { return [] }
        guard let json else { return ["no JSON: \(text)"] }
        return validator.problems(json, schema)
    }

    /// The path that has the most in common with one that was asked for, letter by letter.
    private static func item(of path: Substring) -> JSON? {
        let parts = path.split(separator: "/")
        let fitting = (openAPI["paths"]?.object ?? JSONObject()).filter { template, _ in
            let names = template.split(separator: "/")
            return names.count == parts.count && zip(names, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return fitting.min { $0.key.count { $0 == "{" } < $1.key.count { $0 == "{" } }?.value
    }
}
