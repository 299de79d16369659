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
        let section = field.section([
            "namespace", "timeZone", "agents", "devices", "trunks", "dialling", "inbound", "recording", "limits",
            "maskNumbers",
        ])
        guard let section else { return nil }
        // Without its namespace nothing else of a tenant can be named; a stand-in lets the other mistakes be found.
        let given = namespace(section.required("namespace", example: "namespace: demo.cc"))
        guard let namespace = given ?? Namespace("unnamed") else { return nil }
        let zone = section["timeZone"].flatMap(timeZone) ?? .gmt
        let devices = section.required("devices", example: "a list with - id: 8001-8010").map {
            self.devices($0, in: namespace, claims: &claims)
        }
        let agents = section.required("agents", example: "a list with - id: 5001-5010").map {
            self.agents($0, in: namespace, devices: devices)
        }
        let trunks = section["trunks"].map { self.trunks($0) } ?? []
        let inbound = section["inbound"].map { self.inbound($0, in: namespace, devices: devices) } ?? [:]
        claims.add(trunks: trunks, inbound: inbound, of: namespace, at: section["inbound"] ?? field)
        guard given != nil else { return nil }
        return TenantSettings(
            namespace: namespace, timeZone: zone, agents: agents ?? [], devices: devices ?? [],
            trunks: trunks, dialling: section["dialling"].map(dialling) ?? DiallingRules(), inbound: inbound,
            recording: section["recording"].map(recording) ?? RecordingSettings(),
            limits: section["limits"].map(limits) ?? TenantLimits(),
            maskNumbers: section["maskNumbers"]?.boolean() ?? false)
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

    private func prefixes(_ field: ConfigurationField) -> [String] {
        bounded(field, of: "prefixes", atMost: DiallingRules.maximumPrefixes).compactMap { entry in
            guard let text = entry.text("the beginning of numbers, such as 010 or +44") else { return nil }
            if text.allSatisfy({ ("0"..."9").contains($0) || "+*#".contains($0) }) { return text }
            entry.report("\"\(text.abbreviated)\" begins no number", "Write digits, and + before a calling code")
            return nil
        }
    }

    private func limits(_ field: ConfigurationField) -> TenantLimits {
        var result = TenantLimits()
        let bounds: [(String, WritableKeyPath<TenantLimits, Int>, ClosedRange<Int>, String)] = [
            ("answerSeconds", \.answerSeconds, 5...3600, "seconds"),
            ("ownLegSeconds", \.ownLegSeconds, 5...600, "seconds"),
            ("clearingSeconds", \.clearingSeconds, 1...600, "seconds"),
            ("heartbeatSeconds", \.heartbeatSeconds, 30...86_400, "seconds"),
            ("maximumAgents", \.maximumAgents, 1...100_000, "agents"),
            ("maximumCalls", \.maximumCalls, 1...50_000, "calls"),
            ("callsPerSecond", \.callsPerSecond, 1...1000, "calls a second"),
            ("maximumUserDataEntries", \.maximumUserDataEntries, 1...1024, "entries"),
            ("maximumUserDataBytes", \.maximumUserDataBytes, 64...262_144, "bytes"),
        ]
        guard let section = field.section(bounds.map(\.0)) else { return result }
        for (key, path, range, unit) in bounds {
            if let value = section[key]?.integer(in: range, unit: unit) { result[keyPath: path] = value }
        }
        return result
    }
}
