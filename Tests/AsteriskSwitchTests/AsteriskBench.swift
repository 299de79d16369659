import AsteriskSwitch
import CSTA
import Logging
import RingsideTesting
import SwitchDriver
import Testing

/// A real Asterisk, two phones, SIPp as the carrier and a customer, for the conformance suite.
actor AsteriskBench: ConformanceBench {
    static let tenant = TenantLines(
        namespace: namespaceOfTests,
        phones: (8001...8010).map(line),
        trunks: [TrunkLine(group: "pstn", endpoint: "pstn")], inboundNumbers: ["4001"])

    private static func line(_ number: Int) -> PhoneLine {
        let remoteAnswers: [Int: RemoteAnswer] = [8003: .notifyTalk, 8004: .autoAnswerHeader]
        let text = String(number)
        return PhoneLine(device: device(text), endpoint: text, remoteAnswer: remoteAnswers[number] ?? .none)
    }

    nonisolated let namespace = namespaceOfTests
    nonisolated let lines = AsteriskBench.tenant
    nonisolated let phoneA = device("8001")
    nonisolated let phoneB = device("8002")
    nonisolated let unregisteredPhone = device("8010")
    nonisolated let trunkGroup = "pstn"
    nonisolated let answeringNumber = "18005551000"
    nonisolated let busyNumber = "18005551001"
    nonisolated let customerNumber = "+15551234567"
    nonisolated let inboundNumber = "4001"

    /// Which phones 8001 and 8002 are: baresip, or our own that tell who is heard and have a transfer button.
    enum PhoneKind: Sendable {
        case baresip
        case scripted
    }

    let lab: AsteriskLab
    private let kind: PhoneKind
    private let phones: [DeviceID: LabPhone]
    private let customer: LabPhone
    private let carrier: SIPPCarrier

    init(phones kind: PhoneKind = .baresip) async throws {
        self.kind = kind
        lab = try await AsteriskLab()
        carrier = try await SIPPCarrier(at: lab)
        phones = [
            phoneA: try await Self.phone("8001", kind, at: lab), phoneB: try await Self.phone("8002", kind, at: lab),
        ]
        customer = try await .customer(customerNumber, at: lab)
    }

    private static func phone(_ number: String, _ kind: PhoneKind, at lab: AsteriskLab) async throws -> LabPhone {
        switch kind {
        case .baresip: try await .baresip(number, at: lab)
        case .scripted: try await .scripted(number, at: lab)
        }
    }

    func makeSwitch() -> any Switch { makeAsteriskSwitch() }

    nonisolated func makeAsteriskSwitch(
        pingInterval: Duration = .seconds(5), auditInterval: Duration = .seconds(30)
    ) -> AsteriskSwitch {
        Self.makeAsteriskSwitch(at: lab, pingInterval: pingInterval, auditInterval: auditInterval)
    }

    static func makeAsteriskSwitch(
        at lab: AsteriskLab, pingInterval: Duration = .seconds(5), auditInterval: Duration = .seconds(30)
    ) -> AsteriskSwitch {
        let manager = AsteriskConfiguration.Manager(
            host: lab.host, port: lab.managerPort, user: "ringside", secret: "ringside")
        var logger = Logger(label: "asterisk")
        logger.logLevel = .error
        return AsteriskSwitch(
            configuration: AsteriskConfiguration(
                host: lab.host, port: lab.port, user: "ringside", password: "ringside", application: "ringside",
                manager: manager, backOff: .init(first: .milliseconds(20), longest: .milliseconds(200)),
                pingInterval: pingInterval, auditInterval: auditInterval),
            tenants: [tenant], logger: logger)
    }

    func press(_ button: PhoneButton, at phone: DeviceID) throws {
        try phones[phone]?.press(button)
    }

    func customerCalls() throws { try customer.press(.dial(inboundNumber)) }

    func customerHangsUp() async throws {
        try customer.press(.hangUp)
        try await customer.wait(for: "ended")
    }

    nonisolated var recordingsFolder: String? { lab.recordingsFolder }
    nonisolated var hasTransferButton: Bool { kind == .scripted }

    func talk(seconds: Int) async { try? await Task.sleep(for: .seconds(seconds)) }

    /// Asked until nothing changes: what was said before may still be on its way.
    func heard(at phone: DeviceID) async throws -> Set<DeviceID>? {
        guard kind == .scripted, let phone = phones[phone] else { return nil }
        var last: Set<String>?
        for _ in 0..<20 {
            let heard = try await phone.hears().filter { Int($0) != nil }
            if heard == last { break }
            last = heard
        }
        return Set((last ?? []).map { device($0) })
    }

    func transferOutcome(at phone: DeviceID) async throws -> Bool? {
        guard kind == .scripted, let phone = phones[phone] else { return nil }
        return try await phone.transferStatus() < 300
    }

    func breakLink() async throws { try await lab.cutLink() }
    func restoreLink() async throws { try await lab.joinLink() }

    func end() async {
        // Each takes a second, until Foundation sees that the process has gone.
        await withTaskGroup { group in
            for phone in phones.values { group.addTask { await phone.end() } }
            group.addTask { [customer] in await customer.end() }
            group.addTask { [carrier] in await carrier.end() }
            group.addTask { [lab] in await lab.end() }
        }
    }
}
