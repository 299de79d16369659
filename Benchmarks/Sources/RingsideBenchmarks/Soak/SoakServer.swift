import CSTA
import Foundation
import Logging
import NIOCore
import RingsideServer
import SandboxSwitch
import ServiceLifecycle
import Synchronization

/// The server of a soak: `soak-server FOLDER METRICSPORT` and the plan. Its people use the buttons of their phones.
///
/// Answers `start` with the port, `work` with 0 once they begin to call, `rest` with the calls that there were once the
/// last has ended; ends with its input.
func soakServer() async throws {
    let plan = try SoakPlan()
    guard CommandLine.arguments.count > 3, let metricsPort = Int(CommandLine.arguments[3]) else {
        throw BenchmarkFailure("soak-server FOLDER METRICSPORT")
    }
    try raiseOpenFilesLimit()
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    let logger = Logger(label: "ringside")
    let configuration = try plan.configuration(folder: CommandLine.arguments[2], metricsPort: metricsPort)
    let sandbox = SandboxSwitch(
        tenants: configuration.tenants.map(\.lines), namePrefix: "sandbox",
        settings: SandboxSettings(recordingsFolder: configuration.recordingsRoot))
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let server = RingsideServer(configuration: configuration, telephoneSwitch: sandbox, logger: logger) {
        port.yield($0.port)
    }
    let services = ServiceGroup(configuration: .init(services: [server], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        let people = SoakPeople(plan: plan, sandbox: sandbox)
        for await command in soakCommands() {
            switch command.first {
            case "start": soakAnswer("started", await ports.first { _ in true } ?? 0)
            case "work":
                group.addTask { await people.work() }
                soakAnswer("working", 0)
            case "rest": soakAnswer("rested", await people.rest())
            default: break
            }
        }
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
    }
}

/// People in pairs: one calls, the other answers after a while, the first hangs up after another.
private final class SoakPeople: Sendable {
    private struct State {
        var mustRest = false
        var calls = 0
        var underWay = 0
    }

    /// Of the events of a call, as the sandbox's phones make them.
    private static let copiesACall = 9
    private static let longestRing = Duration.seconds(1)

    private let sandbox: SandboxSwitch
    private let pairs: [(DeviceID, DeviceID)]
    private let pause: Duration
    private let ring: Duration
    private let state = Mutex(State())

    init(plan: SoakPlan, sandbox: SandboxSwitch) {
        self.sandbox = sandbox
        let half = plan.clients / 2
        pairs = (0..<half).compactMap { index in
            guard let namespace = Namespace(SoakPlan.namespace),
                let one = DeviceID(SoakPlan.device(index), in: namespace),
                let other = DeviceID(SoakPlan.device(index + half), in: namespace)
            else { return nil }
            return (one, other)
        }
        pause = .seconds(Double(Self.copiesACall) / Double(plan.events))
        // A pair's turn comes again when its call is long over.
        ring = min(Self.longestRing, pause * half / 5)
    }

    func work() async {
        await withDiscardingTaskGroup { group in
            var next = ContinuousClock.now
            var turn = 0
            while !state.withLock(\.mustRest) {
                let (one, other) = pairs[turn % pairs.count]
                state.withLock { $0.underWay += 1 }
                group.addTask { await self.call(from: one, to: other) }
                turn += 1
                next += pause
                try? await Task.sleep(until: next)
            }
        }
    }

    private func call(from one: DeviceID, to other: DeviceID) async {
        var isDone = false
        do throws(SandboxError) {
            try sandbox.press(.dial(String(other.number)), on: one)
            try? await Task.sleep(for: ring)
            try sandbox.press(.answer, on: other)
            try? await Task.sleep(for: ring * 2)
            try sandbox.press(.hangup, on: one)
            isDone = true
        } catch {
            try? sandbox.press(.hangup, on: one)
        }
        state.withLock { state in
            state.underWay -= 1
            if isDone { state.calls += 1 }
        }
    }

    /// - Returns: the calls that went as they should.
    func rest() async -> Int {
        state.withLock { $0.mustRest = true }
        while state.withLock(\.underWay) > 0 { try? await Task.sleep(for: .milliseconds(10)) }
        return state.withLock(\.calls)
    }
}
