import CSTA

/// Where numbers lead that begin with a dialling prefix: the counterpart of ``InboundRoute``.
public struct OutboundRoute: Hashable, Sendable {
    /// One after the other is looked at while a call begins.
    public static let maximumGroups = 8
    /// Longest prefix that leads out.
    public static let maximumPrefixBytes = 8

    /// Trunk groups, each once: the next has the call when the one before is full, or its lines fail.
    public var groups: [String]
    /// How many digits behind the prefix the carrier does not get.
    public var strippedDigits: Int
    /// What the carrier gets before what is left.
    public var prepended: String
    /// The number that the called side is shown; nil: that of the first group, or else the calling device's.
    public var callerNumber: String?
    /// Beginnings of the only numbers that the route carries; empty: all. Read as those of ``DiallingRules`` are.
    public var allowed: [String]
    /// Beginnings of numbers that it does not carry, unless a longer one is allowed.
    public var barred: [String]

    public init(
        groups: [String], strippedDigits: Int = 0, prepended: String = "", callerNumber: String? = nil,
        allowed: [String] = [], barred: [String] = []
    ) {
        self.groups = groups
        self.strippedDigits = strippedDigits
        self.prepended = prepended
        self.callerNumber = callerNumber
        self.allowed = allowed
        self.barred = barred
    }

    /// What the carrier gets of a number; nil: nothing is left of it, or it becomes too long. Numbers of up to three digits are the
    /// carrier's own, emergency calls above all, and stay as they are.
    ///
    /// - Parameter number: as it was dialled, without the prefix.
    public func carrierNumber(_ number: some StringProtocol) -> String? {
        if (1...DiallingRules.shortDigits).contains(number.count), number.allSatisfy(\.isWholeNumber) {
            return String(number)
        }
        let rest = number.dropFirst(strippedDigits)
        let whole = prepended + rest
        return rest.isEmpty || !DeviceID.isNumber(whole) ? nil : whole
    }
}

extension TenantConfiguration {
    /// Digits from which on two numbers that end alike are taken for one, with and without a country's code.
    private static let wholeNumberDigits = 7

    /// Whether a number comes back in, as the carrier gets it: it is one of the tenant's own, however it is written.
    public func leadsBack(_ number: String) -> Bool {
        func digits(_ text: String) -> Substring { text.filter(\.isWholeNumber).drop { $0 == "0" } }
        let called = digits(number)
        return inbound.keys.contains { key in
            let own = digits(key)
            let shorter = min(own.count, called.count)
            return own == called
                || shorter >= Self.wholeNumberDigits && (called.hasSuffix(own) || own.hasSuffix(called))
        }
    }

    /// What leads out, in the order of the trunks and then of the routes.
    public var dialPrefixes: [String] {
        let own = trunks.compactMap(\.prefix)
        return own + outbound.keys.filter { !own.contains($0) }.sorted()
    }

    /// Where each prefix leads: a trunk's own to that one alone, unless a route says otherwise.
    public var routes: [String: OutboundRoute] {
        var routes = outbound
        for trunk in trunks {
            guard let prefix = trunk.prefix, routes[prefix] == nil else { continue }
            routes[prefix] = OutboundRoute(groups: [trunk.group])
        }
        return routes
    }
}

/// Trunk groups and routes, as they are looked up while a call begins.
public struct TrunkPlan: Sendable {
    let groups: [String: Trunk]
    private let routes: [String: OutboundRoute]
    private let longestPrefixBytes: Int

    public init(_ configuration: TenantConfiguration) {
        groups = Dictionary(configuration.trunks.map { ($0.group, $0) }, uniquingKeysWith: { first, _ in first })
        routes = configuration.routes
        longestPrefixBytes = routes.keys.map(\.utf8.count).max() ?? 0
    }

    /// The route of the longest prefix of a number, behind which something is left.
    public func route(of number: some StringProtocol) -> (prefix: String, route: OutboundRoute)? {
        let most = min(longestPrefixBytes, number.utf8.count - 1)
        guard most >= 0 else { return nil }
        for length in stride(from: most, through: 0, by: -1) {
            let prefix = String(number.prefix(length))
            if let route = routes[prefix] { return (prefix, route) }
        }
        return nil
    }
}
