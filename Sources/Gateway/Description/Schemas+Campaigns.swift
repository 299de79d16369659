import CSTA
import CallCenter

extension Schemas {
    static let campaignSettings = Schema.object(
        [.required("name", .string()), .required("split", device)] + campaignOptions, "What a campaign is set up as.")

    static let campaignChanges = Schema.object(
        [.optional("name", .string()), .optional("split", device)] + campaignOptions, "What is to be changed of it.")

    static let campaign = Schema.object(
        [
            .required("id", .integer()), .required("state", .word(Campaign.State.self)),
            .required("name", .string()), .required("split", device),
        ] + campaignOptions + [
            .required(
                "progress",
                .object(
                    [
                        .required("contacts", .integer("All of its list.")),
                        .required("left", .integer("They are to be called still, some of them again.")),
                        .required("underWay", .integer("An agent is reserved, or a call is up.")),
                        .required("done", .integer()),
                        .required(
                            "outcomes",
                            .map(
                                of: .integer(),
                                "How many are done, by answered, abandoned, skipped, expired, released, doNotCall, barred "
                                    + "or the failedCode.")),
                    ], "docs/metrics.md defines each measure."))
        ], "A campaign as it stands.")

    private static let campaignOptions: [Field] = [
        .optional("type", .word(["PreOccupied", "PreView"], "Left out: PreOccupied.")),
        .optional("prefix", .string("The dialling prefix of the trunk; contacts' numbers are without it.")),
        .optional("callerNumber", .string("What customers are shown; left out: the trunk's.")),
        .optional("ringSeconds", .integer("5 to 120; left out: 30.")),
        .optional("limitSeconds", .integer("How long an agent is reserved for a contact: 10 to 600; left out: 150.")),
        .optional("dials", .integer("How often a contact is dialled meanwhile: 1 to 5; left out: 1.")),
        .optional("attempts", .integer("How often an agent is reserved for a contact: 1 to 50; left out: 3.")),
        .optional(
            "retries",
            .map(of: .integer(), "After how many minutes a contact is called again, by outcome; others are done.")),
        .optional(
            "hours",
            .map(
                of: .array(.string("09:00-18:00")),
                "mon to sun, and holidays with days such as 2026-12-25, where the contact is; left out: always.")
        ),
        .optional("timeZone", .string("Of contacts that name none, as Asia/Shanghai; left out: the tenant's.")),
        .optional("autoAnswer", .boolean("Whether the agent's phone answers by itself when the customer has.")),
    ]

    static let addedContacts = Schema.object([
        .required("accepted", .integer()), .required("refusedCount", .integer()),
        .required(
            "refused",
            .array(
                .object([.required("line", .integer("The first is 1.")), .required("reason", .string())]),
                "The first 1000 of them.")),
    ])

    static let preview = Schema.object(
        [
            .required("campaignId", .string()), .required("contactId", .string()),
            .required("number", .string("As it would be dialled.")), .required("split", device),
            .required("userData", .reference("UserData")),
        ], "Whom the agent is asked to call: POST …/outbound/preview/{agentId}/accept or skip.")
}
