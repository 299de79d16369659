import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/api/csta/campaigns` and `/api/csta/doNotCall`: for supervisors, admins and machines.
enum CampaignRoutes {
    static let campaigns = "/api/csta/campaigns"
    static let doNotCall = "/api/csta/doNotCall"
    /// Of a list that is sent, in one request.
    private static let maximumListBytes = 1 << 20
    /// Of an answer; how many there are in all is said.
    private static let maximumRefused = 1000
    private static let maximumNumbers = 5000

    static func add(to routes: inout RouteTable, _ port: any CampaignPort) {
        let campaign = campaigns + "/{id}"
        routes.on(.get, campaigns) { try await list($0, port) }
        routes.on(.post, campaigns) { try await create($0, port) }
        routes.on(.get, campaign) { try await show($0, port) }
        routes.on(.patch, campaign) { try await change($0, port) }
        routes.on(.delete, campaign) { try await remove($0, port) }
        routes.on(.post, campaign + "/contacts") { try await addContacts($0, port) }
        for (word, state) in [("start", Campaign.State.running), ("pause", .paused), ("stop", .stopped)] {
            routes.on(.post, "\(campaign)/\(word)") { try await set($0, port, state) }
        }
        routes.on(.get, doNotCall) { try await listDoNotCall($0, port) }
        routes.on(.post, doNotCall) { try await addDoNotCall($0, port) }
        routes.on(.delete, doNotCall + "/{number}") { try await removeDoNotCall($0, port) }
    }

    // MARK: Campaigns

    private static func list(_ request: APIRequest, _ port: any CampaignPort) async throws -> Response {
        let namespace = try request.supervised()
        let found = try await APIError.campaign { () async throws(CampaignError) in
            try await port.campaigns(in: namespace)
        }
        return .json(JSON.object(["campaigns": .array(found.map { .object($0.json) })]).encoded())
    }

    private static func create(_ request: APIRequest, _ port: any CampaignPort) async throws -> Response {
        let namespace = try request.supervised()
        let object = try await request.object()
        return try await answer { () async throws(CampaignError) in try await port.create(object, in: namespace) }
    }

    private static func show(_ request: APIRequest, _ port: any CampaignPort) async throws -> Response {
        let namespace = try request.supervised()
        let id = try request.campaign()
        return try await answer { () async throws(CampaignError) in try await port.campaign(id, in: namespace) }
    }

    private static func change(_ request: APIRequest, _ port: any CampaignPort) async throws -> Response {
        let namespace = try request.supervised()
        let id = try request.campaign()
        let object = try await request.object()
        return try await answer { () async throws(CampaignError) in
            try await port.change(id, object, in: namespace)
        }
    }

    private static func remove(_ request: APIRequest, _ port: any CampaignPort) async throws -> Response {
        let namespace = try request.supervised()
        let id = try request.campaign()
        try await APIError.campaign { () async throws(CampaignError) in try await port.remove(id, in: namespace) }
        return .noContent
    }

    private static func set(
        _ request: APIRequest, _ port: any CampaignPort, _ state: Campaign.State
    ) async throws -> Response {
        let namespace = try request.supervised()
        let id = try request.campaign()
        return try await answer { () async throws(CampaignError) in
            try await port.set(id, to: state, in: namespace)
        }
    }

    private static func answer(
        _ body: () async throws(CampaignError) -> CampaignStatus
    ) async throws(APIError) -> Response {
        .json(JSON.object(try await APIError.campaign(body).json).encoded())
    }

    private static func addContacts(_ request: APIRequest, _ port: any CampaignPort) async throws -> Response {
        let namespace = try request.supervised()
        let id = try request.campaign()
        let isCSV = request.request.headers[.contentType]?.lowercased().hasPrefix("text/csv") == true
        let lines = try ContactLines(try await request.body(atMost: maximumListBytes), isCSV: isCSV)
        let results = try await APIError.campaign { () async throws(CampaignError) in
            try await port.add(lines.contacts.map(\.contact), to: id, in: namespace)
        }
        var refused = lines.refused
        for (line, result) in zip(lines.contacts.map(\.line), results) {
            if let result { refused.append(ContactLines.Refused(line: line, reason: result.words)) }
        }
        refused.sort { $0.line < $1.line }
        let listed = refused.prefix(maximumRefused).map { refusal in
            JSON.object(["line": .number(String(refusal.line)), "reason": .string(refusal.reason)])
        }
        return .json(
            JSON.object([
                "accepted": .number(String(results.count { $0 == nil })),
                "refusedCount": .number(String(refused.count)), "refused": .array(listed),
            ]).encoded())
    }

    // MARK: Numbers that are not to be called

    private static func listDoNotCall(_ request: APIRequest, _ port: any CampaignPort) async throws -> Response {
        let namespace = try request.supervised()
        let query = QueryFields(try request.query(), in: namespace)
        let (after, limit) = (query.text("after") ?? "", try query.limit())
        let numbers = try await APIError.campaign { () async throws(CampaignError) in
            try await port.doNotCall(in: namespace, after: after, limit: limit + 1)
        }
        var object: JSONObject = ["numbers": .array(numbers.prefix(limit).map(JSON.string))]
        if numbers.count > limit { object["next"] = .string(numbers[limit - 1]) }
        return .json(JSON.object(object).encoded())
    }

    private static func addDoNotCall(_ request: APIRequest, _ port: any CampaignPort) async throws -> Response {
        let namespace = try request.supervised()
        let entries = try await request.object()["numbers"]?.array ?? []
        let numbers = entries.compactMap(\.string).filter {
            DeviceID.isNumber($0) && !Contact.digits(of: $0).isEmpty
                && $0.utf8.count <= Contact.maximumNumberBytes
        }
        guard !entries.isEmpty, numbers.count == entries.count, numbers.count <= maximumNumbers else {
            throw APIError.malformed("numbers", "not a list of 1 to \(maximumNumbers) numbers.")
        }
        try await APIError.campaign { () async throws(CampaignError) in
            try await port.addDoNotCall(numbers, in: namespace)
        }
        return .noContent
    }

    private static func removeDoNotCall(_ request: APIRequest, _ port: any CampaignPort) async throws -> Response {
        let namespace = try request.supervised()
        let number = try request.parameter("number")
        let wasThere = try await APIError.campaign { () async throws(CampaignError) in
            try await port.removeDoNotCall(number, in: namespace)
        }
        guard wasThere else { throw APIError(404, "noSuchNumber", "This number is not on the list.") }
        return .noContent
    }
}

extension APIRequest {
    /// The namespace of the one who asks, if that one may see all of it.
    fileprivate func supervised() throws(APIError) -> Namespace {
        let requester = try requester()
        guard requester.role.supervises else { throw APIError(.notYours, in: .call) }
        return requester.agent.namespace
    }

    /// What is no number is no campaign either.
    fileprivate func campaign() throws(APIError) -> CampaignID {
        guard let id = Int64(try parameter("id")) else { throw .noSuchCampaign }
        return CampaignID(id)
    }
}

extension APIError {
    fileprivate static let noSuchCampaign = APIError(404, "noSuchCampaign", "There is no such campaign.")

    fileprivate static func campaign<Value>(
        _ body: () async throws(CampaignError) -> Value
    ) async throws(APIError) -> Value {
        do throws(CampaignError) {
            return try await body()
        } catch {
            throw APIError(error)
        }
    }

    private init(_ error: CampaignError) {
        switch error {
        case .noSuchCampaign: self = .noSuchCampaign
        case .field(let error): self = .malformed(error.field, error.problem)
        case .notStopped:
            self.init(
                409, "campaignNotStopped",
                "The campaign is not stopped, or a call of it is under way: stop it, and wait for its calls.")
        case .tooMany: self.init(409, "tooManyCampaigns", "There are as many campaigns as there may be: delete some.")
        case .unavailable:
            self.init(503, "campaignsAway", "Campaigns cannot be stored now: try again in a few seconds.")
            retryAfterSeconds = 5
        }
    }
}

extension ContactRefusal {
    fileprivate var words: String {
        switch self {
        case .repeated: "the campaign has this number already"
        case .unknownTimeZone: "timeZone: not known, write a name such as Asia/Shanghai"
        case .tooManyContacts: "the campaign has as many contacts as it may have"
        }
    }
}

extension CampaignStatus {
    /// The settings with `id`, `state` and `progress`.
    var json: JSONObject {
        var object: JSONObject = ["id": .number(campaign.id.description), "state": .string(campaign.state.rawValue)]
        for (key, value) in campaign.settings.json { object[key] = value }
        var outcomes = JSONObject()
        for (outcome, count) in progress.outcomes.sorted(by: { $0.key < $1.key }) {
            outcomes[outcome] = .number(String(count))
        }
        object["progress"] = .object([
            "contacts": .number(String(progress.contacts)), "left": .number(String(progress.left)),
            "underWay": .number(String(progress.underWay)), "done": .number(String(progress.done)),
            "outcomes": .object(outcomes),
        ])
        return object
    }
}
