import CSTA
import CallCenter
import SwitchDriver

// Numbers that customers dial, and when they lead where.
extension ConfigurationReader {
    /// - Parameter known: the devices and splits; nil if they could not be read: then none is said to be unknown.
    func inbound(
        _ field: ConfigurationField, in namespace: Namespace, known: Set<DeviceID>?, hours: [String: OpeningHours]
    ) -> [String: InboundRoute] {
        var lines: [String: Int] = [:]
        var result: [String: InboundRoute] = [:]
        for (key, value) in field.pairs(of: "number: device") ?? [] {
            guard let from = range(key), let to = routes(value, in: namespace, known: known, hours: hours) else {
                continue
            }
            guard from.count == to.count || to.count == 1 && !value.isValue else {
                value.report(
                    "\(from.count) numbers cannot lead to \(to.count) devices", "Use ranges of the same length")
                continue
            }
            for (index, number) in from.enumerated() {
                if let earlier = lines[number] {
                    key.report("number \(number) stands in line \(earlier) already", "Let it lead to one device")
                    break
                }
                lines[number] = key.line
                result[number] = to.count == 1 ? to[0] : to[index]
            }
        }
        return result
    }

    /// `8001`, `8001-8010`, or a group that says more of one destination.
    private func routes(
        _ field: ConfigurationField, in namespace: Namespace, known: Set<DeviceID>?, hours: [String: OpeningHours]
    ) -> [InboundRoute]? {
        guard !field.isValue else {
            return destinations(field, in: namespace, known: known)?.map { InboundRoute(to: $0) }
        }
        guard let section = field.section(["to", "priority", "hours", "closed"]),
            let to = section.required("to", example: "to: 7000"),
            let device = destinations(to, in: namespace, known: known)?.first
        else { return nil }
        var route = InboundRoute(to: device)
        if let priority = section["priority"]?.integer(in: 0...9, unit: "as priority") { route.priority = priority }
        if let field = section["hours"], let name = field.text("a name that stands below hours") {
            if let found = hours[name] {
                route.hours = found
            } else {
                let near = NearestWord.find(name, in: Array(hours.keys)).map { "Did you mean \($0)" }
                field.report(
                    "there are no hours called \"\(name.abbreviated)\"", near ?? "Add them to the tenant's hours")
            }
        }
        if let field = section["closed"] {
            readClosed(field, into: &route)
            if section["hours"] == nil {
                field.report("closed says nothing without hours", "Add hours, or leave it out")
            }
        }
        return [route]
    }

    /// Numbers that lead out when closed, and would come back in.
    func report(circlesIn tenant: TenantSettings, known: Set<DeviceID>?, at field: ConfigurationField) {
        guard let known else { return }
        let configuration = tenant.configuration
        let trunks = TrunkPlan(configuration)
        for (number, route) in tenant.inbound.sorted(by: { $0.key < $1.key }) {
            guard let closed = route.closedNumber, let device = DeviceID(closed, in: tenant.namespace),
                !known.contains(device), let (prefix, way) = trunks.route(of: closed),
                let called = way.carrierNumber(closed.dropFirst(prefix.count)), configuration.leadsBack(called)
            else { continue }
            field.report(
                "number \(number) leads out to \(called) when it is closed, which is one of the tenant's own",
                "Let closed lead to a number elsewhere, or to a device")
        }
    }

    /// A number that is called out of hours, or a group that tells an announcement: never both.
    private func readClosed(_ field: ConfigurationField, into route: inout InboundRoute) {
        guard field.isValue else { return route.closedAnnouncement = announcement(field) }
        guard let number = field.text("a number as an agent dials it") else { return }
        if DeviceID.isNumber(number) {
            route.closedNumber = number
        } else {
            field.report(
                "\"\(number.abbreviated)\" is no number",
                "Use digits, + * and #, or write {sound: closed, seconds: 12} for an announcement")
        }
    }

    private func announcement(_ field: ConfigurationField) -> Announcement? {
        guard let section = field.section(["sound", "seconds"]) else { return nil }
        let sound = section.required("sound", example: "sound: custom/closed")
        let seconds = section.required("seconds", example: "seconds: 12")?
            .integer(in: Announcement.allowedSeconds, unit: "seconds, as long as the sound is")
        guard let sound, let name = sound.text("the name of a sound, such as custom/closed") else { return nil }
        guard let played = SoundName(name) else {
            sound.report(
                "\"\(name.abbreviated)\" is no name of a sound",
                "Use letters, digits, - and _, and / between folders, \(SoundName.maximumBytes) at most")
            return nil
        }
        return seconds.map { Announcement(played, seconds: $0) }
    }

    private func destinations(
        _ field: ConfigurationField, in namespace: Namespace, known: Set<DeviceID>?
    ) -> [DeviceID]? {
        guard let numbers = range(field) else { return nil }
        report(unknown: numbers, in: namespace, known: known, kinds: "devices or splits", at: field)
        return numbers.compactMap { DeviceID($0, in: namespace) }
    }

    // MARK: Hours

    /// The tenant's named opening hours.
    func hours(_ field: ConfigurationField) -> [String: OpeningHours] {
        var result: [String: OpeningHours] = [:]
        for (key, value) in field.pairs(of: "name: hours") ?? [] {
            guard let name = key.text("a name, such as office") else { continue }
            result[name] = openingHours(value, name)
        }
        return result
    }

    private func openingHours(_ field: ConfigurationField, _ name: String) -> OpeningHours {
        var result = OpeningHours(name, periods: [:])
        for (key, value) in field.pairs(of: "mon-fri: 09:00-18:00") ?? [] {
            guard let name = key.text("a weekday, a range of them, or holidays") else { continue }
            if name == "holidays" {
                result.holidays = holidays(value)
            } else if let days = days(name, at: key) {
                let periods = periods(value)
                for day in days { result.periods[day, default: []] += periods }
            }
        }
        return result
    }

    /// `mon`, `mon-fri`
    private func days(_ text: String, at field: ConfigurationField) -> [OpeningHours.Weekday]? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            .map { OpeningHours.weekdayNames.firstIndex(of: String($0)) }
        guard (1...2).contains(parts.count), let first = parts[0], let last = parts[parts.count - 1], first <= last
        else {
            field.report(
                "\"\(text.abbreviated)\" is no day of the week",
                "Write \(OpeningHours.weekdayNames.alternatives), a range such as mon-fri, or holidays")
            return nil
        }
        return (first...last).compactMap(OpeningHours.Weekday.init)
    }

    /// `09:00-12:00`, or a list of such.
    private func periods(_ field: ConfigurationField) -> [OpeningHours.Period] {
        let entries = field.isValue ? [field] : bounded(field, of: "periods", atMost: OpeningHours.maximumPeriods)
        return entries.compactMap { entry in
            guard let text = entry.text("a period, such as 09:00-18:00") else { return nil }
            if let period = OpeningHours.period(text) { return period }
            entry.report(
                "\"\(text.abbreviated)\" is no period of a day", "Write hours and minutes, such as 09:00-18:00")
            return nil
        }
    }

    private func holidays(_ field: ConfigurationField) -> Set<Int> {
        Set(
            bounded(field, of: "holidays", atMost: OpeningHours.maximumHolidays).compactMap { entry -> Int? in
                guard let text = entry.text("a day, such as 2026-12-25") else { return nil }
                if let day = OpeningHours.holiday(text) { return day }
                entry.report("\"\(text.abbreviated)\" is no day", "Write year, month and day, such as 2026-12-25")
                return nil
            })
    }
}
