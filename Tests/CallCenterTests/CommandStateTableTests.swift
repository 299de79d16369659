import CSTA
import SwitchDriver
import Testing

@testable import CallCenter

/// Every service in every state that calls can get into, both generated: from an idle tenant on, whatever may happen happens, and
/// in each state that comes of it each service is asked for at each part of each call.
@Suite("Each service in each state")
struct CommandStateTableTests {
    /// The states of a connection in which a service was ever carried out. In all others it is always refused.
    private static let possible: [ServiceName: Set<ConnectionState>] = [
        .answerCall: [.initiate, .alerting],
        .clearConnection: [.initiate, .alerting, .connect, .hold],
        .holdCall: [.connect],
        .retrieveCall: [.hold],
        .singleStepTransferCall: [.connect, .hold],
        .singleStepConferenceCall: [.connect],
        .consultationCall: [.connect, .hold],
        .cancelConsultation: [.hold],
        .transferCall: [.hold],
        .conferenceCall: [.hold],
        .listen: [.connect, .hold],
        .agentGreeting: [.connect],
        .setUserData: [.initiate, .alerting, .connect, .hold],
        .startRecording: [.connect, .hold],
        .stopRecording: [.connect, .hold],
    ]

    @Test func whatIsRefusedNamesTheStateAndChangesNothing() throws {
        var walk = StateWalk(maximumStates: 1500)
        walk.run()
        #expect(walk.complaints.isEmpty)
        #expect(walk.states.count == 1500, "hardly anything happened")
        // Nothing that can be is left out: each service has met each state.
        let reached = Set(walk.table.keys.map(\.state))
        #expect(reached == [.none, .initiate, .alerting, .connect, .hold])
        for service in ServiceName.allCases {
            for state in reached {
                let outcomes = walk.table[Cell(service: service, state: state)] ?? []
                #expect(!outcomes.isEmpty, "\(service) was never tried in \(state)")
                let isPossible = Self.possible[service]?.contains(state) == true
                #expect(outcomes.contains(.carriedOut) == isPossible, "\(service) in \(state): \(outcomes)")
            }
        }
    }
}

/// A service on a connection; that is what the table has a row for.
enum ServiceName: Hashable, CaseIterable {
    case answerCall, clearConnection, holdCall, retrieveCall, singleStepTransferCall, singleStepConferenceCall,
        consultationCall, cancelConsultation, transferCall, conferenceCall, listen, agentGreeting, setUserData,
        startRecording, stopRecording
}

struct Cell: Hashable {
    var service: ServiceName
    var state: ConnectionState
}

enum Outcome: Hashable {
    case carriedOut
    case refused
}

/// Walks through the states of a tenant, breadth first; of states that differ only in who is who it looks at one.
private struct StateWalk {
    struct Candidate {
        var service: ServiceName
        var command: Command
        /// Whose state counts.
        var connection: ConnectionID
        /// The other one that is meant.
        var other: ConnectionID?
        var requester: Requester
    }

    let maximumStates: Int
    private(set) var states: Set<[String]> = []
    private(set) var table: [Cell: Set<Outcome>] = [:]
    private(set) var complaints: [String] = []
    private var queue: [Desk] = []

    init(maximumStates: Int) { self.maximumStates = maximumStates }

    mutating func run() {
        var desk = Desk()
        for number in 1...4 { desk.logIn(5000 + number, on: 8000 + number) }
        queue = [desk]
        states = [key(of: desk.tenant)]
        var next = 0
        while next < queue.count, complaints.count < 10 {
            let desk = queue[next]
            next += 1
            for candidate in candidates(in: desk.tenant) { attempt(candidate, in: desk) }
            for input in happenings(in: desk.tenant) {
                var after = desk
                after.apply(input)
                visit(after)
            }
        }
    }

    private mutating func visit(_ desk: Desk) {
        // More than two calls at a time are two calls and another.
        guard states.count < maximumStates, desk.tenant.calls.count < 3,
            states.insert(key(of: desk.tenant)).inserted
        else { return }
        queue.append(desk)
    }

