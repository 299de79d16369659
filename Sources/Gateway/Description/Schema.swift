import CSTA

/// What a JSON value looks like: JSON Schema 2020-12, as OpenAPI 3.1 and AsyncAPI 3.0 have it.
struct Schema: Hashable, Sendable {
    var json: JSONObject

    init(_ json: JSONObject) { self.json = json }

    private init(type: String, _ description: String?) {
        json = ["type": .string(type)]
        if let description { json["description"] = .string(description) }
    }

    static func string(_ description: String? = nil) -> Schema { Schema(type: "string", description) }
    static func integer(_ description: String? = nil) -> Schema { Schema(type: "integer", description) }
    static func boolean(_ description: String? = nil) -> Schema { Schema(type: "boolean", description) }

    /// A closed list.
    static func word(_ words: [String], _ description: String? = nil) -> Schema {
        var schema = Schema(type: "string", description)
        schema.json["enum"] = .array(words.map(JSON.string))
        return schema
    }

    static func word<Word: CaseIterable & RawRepresentable>(
        _ type: Word.Type, _ description: String? = nil
    ) -> Schema where Word.RawValue == String {
        word(Word.allCases.map(\.rawValue), description)
    }

    static func array(_ element: Schema, _ description: String? = nil) -> Schema {
        var schema = Schema(type: "array", description)
        schema.json["items"] = .object(element.json)
        return schema
    }

    /// An object. More members than these may come with a later version: a client ignores what it does not know (E12).
    static func object(_ fields: [Field], _ description: String? = nil) -> Schema {
        var schema = Schema(type: "object", description)
        var properties = JSONObject()
        for field in fields { properties[field.name] = .object(field.schema.json) }
        schema.json["properties"] = .object(properties)
        let required = fields.filter(\.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { schema.json["required"] = .array(required) }
        return schema
    }

    /// An object whose members are all of one kind and have names of the sender's choice.
    static func map(of value: Schema, _ description: String? = nil) -> Schema {
        var schema = Schema(type: "object", description)
        schema.json["additionalProperties"] = .object(value.json)
        return schema
    }

    /// One that stands among the document's components.
    static func reference(_ name: String) -> Schema {
        Schema(["$ref": .string("#/components/schemas/\(name)")])
    }

    func bounded(_ minimum: Int, _ maximum: Int) -> Schema {
        var schema = self
        schema.json["minimum"] = .number(String(minimum))
        schema.json["maximum"] = .number(String(maximum))
        return schema
    }
}

/// A member of an object.
struct Field: Hashable, Sendable {
    var name: String
    var schema: Schema
    var isRequired: Bool

    static func required(_ name: String, _ schema: Schema) -> Field {
        Field(name: name, schema: schema, isRequired: true)
    }

    /// Left out without a value, never null (E1).
    static func optional(_ name: String, _ schema: Schema) -> Field {
        Field(name: name, schema: schema, isRequired: false)
    }
}
