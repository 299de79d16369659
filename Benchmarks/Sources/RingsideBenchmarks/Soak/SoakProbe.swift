import Foundation
import Synchronization

/// Somebody who dials again and again, four times a second, to know how long a command takes.
final class SoakProbe: Sendable {
    private static let pause = Duration.milliseconds(250)
    /// Some 30 s: an agent who is not heard for three minutes is logged out.
    private static let callsAHeartbeat = 100

    private let api: SoakAPI
    private let sessions: [String]
    private let state = Mutex(State())

    private struct State {
        var times = SoakLatency()
        var failures = 0
        var mustEnd = false
    }

    /// Logs both callers in.
    init(_ api: SoakAPI) async throws {
        self.api = api
        var sessions: [String] = []
        for (agent, device) in zip(SoakPlan.callers.agents, SoakPlan.callers.devices) {
            sessions.append(try await api.logIn(agent))
            try await api.work(agent, on: device, session: sessions[sessions.count - 1])
        }
        self.sessions = sessions
    }

    func run() async {
        var calls = 0
        while !state.withLock(\.mustEnd) {
            do {
                try await callOnce()
                calls += 1
                if calls % Self.callsAHeartbeat == 0 { try await beat() }
            } catch {
                state.withLock { $0.failures += 1 }
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    func end() { state.withLock { $0.mustEnd = true } }

    /// The times since the last call of this, and the commands that were not done.
    func take() -> (times: SoakLatency, failures: Int) {
        state.withLock { state in
            defer { (state.times, state.failures) = (SoakLatency(), 0) }
            return (state.times, state.failures)
        }
    }

    private func beat() async throws {
        for (agent, session) in zip(SoakPlan.callers.agents, sessions) {
            let answer = try await api.send("POST", "/api/csta/agent/heartbeat/\(agent)", session: session)
            guard answer.status < 300 else { throw BenchmarkFailure("heart-beat: \(answer)") }
        }
    }

    private func callOnce() async throws {
        let calls = "/api/csta/callControl/calls"
        let devices = SoakPlan.callers.devices
        let body = #"{"from":"\#(devices[0])","to":"\#(devices[1])"}"#
        let start = SoakLatency.now
        let answer = try await api.send("POST", calls, session: sessions[0], body: body)
        let took = SoakLatency.now - start
        guard let call = answer["callId"] else { throw BenchmarkFailure("dial: \(answer)") }
        state.withLock { $0.times.add(took) }
        let connection = "\(devices[0])@\(SoakPlan.namespace)%7C\(call)"
        let end = try await api.send("DELETE", "\(calls)/\(call)/connections/\(connection)", session: sessions[0])
        guard end.status == 204 else { throw BenchmarkFailure("hang up: \(end)") }
    }
}
