import CSTA
import CallCenter
import Gateway
import Yams

/// Reads what admins send, and what was stored of it, by the rules of the configuration file.
enum DirectoryReader {
    /// Of an entry.
    static let maximumDepth = 8

    /// - Parameter objects: each may stand for a range of numbers.
    static func items<Item: DirectoryItem>(
        _ type: Item.Type, from objects: [JSONObject], in tenant: TenantSettings
    ) throws(AdministrationError) -> [Item] {
        try read(.array(objects.map(JSON.object))) { Item.read($1, by: $0, in: tenant) }
    }

    /// The tenant with other settings than its own; its agents, devices and trunks stay.
    static func tenant(
        _ tenant: TenantSettings, with object: JSONObject
    ) throws(AdministrationError) -> TenantSettings {
        try read(.object(object)) { $0.changed(tenant, by: $1) }
    }

    /// The same, of what was stored: what is wrong of it by now is left out.
    static func tenant(
        _ tenant: TenantSettings, withWhatCanBeOf object: JSONObject
    ) -> (TenantSettings, flaws: [AdministrationError.Flaw]) {
        attempt(.object(object)) { $0.changed(tenant, by: $1) }
    }

    static func newTenant(_ object: JSONObject) throws(AdministrationError) -> TenantSettings {
        // What other tenants have is looked at with all that is set up.
        let tenants = try read(.array([.object(object)])) { $0.tenants($1, of: .sandbox) }
        guard let tenant = tenants.first else { throw .invalid([.init(field: "", message: "This is no tenant.")]) }
        return tenant
    }

    private static func read<Value>(
        _ json: JSON, _ body: (ConfigurationReader, ConfigurationField) -> Value
    ) throws(AdministrationError) -> Value {
        let (value, flaws) = attempt(json, body)
        guard flaws.isEmpty else { throw .invalid(flaws) }
        return value
    }

    private static func attempt<Value>(
        _ json: JSON, _ body: (ConfigurationReader, ConfigurationField) -> Value
    ) -> (Value, flaws: [AdministrationError.Flaw]) {
        let problems = ProblemList()
        let reader = ConfigurationReader(problems: problems, sources: ConfigurationSources { _ in nil })
        let value = body(reader, ConfigurationField(node: Node(json), path: "", problems: problems))
        let flaws = problems.problems.map { problem in
            let path = problem.path.hasPrefix("[0]") ? problem.path.dropFirst(3) : problem.path[...]
            return AdministrationError.Flaw(
                field: String(path.hasPrefix(".") ? path.dropFirst() : path),
                message: "\(problem.what). \(problem.remedy).")
        }
        return (value, flaws)
    }
}

extension Node {
    /// What YAML calls the same; nothing, where JSON has null.
    fileprivate init(_ json: JSON) {
        switch json {
        case .null: self = .scalar(Scalar(""))
        case .bool(let value): self = .scalar(Scalar(value ? "true" : "false"))
        case .number(let text), .string(let text): self = .scalar(Scalar(text))
        case .array(let elements): self = .sequence(Sequence(elements.map { Node($0) }))
        case .object(let object):
            self = .mapping(Mapping(object.map { (.scalar(Scalar($0.key)), Node($0.value)) }))
        }
    }
}
