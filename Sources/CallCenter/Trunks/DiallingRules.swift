/// Which numbers beyond the trunks a tenant's devices may call, whoever asks: toll fraud runs up a bill in one night.
///
/// The rules see a number as the carrier gets it, without the trunk's prefix. Numbers from `+` or `00` on go abroad,
/// unless the tenant's own calling code follows. Where another prefix leads abroad, as 011 does in North America, it has to be
/// among ``premium``.
public struct DiallingRules: Hashable, Sendable {
    /// Why a number is not called.
    public enum Barrier: String, Hashable, Sendable {
        case international
        case premium
        /// There is a list of allowed prefixes, and it begins with none.
        case notListed
        /// `*` and `#` command the carrier, as call forwarding does.
        case serviceCode
        /// The route that its prefix leads to does not carry it.
        case route
    }

    /// Of one list.
    public static let maximumPrefixes = 1000

    /// Premium services of Europe (0900, 0190), of North America (1-900), and without the trunk's zero.
    public static let usualPremium = ["0900", "0190", "1900", "900"]

    /// Numbers of up to so many digits are the carrier's own, emergency calls above all: no list bars them.
    static let shortDigits = 3

    /// The tenant's calling code, `86`; nil: every number from `+` or `00` on goes abroad.
    public var country: String?
    /// Beginnings of allowed numbers. Those from `+` on allow numbers abroad, `+44`, and all of them `+`. The others, if
    /// there is one, are all that is allowed at home; one may allow a premium number or a service code by being longer.
    public var allowed: [String]
    /// Beginnings of numbers at home that cost extra.
    public var premium: [String]

    public init(country: String? = nil, allowed: [String] = [], premium: [String] = Self.usualPremium) {
        self.country = country
        self.allowed = allowed
        self.premium = premium
    }

    /// What keeps a number from being called by a route; nil: nothing.
    func barrier(to number: some StringProtocol, on route: OutboundRoute) -> Barrier? {
        barrier(to: number) ?? (carries(route, number) ? nil : .route)
    }

    /// What is prepended must not hide a number abroad, a premium one or a code. It may be a carrier's code, or what leads out of
    /// another switch, and only a part of it may be that: the number is looked at from each of its digits on, unless it is
    /// ``allowed`` as a whole.
    ///
    /// - Parameter number: as the carrier gets it.
    func barrier(behindPrependedOf route: OutboundRoute, _ number: String) -> Barrier? {
        let isAllowed = allowed.contains { $0.count >= route.prepended.count && number.hasPrefix($0) }
        guard !isAllowed, number.count > Self.shortDigits, number.hasPrefix(route.prepended) else { return nil }
        // What goes abroad as a whole has been looked at as that.
        guard !route.prepended.hasPrefix("+"), !route.prepended.hasPrefix("00") else { return nil }
        for hidden in 0..<route.prepended.count {
            let barrier = barrier(to: number.dropFirst(hidden + 1))
            if let barrier, barrier != .notListed { return barrier }
        }
        return nil
    }

    /// What keeps a number from being called; nil: nothing.
    func barrier(to number: some StringProtocol) -> Barrier? {
        if number.contains(where: Self.isCode) {
            // What follows an allowed code is a number like others.
            let codes = allowed.filter { $0.contains(where: Self.isCode) && number.hasPrefix($0) }
            guard let code = codes.max(by: { $0.count < $1.count }) else { return .serviceCode }
            let rest = number.dropFirst(code.count)
            return rest.isEmpty ? nil : barrier(to: rest)
        }
        switch reading(of: number) {
        case .home(let spellings): return barrier(atHome: spellings)
        case .abroad(let full):
            return allowed.contains { $0.hasPrefix("+") && ("+" + full).hasPrefix($0) } ? nil : .international
        }
    }

    private enum Reading {
        /// All spellings of one number.
        case home([String])
        /// From the calling code on.
        case abroad(String)
    }

    private func reading(of number: some StringProtocol) -> Reading {
        // What a carrier may skip cannot hide anything.
        let digits = String(number.filter { ("0"..."9").contains($0) })
        let isFull = number.contains("+")
        guard isFull || digits.hasPrefix("00") else { return .home([digits]) }
        // Of several zeros in a row carriers take more than two, too.
        let full = String(isFull && !digits.hasPrefix("0") ? digits[...] : digits.drop { $0 == "0" })
        guard let country, full.hasPrefix(country) else { return .abroad(full) }
        let rest = String(full.dropFirst(country.count))
        // A carrier that takes its own country's code away would go on with a number abroad.
        return rest.hasPrefix("00") ? reading(of: rest) : .home([rest, "0" + rest, "+" + full])
    }

    private func carries(_ route: OutboundRoute, _ number: some StringProtocol) -> Bool {
        if let code = number.lastIndex(where: Self.isCode) {
            let match = Self.longest(route.allowed, of: [String(number)])
            if let barred = Self.longest(route.barred, of: [String(number)]), match ?? 0 < barred { return false }
            let rest = number[number.index(after: code)...]
            return rest.isEmpty ? match != nil || route.allowed.isEmpty : carries(route, rest)
        }
        let spellings: [String]
        switch reading(of: number) {
        case .home(let found):
            if Self.isShort(found) { return true }
            spellings = found
        case .abroad(let full): spellings = ["+" + full, "00" + full]
        }
        let match = Self.longest(route.allowed, of: spellings)
        if let barred = Self.longest(route.barred, of: spellings), match ?? 0 < barred { return false }
        return match != nil || route.allowed.isEmpty
    }

    private static func isCode(_ character: Character) -> Bool { character == "*" || character == "#" }

    /// - Parameter spellings: of one number.
    private func barrier(atHome spellings: [String]) -> Barrier? {
        let match = Self.longest(allowed, of: spellings)
        if let costly = Self.longest(premium, of: spellings), match ?? 0 < costly { return .premium }
        guard match == nil, allowed.contains(where: { !$0.hasPrefix("+") }) else { return nil }
        return Self.isShort(spellings) ? nil : .notListed
    }

    private static func isShort(_ spellings: [String]) -> Bool {
        spellings.contains { (1...shortDigits).contains($0.count) }
    }

    /// How long the longest of some prefixes is that a number begins with.
    private static func longest(_ prefixes: [String], of spellings: [String]) -> Int? {
        prefixes.filter { prefix in spellings.contains { $0.hasPrefix(prefix) } }.map(\.count).max()
    }
}
