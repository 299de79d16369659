import CSTA
import CallCenter
import Foundation
import Gateway
import SwitchDriver

extension ConfigurationReader {
    func devices(
        _ field: ConfigurationField, in namespace: Namespace, claims: inout LineClaims
    ) -> [TenantSettings.DeviceSettings] {
        var seen = Numbers("device")
        var result: [TenantSettings.DeviceSettings] = []
        for entry in field.list(of: "devices") ?? [] {
            guard let section = entry.section(["id", "endpoint", "remoteAnswer", "usable", "record"]) else { continue }
            let isUsable = section["usable"].flatMap { $0.boolean() } ?? true
            let records = section["record"].flatMap { $0.boolean() }
            let answer = section["remoteAnswer"].flatMap { $0.word(RemoteAnswer.self) } ?? .notifyTalk
            let pattern = endpoint(section["endpoint"]) ?? "{number}"
            var isClash = false
            for number in numbers(section, seen: &seen) {
                guard let device = DeviceID(number, in: namespace) else { continue }
                let endpoint = pattern.replacing("{number}", with: number)
                // One range, one message.
                if !isClash { isClash = !claims.add(endpoint: endpoint, of: device, at: section["endpoint"] ?? entry) }
                result.append(
                    .init(
                        profile: DeviceProfile(
                            id: device, isUsable: isUsable, remoteAnswer: answer, recordsCalls: records),
                        endpoint: endpoint))
            }
        }
        return result
    }

    /// - Parameter devices: nil if they could not be read: then none is said to be unknown.
    func agents(
        _ field: ConfigurationField, in namespace: Namespace, devices: [TenantSettings.DeviceSettings]?
    ) -> [TenantSettings.AgentSettings] {
        var seen = Numbers("agent")
        let known = devices.map { Set($0.map(\.profile.id)) }
        var result: [TenantSettings.AgentSettings] = []
        for entry in field.list(of: "agents") ?? [] {
            let keys = ["id", "name", "role", "password", "passwordHash", "devices", "disabled"]
            guard let section = entry.section(keys) else { continue }
            let name = section["name"]?.text("a name, such as Agent {number}") ?? "{number}"
            let role = section["role"]?.word(among: Role.ofAccounts) ?? .agent
            let isDisabled = section["disabled"].flatMap { $0.boolean() } ?? false
            let password = self.password(in: section)
            let allowed = section["devices"].map { allowedDevices($0, in: namespace, known: known) }
            for number in numbers(section, seen: &seen) {
                guard let agent = AgentID(number, in: namespace), let password else { continue }
                let profile = AgentProfile(
                    id: agent, name: name.replacing("{number}", with: number), role: role, isDisabled: isDisabled,
                    devices: allowed)
                result.append(.init(profile: profile, password: password))
            }
        }
        return result
    }
}

// MARK: - Parts

extension ConfigurationReader {
    /// The numbers of an entry's `id`, without those that another entry has.
    func numbers(_ section: ConfigurationSection, seen: inout Numbers) -> [String] {
        guard let field = section.required("id", example: "id: \(seen.example)"), let range = range(field) else {
            return []
        }
        return seen.add(range, at: field)
    }

    func range(_ field: ConfigurationField) -> [String]? {
        guard let text = field.text("a number, or a range such as 8001-8010") else { return nil }
        do {
            return try NumberRange(text).numbers
        } catch {
            let range = "\"\(text.abbreviated)\""
            switch error {
            case .notANumber:
                field.report("\(range) is no number", "Write a number such as 8001, or a range such as 8001-8010")
            case .unequalLengths:
                field.report("the ends of \(range) differ in length", "Write both with as many digits, as in 8001-8010")
            case .backwards:
                field.report("\(range) runs backwards", "Write the lower number first")
            case .tooMany(let count):
                field.report("\(range) stands for \(count) numbers", "A range has at most \(NumberRange.maximumCount)")
            }
            return nil
        }
    }

    func number(_ field: ConfigurationField) -> String? {
        guard let text = field.text("a number") else { return nil }
        if DeviceID.isNumber(text) { return text }
        field.report("\"\(text.abbreviated)\" is no number", "Use digits, + * and #")
        return nil
    }

    func endpoint(_ field: ConfigurationField?) -> String? {
        guard let field, let text = field.text("a name at the switch, such as {number}") else { return nil }
        let name = text.replacing("{number}", with: "0")
        // It becomes part of what Asterisk dials: PJSIP/number@endpoint would lead elsewhere.
        guard
            name.unicodeScalars.allSatisfy({
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789_.-".unicodeScalars.contains($0))
            })
        else {
            field.report(
                "\"\(text.abbreviated)\" is no endpoint",
                "Use letters, digits, . - and _, and leave the technology out: 8001 for PJSIP/8001")
            return nil
        }
        return text
    }

    private func password(in section: ConfigurationSection) -> StoredPassword? {
        switch (section["password"], section["passwordHash"]) {
        case (let field?, nil):
            return field.text("the password").map(StoredPassword.plain)
        case (nil, let field?):
            guard let text = field.text("the output of ringside hash-password") else { return nil }
            if PasswordHasher.accepts(text) { return .scrypt(text) }
            field.report("this is no password hash", "Copy the whole output of ringside hash-password, $scrypt$…")
            return nil
        case (let field?, _?):
            field.report("both password and passwordHash are given", "Keep passwordHash")
            return nil
        case (nil, nil):
            section.field.report("nobody can log in without a password", "Add password or passwordHash")
            return nil
        }
    }

    private func allowedDevices(
        _ field: ConfigurationField, in namespace: Namespace, known: Set<DeviceID>?
    ) -> Set<DeviceID> {
        var result: Set<DeviceID> = []
        let entries = field.isValue ? [field] : field.list(of: "devices") ?? []
        for entry in entries {
            guard let range = range(entry) else { continue }
            report(unknown: range, in: namespace, known: known, at: entry)
            result.formUnion(range.compactMap { DeviceID($0, in: namespace) })
        }
        return result
    }

    /// - Parameter kinds: what they could have been, in the plural: `devices`.
    func report<Role>(
        unknown numbers: [String], in namespace: Namespace, known: Set<Address<Role>>?, kinds: String = "devices",
        at field: ConfigurationField
    ) {
        guard let known else { return }
        let missing = numbers.filter { number in
            Address<Role>(number, in: namespace).map { !known.contains($0) } ?? true
        }
        guard let first = missing.first else { return }
        let kind = kinds.split(separator: " ").map { $0.hasSuffix("s") ? $0.dropLast() : $0 }.joined(separator: " ")
        let others = missing.count > 1 ? " and \(missing.count - 1) more are no \(kinds)" : " is no \(kind)"
        field.report("\(first)\(others) of this tenant", "Add it to \(kinds), or name another")
    }
}
