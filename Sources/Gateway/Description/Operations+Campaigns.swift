import CSTA
import CallCenter
import HTTPTypes

// Campaigns, and the agents who are reserved for them.
extension Operations {
    static let campaigns: [Operation] =
        outbound + [
            Operation(
                method: .get, path: CampaignRoutes.campaigns, id: "listCampaigns", group: .campaigns,
                summary: "The campaigns as they stand, with how far each is. Supervisors, admins and machines only.",
                answers: [
                    .json(.object([.required("campaigns", .array(.reference("Campaign")))]), "Oldest first.")
                ], refusals: .session + away),
            Operation(
                method: .post, path: CampaignRoutes.campaigns, id: "createCampaign", group: .campaigns,
                summary: "Makes a campaign, which is stopped and has no contacts.",
                body: [(Operation.json, .reference("CampaignSettings"))],
                answers: [.json(.reference("Campaign"), "The campaign.")],
                refusals: .session + .body + away + .also(409, "tooManyCampaigns")),
            Operation(
                method: .get, path: campaign, id: "getCampaign", group: .campaigns, summary: "A campaign as it stands.",
                answers: [.json(.reference("Campaign"), "The campaign.")], refusals: .session + known),
            Operation(
                method: .patch, path: campaign, id: "changeCampaign", group: .campaigns,
                summary: "Changes the fields that are sent: for the contacts that are called from now on.",
                body: [(Operation.json, .reference("CampaignChanges"))],
                answers: [.json(.reference("Campaign"), "The campaign.")], refusals: .session + .body + known),
            Operation(
                method: .delete, path: campaign, id: "deleteCampaign", group: .campaigns,
                summary: "Deletes a campaign that is stopped, with its contacts.",
                answers: [.done("It is gone; the records of its calls stay.")],
                refusals: .session + known + .also(409, "campaignNotStopped")),
            Operation(
                method: .post, path: campaign + "/contacts", id: "addContacts", group: .campaigns,
                summary:
                    "Adds contacts, a line each; those that cannot be read are listed and do not touch the others.",
                body: [
                    (
                        "application/x-ndjson",
                        .string(#"{"number":"138…","timeZone":"Asia/Shanghai","data":{"k":"v"}}"#)
                    ),
                    ("text/csv", .string("number,timeZone,k after a line of names, number among them.")),
                ],
                answers: [.json(.reference("AddedContacts"), "How many were added, and which were not.")],
                refusals: .session + .body + known),
        ]
        + [
            ("start", "Goes on calling."), ("pause", "Calls nobody new; what is under way goes on."),
            ("stop", "Calls nobody, and releases the agents who are reserved; calls that have reached one go on."),
        ]
        .map {
            Operation(
                method: .post, path: "\(campaign)/\($0.0)", id: "\($0.0)Campaign", group: .campaigns, summary: $0.1,
                answers: [.json(.reference("Campaign"), "The campaign.")], refusals: .session + known)
        } + doNotCall

    private static let doNotCall: [Operation] = [
        Operation(
            method: .get, path: CampaignRoutes.doNotCall, id: "listDoNotCall", group: .campaigns,
            summary: "Numbers that no campaign of the tenant calls.",
            query: [
                Operation.Parameter(name: "after", schema: .string("The next of the page before.")),
                Operation.Parameter(name: "limit", schema: .integer("1 to 1000; left out: 100.")),
            ],
            answers: [
                .json(
                    numbers([Field.optional("next", .string("For after; left out on the last page."))]),
                    "In their order.")
            ],
            refusals: .session + away),
        Operation(
            method: .post, path: CampaignRoutes.doNotCall, id: "addDoNotCall", group: .campaigns,
            summary: "Adds numbers that no campaign is to call, as the carrier gets them.",
            body: [(Operation.json, numbers([]))], answers: [.done("They are on the list.")],
            refusals: .session + .body + away),
        Operation(
            method: .delete, path: CampaignRoutes.doNotCall + "/{number}", id: "removeDoNotCall", group: .campaigns,
            summary: "Takes a number off the list.", answers: [.done("It is off the list.")],
            refusals: .session + away + .also(404, "noSuchNumber")),
    ]

    private static let outbound: [Operation] = [
        Operation(
            method: .post, path: "/api/csta/outbound/release/{agentId}", id: "releaseAgent", group: .campaigns,
            summary: "An Allocated agent whom no call has reached is Ready again.", answers: [.done("Released.")],
            refusals: reserved + .also(409, "notAllocated")),
        Operation(
            method: .post, path: "/api/csta/outbound/preview/{agentId}/accept", id: "acceptPreview", group: .campaigns,
            summary: "The customer whom client-state proposes is dialled.", answers: [.done("Dialled.")],
            refusals: reserved + .also(409, "nothingProposed") + .also(429, "tooManyCalls")
                + .also(503, "trunksBusy")),
        Operation(
            method: .post, path: "/api/csta/outbound/preview/{agentId}/skip", id: "skipPreview", group: .campaigns,
            summary: "The customer is not dialled; the agent is Ready again.", answers: [.done("Skipped.")],
            refusals: reserved + .also(409, "nothingProposed")),
    ]

    private static let campaign = CampaignRoutes.campaigns + "/{id}"
    private static let away: [Operation.Refusal] = .also(503, "campaignsAway")
    private static let known: [Operation.Refusal] = away + .also(404, "noSuchCampaign")
    private static let reserved: [Operation.Refusal] =
        .command + .also(452, "noSuchAgent") + .also(458, "agentLoggedOut")

    private static func numbers(_ others: [Field]) -> Schema {
        .object([.required("numbers", .array(.string("Digits, perhaps with + * #.")))] + others)
    }
}
