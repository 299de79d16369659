public import CSTA

/// What is wrong with the settings of a campaign.
public struct CampaignFieldError: Error, Hashable, Sendable {
    public var field: String
    /// `not a number from 1 to 5.`
    public var problem: String

    public init(field: String, problem: String) {
        self.field = field
        self.problem = problem
    }
}

// Settings as clients send them and as the journal keeps them:
// {"name":"…","split":"7000@ns","type":"PreOccupied","prefix":"9","retries":{"11":60},"hours":{"mon":["09:00-18:00"]}, …}
extension CampaignSettings {
    public static let maximumNameBytes = 128
    private static let maximumRetryMinutes = 30 * 24 * 60

    /// - Throws: ``CampaignFieldError`` for the first field that is missing, unknown or wrong.
    public init(_ object: JSONObject, in namespace: Namespace) throws(CampaignFieldError) {
        guard object["name"] != nil else { throw CampaignFieldError(field: "name", problem: "is missing.") }
        guard let split = object["split"]?.string.flatMap({ Self.device($0, in: namespace) }) else {
            throw CampaignFieldError(field: "split", problem: "is missing, or not a number of this namespace.")
        }
        self.init(split: split)
        try change(object, in: namespace)
    }

    /// Changes the fields that are there.
    public mutating func change(_ object: JSONObject, in namespace: Namespace) throws(CampaignFieldError) {
        var changed = self
        for (key, value) in object { try changed.set(key, value, in: namespace) }
        self = changed
    }

    public var json: JSONObject {
        var object: JSONObject = [
            "name": .string(name), "split": .string(split.text),
            "type": .string((isPreview ? CallType.preview : .preoccupied).rawValue), "prefix": .string(prefix),
        ]
        if let callerNumber { object["callerNumber"] = .string(callerNumber) }
        for (key, value) in [
            ("ringSeconds", ringSeconds), ("limitSeconds", limitSeconds), ("dials", dials),
            ("attempts", maximumAttempts),
        ] {
            object[key] = .number(String(value))
        }
        var retries = JSONObject()
        for (outcome, minutes) in retryMinutes.sorted(by: { $0.key.text < $1.key.text }) {
            retries[outcome.text] = .number(String(minutes))
        }
        object["retries"] = .object(retries)
        if let hours { object["hours"] = .object(hours.json) }
        if let timeZone { object["timeZone"] = .string(timeZone) }
        object["autoAnswer"] = .bool(answersItself)
        return object
    }

    private mutating func set(_ key: String, _ value: JSON, in namespace: Namespace) throws(CampaignFieldError) {
        func wrong(_ problem: String) -> CampaignFieldError { CampaignFieldError(field: key, problem: problem) }
        func integer(_ range: ClosedRange<Int>) throws(CampaignFieldError) -> Int {
            guard let number = value.integer, let result = Int(exactly: number), range.contains(result) else {
                throw wrong("not a number from \(range.lowerBound) to \(range.upperBound).")
            }
            return result
        }
        switch key {
        case "name":
            guard let text = value.string, !text.isEmpty, text.utf8.count <= Self.maximumNameBytes else {
                throw wrong("not a text of 1 to \(Self.maximumNameBytes) bytes.")
            }
            name = text
        case "split":
            guard let device = value.string.flatMap({ Self.device($0, in: namespace) }) else {
                throw wrong("not a number of this namespace.")
            }
            split = device
        case "type":
            switch value.string.flatMap(CallType.init) {
            case .preoccupied?: isPreview = false
            case .preview?: isPreview = true
            default: throw wrong("neither PreOccupied nor PreView.")
            }
        case "prefix":
            guard let text = value.string, text.isEmpty || DeviceID.isNumber(text), text.utf8.count <= 8 else {
                throw wrong("not a dialling prefix.")
            }
            prefix = text
        case "callerNumber":
            guard value == .null || value.string.map({ DeviceID.isNumber($0) }) == true else {
                throw wrong("not a number.")
            }
            callerNumber = value.string
        case "ringSeconds": ringSeconds = try integer(5...120)
        case "limitSeconds": limitSeconds = try integer(10...600)
        case "dials": dials = try integer(1...OutboundCall.maximumDials)
        case "attempts": maximumAttempts = try integer(1...50)
        case "retries": retryMinutes = try Self.retries(value)
        case "hours": hours = value == .null ? nil : try Self.hours(value)
        case "timeZone":
            guard value == .null || value.string != nil else { throw wrong("not the name of a time zone.") }
            timeZone = value.string
        case "autoAnswer":
            guard let flag = value.bool else { throw wrong("neither true nor false.") }
            answersItself = flag
        default: throw wrong("is not known.")
        }
    }

    private static func device(_ text: String, in namespace: Namespace) -> DeviceID? {
        guard let device = text.contains("@") ? DeviceID(text) : DeviceID(text, in: namespace) else { return nil }
        return device.isIn(namespace) ? device : nil
    }

    private static func retries(_ value: JSON) throws(CampaignFieldError) -> [OutboundOutcome: Int] {
        guard let object = value.object else { throw CampaignFieldError(field: "retries", problem: "not an object.") }
        var retries: [OutboundOutcome: Int] = [:]
        for (key, value) in object {
            guard let outcome = OutboundOutcome(key), outcome != .answered else {
                throw CampaignFieldError(
                    field: "retries.\(key.prefix(32))",
                    problem: "neither a failedCode nor abandoned, skipped, expired or released.")
            }
            guard let minutes = value.integer, (1...Int64(maximumRetryMinutes)).contains(minutes) else {
                throw CampaignFieldError(
                    field: "retries.\(key)", problem: "not a number of minutes from 1 to \(maximumRetryMinutes).")
            }
            retries[outcome] = Int(minutes)
        }
        return retries
    }

    private static func hours(_ value: JSON) throws(CampaignFieldError) -> OpeningHours {
        guard let object = value.object else { throw CampaignFieldError(field: "hours", problem: "not an object.") }
        var hours = OpeningHours(periods: [:])
        for (key, value) in object {
            if key == "holidays" {
                hours.holidays = try holidays(value)
            } else {
                hours.periods[try weekday(key)] = try periods(value, of: key)
            }
        }
        return hours
    }

    private static func weekday(_ name: String) throws(CampaignFieldError) -> OpeningHours.Weekday {
        if let day = OpeningHours.weekdayNames.firstIndex(of: name).flatMap(OpeningHours.Weekday.init) { return day }
        throw CampaignFieldError(field: "hours.\(name.prefix(32))", problem: "neither mon to sun nor holidays.")
    }

    private static func periods(_ value: JSON, of day: String) throws(CampaignFieldError) -> [OpeningHours.Period] {
        let periods = (value.array ?? []).compactMap { $0.string.flatMap(OpeningHours.period) }
        guard let count = value.array?.count, count == periods.count, count <= OpeningHours.maximumPeriods else {
            throw CampaignFieldError(
                field: "hours.\(day)",
                problem: "not a list of at most \(OpeningHours.maximumPeriods) periods such as 09:00-18:00.")
        }
        return periods
    }

    private static func holidays(_ value: JSON) throws(CampaignFieldError) -> Set<Int> {
        let days = (value.array ?? []).compactMap { $0.string.flatMap(OpeningHours.holiday) }
        guard let count = value.array?.count, count == days.count, count <= OpeningHours.maximumHolidays else {
            throw CampaignFieldError(
                field: "hours.holidays",
                problem: "not a list of at most \(OpeningHours.maximumHolidays) days such as 2026-12-25.")
        }
        return Set(days)
    }
}
