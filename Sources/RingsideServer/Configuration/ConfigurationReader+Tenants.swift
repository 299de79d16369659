import CSTA
import CallCenter
import Foundation
import SwitchDriver

extension ConfigurationReader {
    func tenants(_ field: ConfigurationField, of settings: SwitchSettings) -> [TenantSettings] {
        guard let entries = field.list(of: "tenants") else { return [] }
        if entries.isEmpty { field.report("there is no tenant", "Add one; `ringside config example` has one") }
        var claims = LineClaims(sharedSwitch: settings != .sandbox)
        var lines: [Namespace: Int] = [:]
        return entries.compactMap { entry in
            guard let tenant = tenant(entry, claims: &claims) else { return nil }
            if let earlier = lines[tenant.namespace] {
                entry.report(
                    "\(tenant.namespace) is the tenant of line \(earlier) already", "Give each its own namespace")
            }
            lines[tenant.namespace] = lines[tenant.namespace] ?? entry.line
            return tenant
        }
    }

    private func tenant(_ field: ConfigurationField, claims: inout LineClaims) -> TenantSettings? {
        guard let section = field.section(Self.ofTenants + ["agents", "devices", "splits", "trunks"]) else {
            return nil
        }
        // Without its namespace nothing else of a tenant can be named; a stand-in lets the other mistakes be found.
        let given = namespace(section.required("namespace", example: "namespace: demo.cc"))
        guard let namespace = given ?? Namespace("unnamed") else { return nil }
        let devices = section.required("devices", example: "a list with - id: 8001-8010").map {
            self.devices($0, in: namespace, claims: &claims)
        }
        let agents = section.required("agents", example: "a list with - id: 5001-5010").map {
            self.agents($0, in: namespace, devices: devices)
        }
        var tenant = TenantSettings(
            namespace: namespace, timeZone: .gmt, agents: agents ?? [], devices: devices ?? [],
            splits: section["splits"].map { splits($0, in: namespace, devices: devices, agents: agents) } ?? [],
            trunks: section["trunks"].map { trunks($0) } ?? [])
        read(section, into: &tenant, devices: devices)
        claims.add(trunks: tenant.trunks, inbound: tenant.inbound.keys, of: namespace, at: section["inbound"] ?? field)
        return given == nil ? nil : tenant
    }

    /// A tenant as its own settings, all of which the field has, say; the agents, devices, splits and trunks stay.
    func changed(_ tenant: TenantSettings, by field: ConfigurationField) -> TenantSettings {
        guard let section = field.section(Self.ofTenants) else { return tenant }
        var result = TenantSettings(
            namespace: tenant.namespace, timeZone: .gmt, agents: tenant.agents, devices: tenant.devices,
            splits: tenant.splits, trunks: tenant.trunks)
        read(section, into: &result, devices: tenant.devices)
        return result
    }

    private static let ofTenants = [
        "namespace", "timeZone", "dialling", "outbound", "hours", "inbound", "recording", "limits", "maskNumbers",
        "disabled",
    ]

    /// - Parameter devices: nil if they could not be read.
    private func read(
        _ section: ConfigurationSection, into tenant: inout TenantSettings, devices: [TenantSettings.DeviceSettings]?
    ) {
        if let zone = section["timeZone"].flatMap(timeZone) { tenant.set(timeZone: zone) }
        if let field = section["dialling"] { tenant.dialling = dialling(field) }
        if let field = section["outbound"] { tenant.outbound = outbound(field, trunks: tenant.trunks) }
        if let field = section["hours"] { tenant.hours = hours(field) }
        let known = devices.map { Set($0.map(\.profile.id)).union(tenant.splits.map(\.id)) }
        if let field = section["inbound"] {
            tenant.inbound = inbound(field, in: tenant.namespace, known: known, hours: tenant.hours)
            report(circlesIn: tenant, known: known, at: field)
        }
        if let field = section["recording"] { tenant.recording = recording(field) }
        if let field = section["limits"] { tenant.limits = limits(field) }
        if let flag = section["maskNumbers"]?.boolean() { tenant.maskNumbers = flag }
        if let flag = section["disabled"]?.boolean() { tenant.isDisabled = flag }
    }

    private func namespace(_ field: ConfigurationField?) -> Namespace? {
        guard let field, let text = field.text("the tenant's name, such as demo.cc") else { return nil }
        if let namespace = Namespace(text) { return namespace }
        field.report(
            "\"\(text.abbreviated)\" cannot name a tenant",
            "Use at most \(Namespace.maximumBytes) letters, digits, . - and _, as in demo.cc")
        return nil
    }

