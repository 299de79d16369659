public import CSTA
public import SwitchDriver

/// What a switch driver's tests provide so that ``SwitchConformance`` can try it: a switch with two phones that ring
/// until a button is pressed, a third phone that is not registered, and a telephone network with some numbers in it.
///
/// Each check makes its own bench, or a fresh switch of a shared one: ``makeSwitch()`` is called once a check, the
/// switch is run until the check is over, and legs that the check has left are hung up by the check.
public protocol ConformanceBench: Sendable {
    /// The tenant whose lines the switch has. All devices below are in it.
    var namespace: Namespace { get }
    /// That tenant's lines, as the switch has them.
    var lines: TenantLines { get }
    /// A registered phone, which rings until a button is pressed.
    var phoneA: DeviceID { get }
    /// Another one.
    var phoneB: DeviceID { get }
    /// A phone that is known and not registered.
    var unregisteredPhone: DeviceID { get }
    /// The trunk group by which the numbers below are reached, and on which the customer calls in.
    var trunkGroup: String { get }
    /// An external number that answers within 5 s.
    var answeringNumber: String { get }
    /// An external number that is busy.
    var busyNumber: String { get }
    /// The caller's number of ``customerCalls()``, as the switch shows it.
    var customerNumber: String { get }
    /// The number that the customer dials, one of the tenant's inbound numbers.
    var inboundNumber: String { get }
    /// How long a check waits for one event in real time before it fails.
    var patience: Duration { get }
    /// The switch's folder for recordings, as the checks can read it; nil, as it is unless given: the bench cannot tell,
    /// and recordings are not tried. In real time ``talk(seconds:)`` is wanted as well.
    var recordingsFolder: String? { get }
    /// Whether the phones have ``PhoneButton/transfer(_:)``; false unless given, and transfers are not tried.
    var hasTransferButton: Bool { get }

    /// A new driver, not yet running, with both phones registered.
    func makeSwitch() async throws -> any Switch
    /// Presses a button of a phone that is registered, and returns when it is pressed.
    func press(_ button: PhoneButton, at phone: DeviceID) async throws
    /// A customer with ``customerNumber`` dials ``inboundNumber`` and waits.
    func customerCalls() async throws
    /// The customer of ``customerCalls()`` hangs up, or gives up if not answered.
    func customerHangsUp() async throws
    /// Cuts the link between driver and switch, without the switch coming to harm; it stays cut.
    func breakLink() async throws
    func restoreLink() async throws
    /// Lets that much time pass at the switch. A bench with a manual clock moves it; in real time there is nothing to
    /// do.
    func passTime(seconds: Int) async
    /// Has the phones talk for so long: what is recorded meanwhile has about that length. Like ``passTime(seconds:)``
    /// unless given; a bench in real time has to wait.
    func talk(seconds: Int) async
    /// The phones whose voices reach a phone; nil, as it is unless given: the bench cannot tell.
    func heard(at phone: DeviceID) async throws -> Set<DeviceID>?
    /// Returns once the phone has been told what became of its transfer, with whether it was accepted; nil, as it is
    /// unless given: the bench cannot tell.
    func transferOutcome(at phone: DeviceID) async throws -> Bool?
}

extension ConformanceBench {
    public var patience: Duration { .seconds(10) }
    public var recordingsFolder: String? { nil }
    public var hasTransferButton: Bool { false }
    public func passTime(seconds: Int) async {}
    public func talk(seconds: Int) async { await passTime(seconds: seconds) }
    public func heard(at phone: DeviceID) async throws -> Set<DeviceID>? { nil }
    public func transferOutcome(at phone: DeviceID) async throws -> Bool? { nil }
}

/// A button of a desk phone.
public enum PhoneButton: Hashable, Sendable {
    case dial(String)
    case answer
    /// Refuses a call that rings.
    case reject
    case hangUp
    case hold
    case retrieve
    /// Blind, to a number.
    case transfer(String)
}

/// Why a check failed, with all that the switch had told until then.
public struct ConformanceFailure: Error, CustomStringConvertible {
    public var what: String
    public var told: [SwitchEvent]

    public var description: String {
        (["\(what); the switch told:"] + told.map { "  \($0)" }).joined(separator: "\n")
    }
}

/// The promises of ``SwitchDriver/Switch`` that every driver keeps, as checks for a parameterised test:
///
///     @Test(arguments: SwitchConformance.checks) func conforms(check: SwitchConformance.Check) async throws {
///         try await check.run(on: MyBench())
///     }
public enum SwitchConformance {
    public struct Check: Sendable, CustomStringConvertible {
        public let name: String
        let steps: @Sendable (ConformanceRun) async throws -> Void

        init(_ name: String, _ steps: @escaping @Sendable (ConformanceRun) async throws -> Void) {
            self.name = name
            self.steps = steps
        }

        public var description: String { name }

        /// Runs the check; throws ``ConformanceFailure`` if the switch breaks a promise, or what the bench throws.
        public func run(on bench: any ConformanceBench) async throws {
            let vendor = try await bench.makeSwitch()
            let tape = EventTape()
            let running = Task {
                try await vendor.run { namespace, event in
                    if namespace == bench.namespace { tape.append(event) }
                }
            }
            let run = ConformanceRun(check: name, bench: bench, vendor: vendor, tape: tape)
            do {
                try await run.begin()
                try await steps(run)
                try await run.finish()
            } catch {
                await run.cleanUp()
                running.cancel()
                _ = await running.result
                throw error
            }
            running.cancel()
            _ = await running.result
        }
    }
}

