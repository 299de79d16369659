import CSTA
import RingsideTesting
import Testing

/// A split with more to do than its agents can: 7001 at an ``AsteriskCentre``, reached by 4101.
///
/// Its agents take what comes to them: each answers, talks for a moment and hangs up. The phones of two, baresip, answer by
/// themselves; the desktops of the other two ask for it.
final class AsteriskCrowd: Sendable {
    static let split = "7001"
    static let number = "4101"
    private static let devices = ["8001", "8002", "8003", "8004"]
    private static let talk = Duration.milliseconds(1500)

    let centre: AsteriskCentre
    /// A supervisor's.
    let session: String
    /// Of the whole namespace.
    let follower: EventFollower
    private let work: Task<Void, Never>

    init(port: Int) async throws {
        let centre = try await AsteriskCentre(port: port, phonesAnswer: true)
        self.centre = centre
        session = try await centre.server.logIn("5009")
        follower = EventFollower(port: port, target: "/events?after=0", session: session)
        work = Task {
            await withTaskGroup { group in
                for desk in Self.devices.compactMap({ centre.desks[$0] }) {
                    group.addTask { await Self.work(at: desk, centre.server) }
                }
            }
        }
    }

    deinit { work.cancel() }

    func end() async {
        work.cancel()
        await work.value
        follower.end()
        await centre.end()
    }

    private static func work(at desk: AsteriskCentre.Desk, _ server: ServerProcess) async {
        var seen = desk.follower.events.count
        while !Task.isCancelled {
            let before = seen
            guard await desk.follower.wait(within: .seconds(1), until: { $0.count > before }) else { continue }
            let events = desk.follower.events
            for case .call(let call) in events[seen...].map(\.body) where call.device == call.source {
                await take(call, at: desk, server)
            }
            seen = events.count
        }
    }

    /// The customer may be quicker, so what is answered to it is not looked at.
    private static func take(_ call: CallEvent, at desk: AsteriskCentre.Desk, _ server: ServerProcess) async {
        let connection = ConnectionID(device: call.source, call: call.call)
        switch call.detail {
        case .delivered where desk.hasRemoteAnswer:
            _ = try? await server.act("answer", on: connection, session: desk.session)
        case .established:
            try? await Task.sleep(for: talk)
            _ = try? await server.act(nil, on: connection, session: desk.session)
        default: break
        }
    }

    /// The split as it stands.
    func state() async throws -> JSON {
        let splits = try await centre.server.request("GET", "/api/csta/splits", session: session)
        let split = splits.body?["splits"]?.array?.first { $0["splitId"]?.string == "\(Self.split)@demo.cc" }
        guard let split else { throw AsteriskCentre.Failure(description: "\(splits)") }
        return split
    }

    /// Waits until nobody waits, all agents are Ready, and no call and no channel is up.
    func expectQuiet() async throws {
        try await AsteriskCentre.eventually {
            try await centre.expectNoCalls(session)
            let state = try await state()
            guard state["waiting"]?.integer == 0, state["agents"]?["idle"]?.integer == Int64(Self.devices.count) else {
                throw AsteriskCentre.Failure(description: "the split is not at rest: \(state)")
            }
        }
    }

    /// Of what the agents were told: each was offered calls only in a mode, one after the other, none of them to two agents.
    ///
    /// - Returns: how often each call was answered.
    func expectOneAtATime(in mode: AgentMode) -> [CallID: Int] {
        var modes: [DeviceID: AgentMode] = [:]
        var current: [DeviceID: CallID] = [:]
        var answered: [CallID: Int] = [:]
        for event in follower.events {
            switch event.body {
            case .agent(let agent): modes[agent.device] = agent.mode
            case .call(let call) where call.device == call.source:
                switch call.detail {
                case .delivered:
                    #expect(modes[call.source] == mode, "\(call)")
                    #expect(current[call.source] == nil && !current.values.contains(call.call), "\(call)")
                    current[call.source] = call.call
                case .established:
                    #expect(current[call.source] == call.call, "\(call)")
                    answered[call.call, default: 0] += 1
                case .connectionCleared: #expect(current.removeValue(forKey: call.source) == call.call, "\(call)")
                default: break
                }
            default: break
            }
        }
        #expect(current.isEmpty)
        return answered
    }
}

/// A call of a customer to the split, as the records have it. Times in milliseconds since the epoch.
struct CustomerCall {
    let call: CallID
    /// The digits of the customer's number.
    let customer: String
    let begin: Int64
    /// Those who were offered it.
    let offers: [Offer]

    struct Offer {
        let begin: Int64
        let isAnswered: Bool
    }

    var isAnswered: Bool { offers.contains(where: \.isAnswered) }
    /// As Tests/Lab/customers.py has it.
    var isHurried: Bool { customer.last == "0" || customer.last == "5" }

    init?(_ record: JSON) {
        let parts = record["parts"]?.array ?? []
        guard let call = record["callId"]?.string.flatMap({ CallID($0) }),
            let begin = record["beginTimestamp"]?.integer,
            let customer = parts.first(where: { $0["isInternal"]?.bool == false })?["deviceId"]?.string
        else { return nil }
        self.call = call
        self.customer = String(customer.prefix { $0 != "@" })
        self.begin = begin
        offers = parts.filter { $0["isInternal"]?.bool == true }.compactMap { part in
            part["beginTimestamp"]?.integer.map { Offer(begin: $0, isAnswered: part["answerTimestamp"] != nil) }
        }
    }
}
