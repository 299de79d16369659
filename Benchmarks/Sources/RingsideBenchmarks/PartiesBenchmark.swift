import CSTA
import CallCenter
import SwitchDriver

/// What handing a call over and bringing somebody in cost: inputs a second, and effects for each party that is told.
///
/// Effects a party must not grow with the number of parties.
func partiesBenchmark() async throws {
    printHeader(["what", "parties", "inputs", "inputs/s", "CPU µs/input", "effects a party"])
    for (name, parties) in [("consult and transfer", 3), ("conference", 3), ("conference", 8), ("conference", 16)] {
        var run = try PartyRun(parties: parties)
        var counts = PartyRun.Counts()
        let measured = try await Measurement.of {
            for _ in 0..<(30_000 / parties) {
                counts += try name == "conference" ? run.confer() : run.consultAndTransfer()
            }
        }
        printRow([
            name, "\(parties)", "\(counts.inputs)", measured.perSecond(counts.inputs),
            measured.cpuMicroseconds(each: counts.inputs),
            Measurement.text(Double(counts.effects) / Double(counts.told), 2),
        ])
    }
}

/// Devices that call each other, with the switch's answers.
private struct PartyRun {
    struct Counts {
        var inputs = 0
        /// Of the inputs by which somebody joins or leaves.
        var effects = 0
        /// Parties that those inputs were told to.
        var told = 0

        static func += (sum: inout Self, other: Self) {
            sum.inputs += other.inputs
            sum.effects += other.effects
            sum.told += other.told
        }
    }

    private var tenant: Tenant
    private let devices: [DeviceID]
    private let agents: [AgentID]
    private var now = Instant(milliseconds: 1_795_341_600_000)
    private var callCount = 0
    private var counts = Counts()

    init(parties: Int) throws {
        let configuration = try benchTenant(pairs: (parties + 1) / 2)
        tenant = Tenant(configuration: configuration)
        devices = Array(configuration.devices.map(\.id).prefix(parties))
        agents = Array(configuration.agents.map(\.id).prefix(parties))
        tell(.linkUp(SwitchSnapshot(registered: Set(devices))))
        for (agent, device) in zip(agents, devices) {
            ask(.logIn(agent, device: device, mode: .ready), by: agent)
        }
        counts = Counts()
    }

    private mutating func apply(_ input: Input, told: Int = 0) -> [Effect] {
        now = now.advanced(bySeconds: 1)
        let effects = tenant.apply(input, at: now)
        counts.inputs += 1
        if told > 0 {
            counts.effects += effects.count
            counts.told += told
        }
        return effects
    }

    private mutating func tell(_ event: SwitchEvent, told: Int = 0) { _ = apply(.switchEvent(event), told: told) }

    private mutating func ask(_ command: Command, by agent: AgentID, told: Int = 0) {
        let requester = Requester(agent: agent, role: .supervisor)
        _ = apply(.command(command, by: requester, request: RequestID(1)), told: told)
    }

    private mutating func freshCall() throws -> CallID {
        callCount += 1
        guard let call = CallID("4af76280-5562-4ffd-a58b-\(100_000_000_000 + callCount)") else {
            throw BenchmarkFailure("call")
        }
        return call
    }

    private func leg(_ call: CallID, _ number: Int) -> LegID { LegID("\(call.text)-\(number)") }

    private mutating func talk() throws -> CallID {
        let call = try freshCall()
        ask(.makeCall(MakeCall(call: call, from: devices[0], to: String(devices[1].number))), by: agents[0])
        for event in [
            SwitchEvent.legAnswered(leg(call, 1)), .legRinging(leg(call, 2)), .legAnswered(leg(call, 2)),
        ] {
            tell(event)
        }
        return call
    }

    private mutating func finish() throws -> Counts {
        guard tenant.calls.isEmpty, !tenant.takeChanges().isEmpty else {
            throw BenchmarkFailure("calls are left: \(tenant.calls.values.first.map { "\($0)" } ?? "none")")
        }
        defer { counts = Counts() }
        return counts
    }

    /// All devices come into one call one after the other; it ends when the one leaves whose conference it is.
    mutating func confer() throws -> Counts {
        let call = try talk()
        for next in 2..<devices.count {
            ask(
                .singleStepConferenceCall(
                    ConnectionID(device: devices[0], call: call), participant: String(devices[next].number),
                    isSilent: false), by: agents[0])
            tell(.legRinging(leg(call, next + 1)), told: next + 1)
            tell(.legAnswered(leg(call, next + 1)), told: next + 1)
        }
        tell(.legEnded(leg(call, 1), cause: .normalClearing), told: devices.count)
        for next in 1..<devices.count { tell(.legEnded(leg(call, next + 1), cause: .normalClearing)) }
        return try finish()
    }

    mutating func consultAndTransfer() throws -> Counts {
        let call = try talk()
        let consultation = try freshCall()
        let held = ConnectionID(device: devices[0], call: call)
        ask(
            .consultationCall(held, participant: String(devices[2].number), call: consultation), by: agents[0])
        tell(.legTakenOut(leg(call, 1)))
        // The consultation begins with the leg that the held call has let go of.
        tell(.legRinging(leg(consultation, 1)))
        tell(.legAnswered(leg(consultation, 1)))
        ask(.transferCall(held: held, active: consultation, returns: false), by: agents[0], told: 3)
        tell(.legEnded(leg(call, 2), cause: .normalClearing), told: 2)
        for ended in [leg(call, 1), leg(consultation, 1)] { tell(.legEnded(ended, cause: .normalClearing)) }
        return try finish()
    }
}