    private mutating func attempt(_ candidate: Candidate, in desk: Desk) {
        var before = desk
        _ = before.tenant.takeChanges()
        var after = before
        after.apply(.command(candidate.command, by: candidate.requester, request: RequestID(7)))
        let state = before.tenant.connection(candidate.connection)?.state ?? .none
        let cell = Cell(service: candidate.service, state: state)
        var reply: Reply?
        for case .reply(RequestID(7), let answer) in after.effects { reply = answer }
        guard case .refused(let refusal)? = reply else {
            // Without an answer it waits for a recording to end: what becomes of it is decided then.
            if reply != nil { table[cell, default: []].insert(.carriedOut) }
            return visit(after)
        }
        table[cell, default: []].insert(.refused)
        func complain(_ what: String) {
            complaints.append("\(candidate.command) in \(key(of: before.tenant)): \(what)")
        }
        if after.effects.count != 1 { complain("effects \(after.effects)") }
        if after.tenant.serial != before.tenant.serial { complain("a new serial") }
        if !after.tenant.takeChanges().isEmpty { complain("something to store") }
        if after.tenant.calls != before.tenant.calls || after.tenant.devices != before.tenant.devices
            || after.tenant.agents != before.tenant.agents
        {
            complain("another state")
        }
        if let flaw = flaw(of: refusal, candidate, in: before.tenant) { complain("\(refusal): \(flaw)") }
    }

    /// What is wrong with a refusal, if anything is: it has to name a state that somebody in the calls is in, unless the connection
    /// is not there for clients.
    private func flaw(of refusal: Refusal, _ candidate: Candidate, in tenant: Tenant) -> String? {
        let isKnown = [candidate.connection, candidate.other].compactMap(\.self)
            .allSatisfy { tenant.connection($0)?.hasJoined == true }
        switch refusal {
        case .wrongState(let state), .otherCallActive(let state), .partyPending(let state), .notTwoParties(let state),
            .tooManyParties(let state), .alreadyInCall(let state), .notLoggedInThere(let state),
            .alreadyRecording(let state), .notRecording(let state), .splitNotAllowed(let state),
            .deviceInCall(let state):
            let seen = tenant.calls.values.flatMap(\.connections).map(\.state) + [.none]
            return seen.contains(state) ? nil : "nobody is in \(state)"
        case .noSuchConnection, .notYours: return isKnown ? "it is there" : nil
        case .tooManyCalls: return nil  // The id of the new call is taken.
        default: return "not of a state"
        }
    }

    // MARK: What can be asked

    private func candidates(in tenant: Tenant) -> [Candidate] {
        tenant.sortedCalls.flatMap { call in
            call.connections.filter(\.isInternal).flatMap { candidates(at: $0, of: call, in: tenant) }
        }
    }

    private func candidates(at connection: Connection, of call: Call, in tenant: Tenant) -> [Candidate] {
        let id = ConnectionID(device: connection.device, call: call.id)
        let agent = tenant.devices[id.device]?.agent
        let own = Requester(agent: agent ?? Desk.agent(5004), role: agent == nil ? .supervisor : .agent)
        let supervisor = Requester(agent: Desk.agent(5004), role: .supervisor)
        let target = ["8003", "8002", "9138000000"].first { $0 != id.device.number } ?? "8002"
        var result: [Candidate] = []
        func add(
            _ service: ServiceName, _ command: Command, with other: ConnectionID? = nil, by requester: Requester? = nil
        ) {
            result.append(
                Candidate(
                    service: service, command: command, connection: id, other: other, requester: requester ?? own))
        }
        add(.answerCall, .answerCall(id))
        add(.clearConnection, .clearConnection(id))
        add(.holdCall, .holdCall(id))
        add(.retrieveCall, .retrieveCall(id))
        for returns in [false, true] {
            add(.singleStepTransferCall, .singleStepTransferCall(id, to: target, returns: returns))
            add(.singleStepConferenceCall, .singleStepConferenceCall(id, participant: target, isSilent: returns))
        }
        add(.singleStepTransferCall, .singleStepTransferCall(id, to: target, returns: false), by: supervisor)
        add(.consultationCall, .consultationCall(id, participant: target, call: Self.consultation))
        // Also with itself, and with a call that the device has no part in.
        for call in tenant.sortedCalls.map(\.id) {
            let other = ConnectionID(device: id.device, call: call)
            add(.cancelConsultation, .cancelConsultation(held: id, consultation: call), with: other)
            add(.transferCall, .transferCall(held: id, active: call, returns: false), with: other)
            add(.transferCall, .transferCall(held: id, active: call, returns: true), with: other)
            add(.conferenceCall, .conferenceCall(held: id, active: call), with: other)
        }
        // What is asked for a whole call counts for the one that is furthest in it, what is asked for a device for its only call.
        if connection.device == call.furthest {
            add(.listen, .listen(call.id, device: Desk.device(8004)), by: supervisor)
        }
        if let agent { add(.agentGreeting, .agentGreeting(call.id, agent, device: id.device)) }
        add(.agentGreeting, .agentGreeting(call.id, Desk.agent(5009), device: id.device), by: supervisor)
        var data = UserData()
        data["k"] = "v"
        add(.setUserData, .setUserData(call.id, data))
        if tenant.devices[id.device]?.calls.count == 1 {
            add(.startRecording, .startRecording(id.device))
            add(.stopRecording, .stopRecording(id.device))
        }
        return result
    }

