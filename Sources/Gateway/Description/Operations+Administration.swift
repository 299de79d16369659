import CallCenter
import HTTPTypes

extension Operations {
    /// What is set up: tenants, and what each has.
    static let administration: [Operation] =
        tenants + entries(.agent) + entries(.device) + entries(.split) + entries(.trunk)

    private static let path = "/api/admin/tenants"

    private static let reading: [Operation.Refusal] = .session + .also(404, "noSuchTenant", "notFound")
    private static let changing: [Operation.Refusal] =
        reading + .body + .also(403, "operatorsOnly") + .also(409, "exists", "conflict", "tooMany", "yourself")
        + .also(503, "notStored", "keysAway")

    private static let tenants: [Operation] = [
        Operation(
            method: .get, path: path, id: "listTenants", group: .administration,
            summary: "All tenants, for operators; for other admins their own.",
            answers: [.json(.object([.required("tenants", .array(.reference("Tenant")))]), "The tenants.")],
            refusals: .session),
        Operation(
            method: .post, path: path, id: "createTenant", group: .administration,
            summary: "Creates a tenant with its agents, devices and trunks. Operators only.",
            body: [(Operation.json, .reference("NewTenant"))],
            answers: [.json(.reference("Tenant"), "It takes logins and calls from now on.")], refusals: changing),
        Operation(
            method: .get, path: "\(path)/{namespace}", id: "getTenant", group: .administration,
            summary: "A tenant's settings. Its admins, and operators.",
            answers: [.json(.reference("Tenant"), "The settings.")], refusals: reading),
        Operation(
            method: .patch, path: "\(path)/{namespace}", id: "changeTenant", group: .administration,
            summary:
                "Changes a tenant's settings (RFC 7396: what is left out stays, null takes away). Its admins change "
                + "timeZone, recording and maskNumbers, operators all.",
            body: [(Operation.json, .reference("TenantChanges"))],
            answers: [.json(.reference("Tenant"), "The settings as they are from now on.")], refusals: changing),
        Operation(
            method: .delete, path: "\(path)/{namespace}", id: "deleteTenant", group: .administration,
            summary:
                "Deletes a tenant that is disabled and has no call up, with its API keys; its events and records stay "
                + "until their time is over. Operators only.",
            answers: [.done("It is gone.")], refusals: changing),
    ]

    private static func entries(_ kind: DirectoryEntry.Kind) -> [Operation] {
        let (one, many) = (kind.rawValue, kind.rawValue + "s")
        // A Split is one as it stands, live.
        let schema = kind == .split ? "SplitProfile" : one.prefix(1).uppercased() + one.dropFirst()
        let list = "\(path)/{namespace}/\(many)"
        let whose = kind == .trunk ? "Operators only." : "Its admins, and operators."
        let makers = kind == .agent || kind == .split ? whose : "Operators only."
        let page = Schema.object([.required(many, .array(.reference(schema)))])
        return [
            Operation(
                method: .get, path: list, id: "list\(schema)s", group: .administration,
                summary: "A tenant's \(many), ordered as text. Its admins, and operators.",
                query: [
                    .init(name: "after", schema: .string("next of the page before.")),
                    .init(name: "limit", schema: .integer().bounded(1, QueryFields.maximumLimit)),
                ],
                answers: [
                    .json(
                        .object([
                            .required(many, .array(.reference(schema))),
                            .optional("next", .string("For after: there are more. Left out after the last.")),
                        ]), "A page of them.")
                ], refusals: reading),
            Operation(
                method: .post, path: list, id: "create\(schema)s", group: .administration,
                summary: kind == .trunk
                    ? "Creates a trunk. \(makers)"
                    : "Creates \(many): one, or one for each number of a range such as 8001-8010. \(makers)",
                body: [(Operation.json, .reference("New\(schema)"))],
                answers: [.json(page, "What has been created.")], refusals: changing),
            Operation(
                method: .get, path: "\(list)/{id}", id: "show\(schema)", group: .administration,
                summary: "One of a tenant's \(many). Its admins, and operators.",
                answers: [.json(.reference(schema), "The \(one).")], refusals: reading),
            Operation(
                method: .patch, path: "\(list)/{id}", id: "change\(schema)", group: .administration,
                summary: "Changes one (RFC 7396: what is left out stays, null takes away). \(effect(kind)) \(whose)"
                    + (kind == .device ? " The endpoint: operators only." : ""),
                body: [(Operation.json, .reference("\(schema)Changes"))],
                answers: [.json(.reference(schema), "The \(one) as it is from now on.")], refusals: changing),
            Operation(
                method: .delete, path: "\(list)/{id}", id: "delete\(schema)", group: .administration,
                summary: "Deletes one. \(effect(kind)) \(whose)", answers: [.done("It is gone.")], refusals: changing),
        ]
    }

    private static func effect(_ kind: DirectoryEntry.Kind) -> String {
        switch kind {
        case .agent: "Who is disabled or deleted is logged out, at the end of the call if there is one."
        case .device: "Who is logged in on one that is not usable any more is logged out, at the end of the call."
        case .split: "Who waits goes on waiting; the calls of one that is no more go to its overflow, or end."
        case .trunk, .tenant: "Calls that are up go on."
        }
    }
}
