/// Whom the gateway believes: which pages of browsers, and which proxies.
public struct AccessRules: Hashable, Sendable {
    public var origins = OriginRules()
    public var proxies = TrustedProxies()

    public init() {}
}