    private static let consultation = CallID(valid: "c-2")

    // MARK: What can happen

    /// What phones, customers and the switch may do next, and how calls begin.
    private func happenings(in tenant: Tenant) -> [Input] {
        var events: [SwitchEvent] = []
        for call in tenant.sortedCalls {
            for connection in call.connections {
                let leg = connection.leg
                events += [
                    .legRinging(leg), .legAnswered(leg), .legConnected(leg, mix: MixID(call.id)), .legTakenOut(leg),
                    .legHeld(leg), .legRetrieved(leg), .legEnded(leg, cause: .normalClearing), .commandRefused(leg),
                ]
                guard let recording = connection.recording?.id else { continue }
                events += [.recordingStarted(recording), .recordingEnded(recording, isSuccess: true)]
            }
        }
        var inputs: [Input] = events.map { .switchEvent($0) }
        guard tenant.calls[Desk.call] == nil else { return inputs }
        let own = Requester(agent: Desk.agent(5001), role: .agent)
        for number in ["8002", "9138000000"] {
            let call = MakeCall(call: Desk.call, from: Desk.device(8001), to: number)
            inputs.append(.command(.makeCall(call), by: own, request: RequestID(7)))
        }
        let trunk = OfferedLeg.Origin.trunk(group: "1", member: "gw", number: "13800000000")
        for (origin, dialled) in [(trunk, "48001"), (.phone(Desk.device(8001)), "8002")] {
            let offer = OfferedLeg(leg: LegID("offered"), origin: origin, dialled: dialled)
            inputs.append(.switchEvent(.legOffered(offer), newCall: Desk.call))
        }
        return inputs
    }

    /// What matters of a state: not who is who.
    private func key(of tenant: Tenant) -> [String] {
        tenant.calls.values.map { call in
            let parts = call.connections.map { part in
                let recording = part.recording.map { "\($0.isRunning)\($0.isStopping)" } ?? ""
                return "\(part.isInternal) \(part.state) \(part.legState) \(part.part) \(part.holds.rawValue) "
                    + "\(part.isClearing) \(part.hasJoined) \(part.answerTime != nil) \(part.isCalled) "
                    + "\(part.request?.rawValue ?? "") \(recording) \(tenant.devices[part.device]?.calls.count ?? 0)"
            }
            return "\(call.consultedFrom != nil) \(call.conferencingDevice != nil) \(call.comingBack != nil) "
                + parts.sorted().joined(separator: ", ")
        }.sorted()
    }
}

extension Call {
    /// The internal party that is most of all in the call.
    fileprivate var furthest: DeviceID? {
        let order: [ConnectionState] = [.connect, .hold, .alerting, .initiate, .none]
        return order.lazy.compactMap { state in self.parties.first { $0.isInternal && $0.state == state } }.first?
            .device
    }
}

extension Tenant {
    /// In an order that is the same in each run.
    fileprivate var sortedCalls: [Call] { calls.values.sorted { $0.id.text < $1.id.text } }
}
