import CSTA
import CallCenter

/// The bodies of the administration: the keys of the configuration file.
enum AdministrationSchemas {
    static let all: KeyValuePairs<String, Schema> = [
        "Tenant": .object(
            [.required("namespace", .string())] + settings(isRequired: true) + [
                .required("agents", .integer("How many.")), .required("devices", .integer("How many.")),
                .required("splits", .integer("How many.")), .required("trunks", .integer("How many.")),
            ]),
        "NewTenant": .object(
            [.required("namespace", .string("Such as demo.cc."))] + settings(isRequired: false) + [
                .required("agents", .array(.reference("NewAgent"))),
                .required("devices", .array(.reference("NewDevice"))),
                .optional("splits", .array(.reference("NewSplitProfile"))),
                .optional("trunks", .array(.reference("NewTrunk"))),
            ]),
        "TenantChanges": .object(settings(isRequired: false)),
        "Agent": .object([.required("id", number)] + agent(isRequired: true)),
        "NewAgent": .object([.required("id", range)] + agent(isRequired: false) + passwords),
        "AgentChanges": .object(agent(isRequired: false) + passwords),
        "Device": .object([.required("id", number)] + device(isRequired: true)),
        "NewDevice": .object([.required("id", range)] + device(isRequired: false)),
        "DeviceChanges": .object(device(isRequired: false)),
        "SplitProfile": .object([.required("id", number)] + split(isRequired: true)),
        "NewSplitProfile": .object([.required("id", range)] + split(isRequired: false)),
        "SplitProfileChanges": .object(split(isRequired: false)),
        "Trunk": .object(
            [.required("group", group), .required("prefix", prefix), .required("endpoint", endpoint)]
                + [.required("selection", selection)] + trunk),
        "NewTrunk": .object([.required("group", group), .required("endpoint", endpoint)] + changes),
        "TrunkChanges": .object([.optional("endpoint", endpoint)] + changes),
    ]

    private static let number = Schema.string("A number.")
    private static let range = Schema.string(
        "A number, or a range such as 8001-8010; {number} in name and endpoint stands for it.")
    private static let group = Schema.string("trunkGroup of events.")
    private static let prefix = Schema.string(
        "What agents dial first, and the carrier does not get; may be empty. none: only outbound leads here.")
    private static let selection = Schema.word(Trunk.Selection.self)
    private static let capacity = Schema.integer("Calls at once, in and out; left out: as many as come.")
        .bounded(1, Trunk.maximumCapacity)
    private static let changes = [.optional("prefix", prefix), .optional("selection", selection)] + trunk
    private static let trunk: [Field] = [
        .optional("capacity", capacity),
        .optional(
            "further",
            .array(
                .object([.required("endpoint", endpoint), .optional("capacity", capacity)]),
                "Lines that stand for endpoint, in the order in which they are taken.")), shown,
    ]

    private static let outbound = Schema.map(
        of: .object([
            .required("groups", .array(.string(), "Trunk groups; the next when one is full, or its lines fail.")),
            .optional("strip", .integer("Digits behind the prefix that the carrier does not get.").bounded(0, 20)),
            .optional("prepend", .string("What the carrier gets before the rest.")),
            .optional("callerNumber", .string("What the called side is shown; left out: as the first group says.")),
            .optional("allowed", .array(.string(), "Beginnings of the only numbers that it carries; empty: all.")),
            .optional("barred", .array(.string(), "Beginnings of numbers that it does not carry.")),
        ]), "Where dialled numbers lead, by their prefix; that of a trunk needs no route.")
    private static let endpoint = Schema.string("The name at the switch: 8001 for PJSIP/8001.")
    private static let shown = Field.optional(
        "callerNumber", .string("What the called side is shown; left out: the device's."))

    private static func settings(isRequired: Bool) -> [Field] {
        func field(_ name: String, _ schema: Schema) -> Field {
            Field(name: name, schema: schema, isRequired: isRequired)
        }
        let recording: [Field] = [
            field("mode", .word(RecordingPolicy.Mode.self)), field("keepDays", .integer().bounded(1, 3650)),
        ]
        let dialling: [Field] = [
            .optional("country", .string("The tenant's calling code, such as 86.")),
            field("allowed", .array(.string("The beginning of numbers, such as 010 or +44."))),
            field("premium", .array(.string("The beginning of numbers that cost extra."))),
        ]
        return [
            field("timeZone", .string("UTC, or a name such as Asia/Shanghai.")),
            field("disabled", .boolean("Nobody may log in, and no call begins.")),
            field("maskNumbers", .boolean("Agents' numbers do not stand in the log in full.")),
            field("recording", .object(recording)), field("dialling", .object(dialling)), field("outbound", outbound),
            field("hours", .map(of: openingHours, "Opening hours by their names.")),
            field("inbound", .map(of: .string(route), "Where the numbers lead that customers call.")),
            field("limits", .map(of: .integer(), "By the names of the configuration file.")),
        ]
    }

    private static let openingHours = Schema.map(
        of: .array(.string("09:00-18:00")), "By weekday, mon to sun; holidays has days such as 2026-12-25.")

    private static let route =
        "The number of a device or a split; or an object of to, which is that number, priority, hours, the name of "
        + "opening hours, and closed: the number that is called out of them, or {sound, seconds}, what callers then hear."

    private static func agent(isRequired: Bool) -> [Field] {
        [
            Field(name: "name", schema: .string(), isRequired: isRequired),
            Field(name: "role", schema: .word(Role.ofAccounts.map(\.rawValue)), isRequired: isRequired),
            Field(name: "disabled", schema: .boolean(), isRequired: isRequired),
            .optional("devices", .array(.string(), "Where the agent may log in; left out: on any device.")),
        ]
    }

    private static func split(isRequired: Bool) -> [Field] {
        let member = Schema.object([
            .required("id", range), .optional("level", .integer().bounded(1, 100)),
            .optional("priority", .integer().bounded(1, 9)),
        ])
        let numbers = ["wrapUpSeconds", "ringSeconds", "maximumWaiting", "maximumWaitSeconds", "announceSeconds"]
        return [
            Field(name: "name", schema: .string(), isRequired: isRequired),
            Field(name: "strategy", schema: .word(SplitProfile.Strategy.self), isRequired: isRequired),
            Field(name: "agents", schema: .array(member), isRequired: isRequired),
            .optional("overflow", .string("The number of another split.")),
        ] + numbers.map { Field(name: $0, schema: .integer(), isRequired: isRequired) }
    }

    private static let passwords: [Field] = [
        .optional("password", .string("Kept as a hash only; ends the agent's sessions.")),
        .optional("passwordHash", .string("Instead of it: what ringside hash-password prints.")),
    ]

    private static func device(isRequired: Bool) -> [Field] {
        [
            Field(name: "endpoint", schema: endpoint, isRequired: isRequired),
            Field(name: "remoteAnswer", schema: .word(["talk", "header", "none"]), isRequired: isRequired),
            Field(name: "usable", schema: .boolean(), isRequired: isRequired),
            .optional("record", .boolean("Whether its calls are recorded; left out: as the tenant's policy says.")),
        ]
    }
}
