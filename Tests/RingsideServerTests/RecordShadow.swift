import CSTA
import CallCenter
import Journal
import RingsideServer
import Testing

/// What the stored events say of calls and logins, beside what the records say: two accounts of the same.
struct RecordShadow {
    struct Part: Hashable {
        var call: CallID
        var device: DeviceID
    }

    /// What a device's own copies tell of its part in a call; milliseconds.
    struct Account {
        var rang: Int64?
        var answered: Int64?
        var heldSince: Int64?
        var held: Int64 = 0
        var cleared: [Int64] = []
        var cause: Cause?
        var hangupDevice: DeviceID?
        var files: [String] = []
    }

    var parts: [Part: Account] = [:]
    var conversations: [CallID: CallID] = [:]
    /// Begin and end of each login.
    var logins: [AgentID: [(began: Int64, ended: Int64?)]] = [:]

    init(_ events: [EncodedEvent]) throws {
        for encoded in events {
            let event = try Event(json: encoded.json)
            let time = event.timestamp ?? 0
            switch event.body {
            case .agent(let agent): take(agent, at: time)
            case .call(let call):
                conversations[call.call] = event.conversation
                if call.source == call.device { take(call, at: time) }
            case .recording(let recording):
                guard case .started(let call, let file) = recording.detail else { continue }
                parts[Part(call: call, device: recording.device), default: Account()].files.append(file)
            case .unrecognized(let name, _): Issue.record("\(name) is unknown")
            }
        }
    }

    private mutating func take(_ event: AgentEvent, at time: Int64) {
        switch event.kind {
        case .loggedOn: logins[event.agent, default: []].append((time, nil))
        case .loggedOff:
            guard let last = logins[event.agent]?.indices.last else { return }
            logins[event.agent]?[last].ended = time
        default: break
        }
    }

    private mutating func take(_ event: CallEvent, at time: Int64) {
        var account = parts[Part(call: event.call, device: event.device), default: Account()]
        switch event.detail {
        case .delivered(let delivered) where delivered.alertingDevice == event.source: account.rang = time
        case .established(let established) where established.answeringDevice == event.source: account.answered = time
        case .held: account.heldSince = time
        case .retrieved:
            account.held += time - (account.heldSince ?? time)
            account.heldSince = nil
        case .connectionCleared(_, let hangup):
            account.held += time - (account.heldSince ?? time)
            account.heldSince = nil
            account.cleared.append(time)
            account.cause = event.cause
            account.hangupDevice = hangup
        default: break
        }
        parts[Part(call: event.call, device: event.device)] = account
    }
}

extension SandboxBench {
    /// All stored events, from the first one.
    func storedEvents() async throws -> [EncodedEvent] {
        var (through, found) = (Serial(0), [EncodedEvent]())
        while true {
            let page = try await runner.events(after: through, matching: EventFilter(), limit: 1000)
            found += page.events
            guard page.through > through else { return found }
            through = page.through
        }
    }

    /// All calls of the records, read in pages of two.
    func storedCalls(matching filter: CallRecordFilter = CallRecordFilter()) async throws -> [CallRecord] {
        var (position, found) = (nil as CallRecordPosition?, [CallRecord]())
        repeat {
            let page = try await journal.calls(in: runner.namespace, matching: filter, after: position, limit: 2)
            found += page.calls
            position = page.next
        } while position != nil
        return found
    }

    func storedTimes(_ filter: AgentTimeFilter) async throws -> [AgentTime] {
        var (position, found) = (nil as AgentTimePosition?, [AgentTime]())
        repeat {
            let page = try await journal.agentTimes(in: runner.namespace, matching: filter, after: position, limit: 2)
            found += page.times
            position = page.next
        } while position != nil
        return found
    }

    /// Ends all calls; agents stay logged in.
    func endAllCalls() async throws {
        for _ in 0..<40 {
            let ids = await runner.read { tenant in
                tenant.calls.values.flatMap { call in
                    call.connections.map { ConnectionID(device: $0.device, call: call.id) }
                }
            }
            if ids.isEmpty { return }
            let supervisor = try #require(AgentID("5009@demo.cc"))
            for id in ids.sorted(by: { $0.description < $1.description }) {
                // Not waited for: one that is recorded is answered when the recording is complete, some time from now.
                let runner = runner
                Task { await runner.perform(.clearConnection(id), by: Requester(agent: supervisor, role: .supervisor)) }
            }
            await pass(milliseconds: 1000)
        }
        Issue.record("calls do not end")
    }
}
