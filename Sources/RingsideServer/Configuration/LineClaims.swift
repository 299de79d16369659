import CSTA
import CallCenter

/// The numbers of one kind in a tenant, and where each is said first.
struct Numbers {
    private let kind: String
    private var lines: [String: Int] = [:]

    init(_ kind: String) { self.kind = kind }

    var example: String { ["agent": "5001-5010", "split": "7000"][kind] ?? "8001-8010" }

    /// Notes numbers, and reports those that were noted before; returns the others.
    mutating func add(_ numbers: [String], at field: ConfigurationField) -> [String] {
        var fresh: [String] = []
        var doubled: [(number: String, line: Int)] = []
        for number in numbers {
            if let line = lines[number] {
                doubled.append((number, line))
            } else {
                lines[number] = field.line
                fresh.append(number)
            }
        }
        if let first = doubled.first {
            let more = doubled.count > 1 ? " (and \(doubled.count - 1) more)" : ""
            field.report(
                "\(kind) \(first.number)\(more) stands in line \(first.line) already", "Remove it here or there")
        }
        return fresh
    }
}

/// Who has which line at the switch, so that no two tenants or phones are taken for each other.
struct LineClaims {
    /// False for a switch that keeps its tenants' lines apart by itself.
    let sharedSwitch: Bool
    private var phones: [String: DeviceID] = [:]
    private var numbers: [String: [String: Namespace]] = [:]
    private var catchAll: [String: Namespace] = [:]

    init(sharedSwitch: Bool) { self.sharedSwitch = sharedSwitch }

    /// - Returns: false if another device has the endpoint; that is reported.
    mutating func add(endpoint: String, of device: DeviceID, at field: ConfigurationField) -> Bool {
        guard sharedSwitch else { return true }
        guard let other = phones[endpoint], other != device else {
            phones[endpoint] = device
            return true
        }
        field.report(
            "\(device) has the endpoint \(endpoint) of \(other)",
            "Give each phone its own; {number} in endpoint stands for the device's number")
        return false
    }

    /// Notes which incoming calls a tenant takes, and reports where two would take the same.
    mutating func add(
        trunks: [Trunk], inbound: some Collection<String>, of namespace: Namespace,
        at field: ConfigurationField
    ) {
        guard sharedSwitch else { return }
        for trunk in Set(trunks.flatMap(\.endpoints)).sorted() {
            if inbound.isEmpty {
                if let other = catchAll[trunk] {
                    field.report(
                        "\(other) takes all calls of trunk \(trunk) already", "List the numbers of each below inbound")
                }
                catchAll[trunk] = namespace
            }
            for number in inbound.sorted() {
                if let other = numbers[trunk]?[number] {
                    field.report(
                        "number \(number) of trunk \(trunk) is \(other)'s already", "Let it lead to one tenant")
                }
                numbers[trunk, default: [:]][number] = namespace
            }
        }
    }
}
