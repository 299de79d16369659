public import CSTA

/// A campaign: a list of contacts that a split's agents are to talk with.
public struct Campaign: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Nobody is reserved and nobody is called.
        case stopped
        case running
        /// Nobody new is called; what is under way goes on.
        case paused
    }

    public let id: CampaignID
    public let namespace: Namespace
    public var state: State
    public var settings: CampaignSettings

    public init(id: CampaignID, namespace: Namespace, state: State = .stopped, settings: CampaignSettings) {
        self.id = id
        self.namespace = namespace
        self.state = state
        self.settings = settings
    }

    /// What the rules are asked for.
    ///
    /// - Parameter newCall: gives a fresh call id.
    public func order(for contact: Contact, newCall: () -> CallID) -> OutboundCall {
        OutboundCall(
            contact: contact.id, campaign: id, calls: (0..<settings.dials).map { _ in newCall() },
            split: settings.split, number: settings.prefix + contact.number, originForDisplay: settings.callerNumber,
            userData: contact.data, isPreview: settings.isPreview, answersItself: settings.answersItself,
            ringSeconds: settings.ringSeconds, limitSeconds: settings.limitSeconds,
            redialledAfter: Set(
                settings.retryMinutes.keys.compactMap { if case .failed(let code) = $0 { code } else { nil } }))
    }

    /// What becomes of a contact after an attempt.
    public func plan(after outcome: OutboundOutcome, attempts: Int, at ended: Instant) -> ContactPlan {
        guard outcome != .answered, attempts < settings.maximumAttempts, let minutes = settings.retryMinutes[outcome]
        else { return .done }
        return .again(at: ended.advanced(bySeconds: minutes * 60))
    }
}

/// What a campaign is set up as.
public struct CampaignSettings: Hashable, Sendable {
    public var name = ""
    /// Whose agents talk with the contacts.
    public var split: DeviceID
    /// The agent sees first whom it is to call; otherwise the server dials at once.
    public var isPreview = false
    /// The dialling prefix that leads to the trunk; the contacts' numbers are without it.
    public var prefix = ""
    /// What customers are shown instead of the trunk's number.
    public var callerNumber: String?
    public var ringSeconds = 30
    /// How long an agent is reserved for one contact at the most.
    public var limitSeconds = 150
    /// How often a contact is dialled while one agent is reserved.
    public var dials = 1
    /// How often an agent is reserved for the same contact.
    public var maximumAttempts = 3
    /// After which outcome a contact is called again, and when; after the others it is done.
    public var retryMinutes: [OutboundOutcome: Int] = [
        .failed(.busyNow): 5, .failed(.notReachable): 30, .failed(.lineIsBusy): 1, .failed(.notAnswer): 60,
        .released: 1, .expired: 5,
    ]
    /// When contacts may be called, by the clock where they are; nil: always.
    public var hours: OpeningHours?
    /// Of the contacts that name none, as `Asia/Shanghai`; nil: the tenant's.
    public var timeZone: String?
    /// Whether the agent's phone answers by itself when the customer has.
    public var answersItself = false

    public init(split: DeviceID) { self.split = split }
}

/// Whom a campaign wants to be called.
public struct Contact: Hashable, Sendable {
    /// Of one list; more is refused.
    public static let maximumOfCampaign = 1_000_000
    /// E.164 has 15; the rest is for codes of a carrier.
    public static let maximumNumberBytes = 32

    public var id: ContactID
    /// As the carrier gets it.
    public var number: String
    public var data: UserData
    public var timeZone: String?
    /// How often an agent was reserved for it, this time included.
    public var attempts: Int

    public init(id: ContactID, number: String, data: UserData = UserData(), timeZone: String? = nil, attempts: Int = 0)
    {
        self.id = id
        self.number = number
        self.data = data
        self.timeZone = timeZone
        self.attempts = attempts
    }

    /// The digits of a number, by which a list of those not to be called knows it.
    public static func digits(of number: some StringProtocol) -> String {
        String(number.filter { ("0"..."9").contains($0) })
    }
}

/// A line of a list that is to be added.
public struct NewContact: Hashable, Sendable {
    public var number: String
    public var data: UserData
    public var timeZone: String?

    public init(number: String, data: UserData = UserData(), timeZone: String? = nil) {
        self.number = number
        self.data = data
        self.timeZone = timeZone
    }
}

/// What becomes of a contact.
public enum ContactPlan: Hashable, Sendable {
    case done
    case again(at: Instant)
}

/// How far a campaign is; docs/metrics.md defines each.
public struct CampaignProgress: Hashable, Sendable {
    public var left = 0
    public var underWay = 0
    /// Of those that are done, by what has come of them.
    public var outcomes: [String: Int] = [:]

    public var done: Int { outcomes.values.reduce(0, +) }
    public var contacts: Int { left + underWay + done }

    public init() {}
}

extension OpeningHours {
    /// How far ahead an opening is looked for: beyond a week with holidays in it.
    private static let daysAhead = 31

    /// When it opens next, on a clock with these offsets; nil: not within a month.
    public func nextOpening(after now: Instant, in zone: ZoneOffsets) -> Instant? {
        let today = LocalTime(milliseconds: now.milliseconds, offsetSeconds: zone.offset(at: now)).daysSinceEpoch
        for day in today...(today + Self.daysAhead) where !holidays.contains(day) {
            let midnight = LocalTime(milliseconds: Int64(day) * 86_400_000, offsetSeconds: 0)
            let starts = (periods[Weekday(of: midnight)] ?? []).map(\.lowerBound).sorted()
            for minute in starts {
                let time = LocalTime(
                    milliseconds: Int64(day) * 86_400_000 + Int64(minute) * 60_000, offsetSeconds: 0)
                let opening = zone.instant(of: time)
                if opening > now { return opening }
            }
        }
        return nil
    }
}