    private func timeZone(_ field: ConfigurationField) -> TimeZone? {
        guard let text = field.text("a time zone, such as Asia/Shanghai") else { return nil }
        // `TimeZone` also takes abbreviations that mean different things in different countries.
        let known = TimeZone.knownTimeZoneIdentifiers
        if text == "UTC" || known.contains(text), let zone = TimeZone(identifier: text) { return zone }
        let near = NearestWord.find(text, in: known).map { "Did you mean \($0)" }
        field.report("\"\(text.abbreviated)\" is no time zone", near ?? "Write UTC, or a name such as Asia/Shanghai")
        return nil
    }

    private func recording(_ field: ConfigurationField) -> RecordingSettings {
        var result = RecordingSettings()
        guard let section = field.section(["mode", "keepDays"]) else { return result }
        if let mode = section["mode"]?.word(RecordingPolicy.Mode.self) { result.mode = mode }
        if let days = section["keepDays"]?.integer(in: 1...3650, unit: "days") { result.keepDays = days }
        return result
    }

    private func dialling(_ field: ConfigurationField) -> DiallingRules {
        var result = DiallingRules()
        guard let section = field.section(["country", "allowed", "premium"]) else { return result }
        if let field = section["country"], let code = field.text("a calling code, such as 86") {
            let isCode = (1...4).contains(code.utf8.count) && code.allSatisfy { ("0"..."9").contains($0) }
            if isCode, !code.hasPrefix("0") {
                result.country = code
            } else {
                field.report("\"\(code.abbreviated)\" is no calling code", "Write digits alone, such as 86")
            }
        }
        if let field = section["allowed"] { result.allowed = prefixes(field) }
        if let field = section["premium"] { result.premium = prefixes(field) }
        return result
    }

    func prefixes(_ field: ConfigurationField) -> [String] {
        bounded(field, of: "prefixes", atMost: DiallingRules.maximumPrefixes).compactMap { entry in
            guard let text = entry.text("the beginning of numbers, such as 010 or +44") else { return nil }
            if text.allSatisfy({ ("0"..."9").contains($0) || "+*#".contains($0) }) { return text }
            entry.report("\"\(text.abbreviated)\" begins no number", "Write digits, and + before a calling code")
            return nil
        }
    }

    private func limits(_ field: ConfigurationField) -> TenantLimits {
        var result = TenantLimits()
        guard let section = field.section(TenantSettings.limitSettings.map(\.key)) else { return result }
        for limit in TenantSettings.limitSettings {
            if let value = section[limit.key]?.integer(in: limit.bounds, unit: limit.unit) {
                result[keyPath: limit.path] = value
            }
        }
        return result
    }
}

extension TenantSettings {
    /// A limit that the operator may set.
    struct LimitSetting: Sendable {
        var key: String
        var path: any WritableKeyPath<TenantLimits, Int> & Sendable
        var bounds: ClosedRange<Int>
        var unit: String
    }

    static let limitSettings = [
        LimitSetting(key: "answerSeconds", path: \.answerSeconds, bounds: 5...3600, unit: "seconds"),
        LimitSetting(key: "ownLegSeconds", path: \.ownLegSeconds, bounds: 5...600, unit: "seconds"),
        LimitSetting(key: "clearingSeconds", path: \.clearingSeconds, bounds: 1...600, unit: "seconds"),
        LimitSetting(key: "heartbeatSeconds", path: \.heartbeatSeconds, bounds: 30...86_400, unit: "seconds"),
        LimitSetting(key: "serviceLevelSeconds", path: \.serviceLevelSeconds, bounds: 1...3600, unit: "seconds"),
        LimitSetting(key: "maximumAgents", path: \.maximumAgents, bounds: 1...100_000, unit: "agents"),
        LimitSetting(key: "maximumCalls", path: \.maximumCalls, bounds: 1...50_000, unit: "calls"),
        LimitSetting(key: "callsPerSecond", path: \.callsPerSecond, bounds: 1...1000, unit: "calls a second"),
        LimitSetting(key: "maximumUserDataEntries", path: \.maximumUserDataEntries, bounds: 1...1024, unit: "entries"),
        LimitSetting(key: "maximumUserDataBytes", path: \.maximumUserDataBytes, bounds: 64...262_144, unit: "bytes"),
    ]
}
