import CSTA

/// The measures that are sent beside the events, for AsyncAPI.
enum MeasuresDescription {
    static let name = "measures"
    static let stompChannel = "stompMeasures"

    static let message: JSON = .object([
        "name": .string(name),
        "summary": .string(
            "The measures of all splits, or of all campaigns, as they stand: at once, and when they have changed, at most once a "
                + "second. It has no serial, and is not sent again; by SSE it is of the event type measures."),
        "contentType": .string(Operation.json),
        "payload": .object(
            Schema.object([
                .required("measures", .word(MeasureKind.self, "By its presence it is told from an event.")),
                .optional("splits", .array(.reference("Split"))),
                .optional("campaigns", .array(.reference("Campaign"))),
            ]).json),
    ])

    static let stomp: JSON = .object([
        "address": .string("\(StompMeasures.prefix){kind}"),
        "title": .string("STOMP: a MESSAGE when measures have changed"),
        "servers": .array([.object(["$ref": .string("#/servers/\(StompDescription.server)")])]),
        "parameters": .object([
            "kind": .object(["enum": .array(MeasureKind.allCases.map { .string($0.rawValue) })])
        ]),
        "messages": .object([name: .object(["$ref": .string("#/components/messages/\(name)")])]),
    ])
}
