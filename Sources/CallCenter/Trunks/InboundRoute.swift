public import CSTA

/// Where a number leads that customers dial.
public struct InboundRoute: Hashable, Sendable {
    /// A device or a split.
    public var destination: DeviceID
    /// How urgent its calls are in a split: more is more urgent.
    public var priority: Int
    /// When it leads there; nil: always.
    public var hours: OpeningHours?
    /// What is called at other times, as an agent would dial it.
    public var closedNumber: String?
    /// What callers hear at other times if no number is called; without both they are refused.
    public var closedAnnouncement: Announcement?

    public init(
        to destination: DeviceID, priority: Int = 0, hours: OpeningHours? = nil, closedNumber: String? = nil,
        closedAnnouncement: Announcement? = nil
    ) {
        self.destination = destination
        self.priority = priority
        self.hours = hours
        self.closedNumber = closedNumber
        self.closedAnnouncement = closedAnnouncement
    }
}

/// The hours of a week in which somebody is there, and the days on which nobody is, by the tenant's clock.
public struct OpeningHours: Hashable, Sendable {
    /// Minutes of a day, from the first to the one before the last.
    public typealias Period = Range<Int>

    public enum Weekday: Int, Hashable, Sendable, CaseIterable {
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday
    }

    /// As the operator calls them.
    public var name: String
    /// What is missing is closed all day; where two overlap it is open for both.
    public var periods: [Weekday: [Period]]
    /// Days since 1970-01-01, as ``LocalTime/daysSinceEpoch``.
    public var holidays: Set<Int>

    public init(_ name: String = "", periods: [Weekday: [Period]], holidays: Set<Int> = []) {
        self.name = name
        self.periods = periods
        self.holidays = holidays
    }

    public func isOpen(at time: LocalTime) -> Bool {
        guard !holidays.contains(time.daysSinceEpoch), let today = periods[Weekday(of: time)] else { return false }
        return today.contains { $0.contains(time.minuteOfDay) }
    }
}

extension OpeningHours.Weekday {
    /// The first of January 1970 was a Thursday.
    init(of time: LocalTime) {
        let index = (time.daysSinceEpoch + Self.thursday.rawValue) % 7
        self = Self(rawValue: index < 0 ? index + 7 : index) ?? .monday
    }
}
