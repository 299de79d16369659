import CSTA
import Crypto
import HTTPTypes

/// The description as one page of HTML, which loads nothing.
struct ReferencePage: Sendable {
    let html: String

    /// What a browser may do with the page: show it with its own style, and nothing else.
    static let policy: String = {
        let hash = Base64.encode(SHA256.hash(data: Array(style.utf8))) + "="
        return "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'"
    }()

    private static let style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
        code,h3{font-family:ui-monospace,monospace}h3{font-size:1rem;margin:0;display:inline}
        details{border-top:1px solid #d0d7de;padding:.5rem 0}table{border-collapse:collapse;width:100%}
        td,th{border-bottom:1px solid #eaeef2;padding:.2rem .6rem .2rem 0;text-align:left;vertical-align:top}
        nav a{margin-right:1rem}@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}a{color:#79c0ff}}
        """

    init(_ operations: [Operation]) {
        var body = ""
        let groups = Operation.Group.allCases.filter { group in operations.contains { $0.group == group } }
        body += "<nav>" + groups.map { "<a href=\"#\($0.rawValue)\">\($0.rawValue)</a>" }.joined()
        body += "<a href=\"#Events\">Events</a><a href=\"#STOMP\">STOMP</a><a href=\"#Bodies\">Bodies</a></nav>\n"
        for group in groups {
            body += "<h2 id=\"\(group.rawValue)\">\(group.rawValue)</h2>\n"
            for operation in operations where operation.group == group { body += Self.section(operation) }
        }
        body += "<h2 id=\"Events\">Events</h2>\n"
        for event in EventSchemas.all {
            body += Self.details(event.name, event.summary, Self.table(of: event.schema))
        }
        body += "<h2 id=\"STOMP\">STOMP</h2>\n"
        body += "<p>Over a WebSocket at <code>\(EventGate.stompPath)</code>; the headers of each frame.</p>\n"
        for frame in StompDescription.ofClients + StompDescription.ofServer + [StompDescription.event] {
            body += Self.details(frame.name, frame.summary, Self.table(of: .object(frame.headers)))
        }
        body += "<h2 id=\"Bodies\">Bodies</h2>\n"
        for (name, schema) in Schemas.all { body += Self.details(name, "", Self.table(of: schema), id: name) }
        html = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Ringside \(InterfaceDescription.version)</title><style>\(Self.style)</style></head><body>
            <h1>Ringside</h1>
            <p>Version \(InterfaceDescription.version) of the interface. For programs:
            <a href="openapi.json">openapi.json</a>, <a href="asyncapi.json">asyncapi.json</a>.</p>
            \(body)</body></html>

            """
    }

    private static func section(_ operation: Operation) -> String {
        var text = operation.needsSession ? "" : "<p>No session is needed.</p>"
        if !operation.query.isEmpty {
            let fields = operation.query.map { Field(name: $0.name, schema: $0.schema, isRequired: $0.isRequired) }
            text += "<h4>Query</h4>" + table(of: .object(fields))
        }
        // The form and the JSON object of a login are alike.
        if let body = operation.body.first {
            text += "<h4>Body, \(operation.body.map(\.type).joined(separator: " or "))</h4>" + table(of: body.schema)
        }
        for answer in operation.answers {
            text += "<h4>\(answer.status)</h4><p>\(escaped(answer.description))</p>"
            if let schema = answer.content.first?.schema { text += table(of: schema) }
        }
        text += "<h4>Errors</h4><table>"
        for status in Set(operation.refusals.map(\.status)).sorted() {
            let codes = operation.refusals.filter { $0.status == status }.map { "<code>\($0.code)</code>" }
            text += "<tr><td>\(status)</td><td>\(codes.joined(separator: " "))</td></tr>"
        }
        return details("\(operation.method.rawValue) \(operation.path)", operation.summary, text + "</table>")
    }

    private static func details(_ title: String, _ summary: String, _ text: String, id: String? = nil) -> String {
        "<details\(id.map { " id=\"\($0)\"" } ?? "")><summary><h3>\(escaped(title))</h3> \(escaped(summary))</summary>"
            + "\(text)</details>\n"
    }

    private static func table(of schema: Schema) -> String {
        guard case .object(let properties)? = schema.json["properties"] else { return "<p>\(kind(schema.json))</p>" }
        let required = Set((schema.json["required"]?.array ?? []).compactMap(\.string))
        var text = "<table>"
        for (name, value) in properties {
            let member = value.object ?? JSONObject()
            text += "<tr><td><code>\(escaped(name))</code></td><td>\(kind(member))</td>"
            text += "<td>\(required.contains(name) ? "" : "may be left out")</td>"
            text += "<td>\(escaped(member["description"]?.string ?? ""))"
            if member["properties"] != nil { text += table(of: Schema(member)) }
            if let items = member["items"]?.object, items["properties"] != nil { text += table(of: Schema(items)) }
            text += "</td></tr>"
        }
        return text + "</table>"
    }

    private static func kind(_ schema: JSONObject) -> String {
        if let name = schema["$ref"]?.string?.split(separator: "/").last { return "<a href=\"#\(name)\">\(name)</a>" }
        if let constant = schema["const"]?.string { return "<code>\(escaped(constant))</code>" }
        if let words = schema["enum"]?.array {
            return words.compactMap(\.string).map { "<code>\(escaped($0))</code>" }.joined(separator: " ")
        }
        if let items = schema["items"]?.object { return "list of " + kind(items) }
        return schema["type"]?.string ?? schema["contentMediaType"]?.string ?? "any"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
