import AsteriskSwitch
import CSTA
import RingsideTesting
import SwitchDriver
import Testing

/// A switch that runs on a bench, and what it tells.
struct Running: Sendable {
    let vendor: AsteriskSwitch
    let tape = Tape<SwitchEvent>()
    let task: Task<Void, Never>

    init(_ vendor: AsteriskSwitch) {
        self.vendor = vendor
        let tape = tape
        task = Task { try? await vendor.run { _, event in tape.append(event) } }
    }

    func `do`(_ commands: SwitchCommand...) { vendor.execute(commands, for: namespaceOfTests) }

    /// Dials a scripted phone and has it answer.
    func dialAndAnswer(_ leg: LegID, _ number: String, at phone: LabPhone, mix: MixID? = nil) async throws {
        dial(leg, number, mix: mix)
        try await expect(.legRinging(leg))
        try phone.press(.answer)
        try await expect(.legAnswered(leg))
    }

    /// Connects a leg and waits until it is.
    func connect(_ leg: LegID, _ mix: MixID, as part: MixPart = .talker) async throws {
        `do`(.connect(leg, mix: mix, as: part))
        try await expect(.legConnected(leg, mix: mix))
    }

    func hangUp(_ legs: LegID...) async throws {
        for leg in legs {
            `do`(.hangUp(leg, cause: .normalClearing))
            try await expect(.legEnded(leg, cause: .normalClearing))
        }
    }

    func dial(_ leg: LegID, _ number: String, mix: MixID? = nil, answersItself: Bool = false) {
        let shown = Presentation(number: "4001", name: "Support")
        `do`(
            .dial(
                DialRequest(
                    leg: leg, endpoint: .phone(device(number)), presenting: shown, mix: mix,
                    answersItself: answersItself, ringLimitSeconds: 20)))
    }

    func expect(_ event: SwitchEvent) async throws {
        let hit = await tape.first(within: .seconds(10)) { $0 == event ? event : nil }
        try #require(hit != nil, "no \(event) but \(tape.elements)")
    }

    func expectLinkUp() async throws -> SwitchSnapshot {
        let hit = await tape.first(within: .seconds(20)) { event in
            if case .linkUp(let snapshot) = event { snapshot } else { nil }
        }
        return try #require(hit, "no linkUp but \(tape.elements)").found
    }

    func expectOffered() async throws -> OfferedLeg {
        let hit = await tape.first(within: .seconds(10)) { event in
            if case .legOffered(let offered) = event { offered } else { nil }
        }
        return try #require(hit, "no offer but \(tape.elements)").found
    }

    func expectTransfer() async throws -> TransferRequest {
        let hit = await tape.first(within: .seconds(10)) { event in
            if case .transferRequested(let request) = event { request } else { nil }
        }
        return try #require(hit, "no transfer but \(tape.elements)").found
    }

    func stop() async {
        task.cancel()
        await task.value
    }
}

/// An Asterisk with scripted phones, 8001 and on, and a driver that runs.
struct ScriptedLab: Sendable {
    let lab: AsteriskLab
    let running: Running
    let phones: [LabPhone]

    private init(phones count: Int, options: [String] = []) async throws {
        lab = try await AsteriskLab()
        var phones: [LabPhone] = []
        for number in 8001..<8001 + count {
            phones.append(try await .scripted(String(number), at: lab, options: options))
        }
        self.phones = phones
        running = Running(AsteriskBench.makeAsteriskSwitch(at: lab))
        _ = try await running.expectLinkUp()
    }

    /// Ends the lab also if the steps fail, so that it is not in the way of the next one.
    static func run(
        phones: Int, options: [String] = [], _ steps: (ScriptedLab) async throws -> Void
    ) async throws {
        let lab = try await ScriptedLab(phones: phones, options: options)
        do {
            try await steps(lab)
        } catch {
            await lab.end()
            throw error
        }
        await lab.end()
    }

    private func end() async {
        await running.stop()
        await withTaskGroup { group in
            for phone in phones { group.addTask { await phone.end() } }
            group.addTask { await lab.end() }
        }
    }
}
