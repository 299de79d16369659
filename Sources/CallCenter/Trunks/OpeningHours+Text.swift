public import CSTA

// Opening hours as people write them, in the configuration file, over HTTP and in the journal: `mon`, `09:00-18:00`, `2026-12-25`.
extension OpeningHours {
    /// Of a day, and days off: more is a slip.
    public static let maximumPeriods = 8
    public static let maximumHolidays = 1000

    /// In the order of ``Weekday``.
    public static let weekdayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// `09:00-18:00`; nil: no period of a day. `24:00` ends one.
    public static func period(_ text: String) -> Period? {
        let minutes = text.split(separator: "-", omittingEmptySubsequences: false).map(minute)
        guard minutes.count == 2, let first = minutes[0], let last = minutes[1], first < last else { return nil }
        return first..<last
    }

    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), (0..<60).contains(minute), hour >= 0, hour * 60 + minute <= 24 * 60
        else { return nil }
        return hour * 60 + minute
    }

    /// `2026-12-25`, as ``LocalTime/daysSinceEpoch``; nil: no day.
    public static func holiday(_ text: String) -> Int? {
        LocalTime(text.replacing("-", with: ".") + " 00:00:00")?.daysSinceEpoch
    }

    /// `{"mon":["09:00-18:00"],"holidays":["2026-12-25"]}`, day by day.
    public var json: JSONObject {
        var object = JSONObject()
        for (day, name) in zip(Weekday.allCases, Self.weekdayNames) {
            guard let periods = periods[day] else { continue }
            object[name] = .array(
                periods.map { .string("\(Self.time($0.lowerBound))-\(Self.time($0.upperBound))") })
        }
        if !holidays.isEmpty { object["holidays"] = .array(holidays.sorted().map { .string(Self.day($0)) }) }
        return object
    }

    private static func time(_ minute: Int) -> String {
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(padded(minute / 60)):\(padded(minute % 60))"
    }

    private static func day(_ days: Int) -> String {
        String(LocalTime(milliseconds: Int64(days) * 86_400_000, offsetSeconds: 0).description.prefix(10))
            .replacing(".", with: "-")
    }
}
