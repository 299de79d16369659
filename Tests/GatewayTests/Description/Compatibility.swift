import CSTA

/// What a change of the description would break for clients of the one before.
enum Compatibility {
    /// Sentences; empty if clients go on as they are.
    static func breaks(from old: JSON, to new: JSON) -> [String] {
        var result: [String] = []
        for part in ["paths", "channels", "operations"] {
            compare(old[part], new[part], at: part, isRequest: false, &result)
        }
        compare(old["components"], new["components"], at: "components", isRequest: false, &result)
        return result
    }

    private static func compare(
        _ old: JSON?, _ new: JSON?, at path: String, isRequest: Bool, _ result: inout [String]
    ) {
        switch (old, new) {
        case (nil, _): return
        case (_?, nil): result.append("\(path) is gone")
        case (.object(let old)?, .object(let new)?): compare(old, new, at: path, isRequest: isRequest, &result)
        case (.array(let old)?, .array(let new)?): compare(old, new, at: path, isRequest: isRequest, &result)
        case (let old?, let new?): if old != new { result.append("\(path) was \(text(old)), is \(text(new))") }
        }
    }

    private static func compare(
        _ old: JSONObject, _ new: JSONObject, at path: String, isRequest: Bool, _ result: inout [String]
    ) {
        // A thing by the name of one of these keys is a thing of the interface, and no keyword.
        let isNames = ["properties", "paths", "schemas", "messages", "responses", "content"].contains {
            path.hasSuffix(".\($0)") || path == $0
        }
        for (key, value) in old {
            let inner = "\(path).\(key)"
            guard isNames || !["description", "summary", "title"].contains(key) else { continue }
            if !isNames, key == "required", value.array != nil {
                checkRequired(value, new[key], at: inner, isRequest: isRequest, &result)
            } else if !isNames, key == "enum" {
                let gone = (value.array ?? []).filter { !(new[key]?.array ?? [$0]).contains($0) }
                // A word that an answer never has any more breaks nobody.
                if isRequest, !gone.isEmpty {
                    result.append("\(inner) has no \(gone.map(text).joined(separator: ", "))")
                }
            } else {
                compare(value, new[key], at: inner, isRequest: isRequest || key == "requestBody", &result)
            }
        }
        if old["required"] == nil, !isNames, let required = new["required"], required.array != nil {
            checkRequired(.array([]), required, at: "\(path).required", isRequest: isRequest, &result)
        }
    }

    /// A client need not send more than before, and gets no less.
    private static func checkRequired(
        _ old: JSON?, _ new: JSON?, at path: String, isRequest: Bool, _ result: inout [String]
    ) {
        let (before, now) = (old?.array ?? [], new?.array ?? [])
        if isRequest {
            for name in now where !before.contains(name) { result.append("\(path): \(text(name)) has to be sent") }
        } else {
            for name in before where !now.contains(name) { result.append("\(path): \(text(name)) may be left out") }
        }
    }

    /// Parameters by their names; other lists in their order.
    private static func compare(
        _ old: [JSON], _ new: [JSON], at path: String, isRequest: Bool, _ result: inout [String]
    ) {
        if path.hasSuffix(".parameters") {
            for parameter in new where parameter["required"] == .bool(true) {
                if !old.contains(where: { $0["name"] == parameter["name"] }) {
                    result.append("\(path): \(text(parameter["name"] ?? .null)) has to be sent")
                }
            }
            for parameter in old {
                let name = text(parameter["name"] ?? .null)
                let match = new.first { $0["name"] == parameter["name"] && $0["in"] == parameter["in"] }
                compare(parameter, match, at: "\(path).\(name)", isRequest: true, &result)
            }
        } else if path.hasSuffix(".security") {
            for way in old where !new.contains(way) { result.append("\(path) has no \(text(way))") }
        } else if !path.hasSuffix(".tags") {
            for (index, value) in old.enumerated() {
                compare(
                    value, index < new.count ? new[index] : nil, at: "\(path)[\(index)]", isRequest: isRequest, &result)
            }
        }
    }

    private static func text(_ json: JSON) -> String {
        json.string ?? String(decoding: json.encoded(), as: UTF8.self)
    }
}