/// One running check: commands go in, told events are waited for. Each event satisfies one expectation only.
final class ConformanceRun: Sendable {
    let bench: any ConformanceBench
    private let check: String
    private let vendor: any Switch
    private let tape: EventTape

    init(check: String, bench: any ConformanceBench, vendor: any Switch, tape: EventTape) {
        self.check = check
        self.bench = bench
        self.vendor = vendor
        self.tape = tape
    }

    /// A leg name of this check's own.
    func leg(_ name: String) -> LegID { LegID("conformance-\(slug)-\(name)") }
    func mix(_ name: String) -> MixID { MixID("conformance-\(slug)-mix-\(name)") }
    var slug: String { String(check.map { $0.isLetter || $0.isNumber ? $0 : "-" }) }

    func resynchronise() { vendor.resynchronise(bench.namespace) }
    func setLines(_ lines: TenantLines) { vendor.setLines([lines]) }

    func `do`(_ commands: SwitchCommand...) { vendor.execute(commands, for: bench.namespace) }

    func dial(_ leg: LegID, _ endpoint: Endpoint, mix: MixID? = nil, ringLimitSeconds: Int = 30) {
        let shown = Presentation(number: bench.customerNumber)
        let request = DialRequest(
            leg: leg, endpoint: endpoint, presenting: shown, mix: mix, ringLimitSeconds: ringLimitSeconds)
        tape.watch(leg)
        vendor.execute([.dial(request)], for: bench.namespace)
    }

    /// Dials a phone, answers there and waits until it is up.
    func dialAndAnswer(_ leg: LegID, at phone: DeviceID, mix: MixID? = nil) async throws {
        dial(leg, .phone(phone), mix: mix)
        try await expect(.legRinging(leg))
        try await bench.press(.answer, at: phone)
        try await expect(.legAnswered(leg))
    }

    @discardableResult
    func expect(_ event: SwitchEvent) async throws -> Int {
        try await expect("\(event)") { $0 == event ? event : nil }.index
    }

    func expectEnded(_ leg: LegID, _ causes: HangupCause...) async throws {
        let wanted = causes.map(\.rawValue).joined(separator: " or ")
        let cause = try await expect("legEnded(\(leg), \(wanted))") { event in
            if case .legEnded(leg, let cause) = event { cause } else { nil }
        }.found
        try require(causes.isEmpty || causes.contains(cause), "\(leg) ended with \(cause.rawValue), not \(wanted)")
    }

    func expectOffered() async throws -> OfferedLeg {
        let offered = try await expect("legOffered") { event in
            if case .legOffered(let offered) = event { offered } else { nil }
        }.found
        tape.watch(offered.leg)
        return offered
    }

    func expectLinkUp() async throws -> SwitchSnapshot {
        try await expect("linkUp") { if case .linkUp(let snapshot) = $0 { snapshot } else { nil } }.found
    }

    func expect<Found: Sendable>(
        _ what: String, _ pick: @escaping @Sendable (SwitchEvent) -> Found?
    ) async throws -> (index: Int, found: Found) {
        if let hit = await tape.first(within: bench.patience, pick) { return hit }
        throw ConformanceFailure(what: "\(check): no \(what) within \(bench.patience)", told: tape.events)
    }

    func require(_ holds: Bool, _ what: String) throws {
        if !holds { throw failure(what) }
    }

    func failure(_ what: String) -> ConformanceFailure {
        ConformanceFailure(what: "\(check): \(what)", told: tape.events)
    }

    func linkUpCount() -> Int {
        tape.events.count { if case .linkUp = $0 { true } else { false } }
    }

    func requireNever(_ what: String, _ event: (SwitchEvent) -> Bool) throws {
        try require(!tape.events.contains(where: event), what)
    }

    /// Returns when everything that commands of before can still cause has most likely been told: a leg to a phone
    /// that cannot be had goes the whole way and comes back.
    func barrier(_ name: String) async throws {
        let leg = leg("barrier-\(name)")
        dial(leg, .phone(bench.unregisteredPhone))
        try await expectEnded(leg)
    }

    func begin() async throws {
        let snapshot = try await expectLinkUp()
        try require(snapshot.registered.contains(bench.phoneA), "phone A is not in the first snapshot")
        try require(snapshot.registered.contains(bench.phoneB), "phone B is not in the first snapshot")
        try require(!snapshot.registered.contains(bench.unregisteredPhone), "an unregistered phone is in the snapshot")
        try require(snapshot.legs.isEmpty, "legs are up before the check began: \(snapshot.legs)")
    }

    /// Hangs up what is left, then holds the switch to one end for each leg, no less and no more.
    func finish() async throws {
        for leg in tape.unended {
            `do`(.hangUp(leg, cause: .normalClearing))
            try await expectEnded(leg)
        }
        try await barrier("end")
        for (leg, count) in tape.endings where count != 1 {
            throw ConformanceFailure(what: "\(check): \(leg) ended \(count) times", told: tape.events)
        }
    }

    /// After a failure: leaves no leg behind for the next check.
    func cleanUp() async {
        for leg in tape.unended {
            `do`(.hangUp(leg, cause: .normalClearing))
            try? await expectEnded(leg)
        }
    }
}
