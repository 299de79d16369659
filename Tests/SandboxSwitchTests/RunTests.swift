import CSTA
import RingsideTesting
import SandboxSwitch
import SwitchDriver
import Synchronization
import Testing

@Suite("Handing over")
struct DeliveryTests {
    /// What a receiver may do at its worst: each event causes more, and lets time pass while it is being received.
    @Test func `a receiver that goes on working hears one event at a time, in order`() throws {
        let namespace = try #require(Namespace("zhen04.cc"))
        let clock = ManualClock()
        let sandbox = SandboxSwitch(
            tenants: [try Lab.lines(namespace, inbound: [])], namePrefix: "run", time: SandboxTime(clock))
        let depth = Atomic(0)
        let heard = Mutex<[String]>([])
        try sandbox.attach { _, event in
            #expect(depth.add(1, ordering: .relaxed).newValue == 1)
            let count = heard.withLock { heard in
                heard.append(event.line)
                return heard.count
            }
            if count < 6 { sandbox.execute([.takeOut(LegID("\(count)")), .takeOut(LegID("+"))], for: namespace) }
            clock.advance(seconds: 1)
            depth.subtract(1, ordering: .relaxed)
        }
        clock.advance()
        let refused = (1...5).flatMap { ["refused \($0)", "refused +"] }
        #expect(heard.withLock { $0 } == ["linkUp, 4 phones"] + refused)
        sandbox.detach()
    }
}

/// With real time, and threads.
@Suite("Running", .timeLimit(.minutes(1)))
struct RunTests {
    @Test func `runs until cancelled, and then again`() async throws {
        let namespace = try #require(Namespace("zhen04.cc"))
        let sandbox = SandboxSwitch(tenants: [try Lab.lines(namespace, inbound: [])], namePrefix: "run")
        for _ in 0..<2 {
            let (events, heard) = AsyncStream<SwitchEvent>.makeStream()
            let running = Task { try await sandbox.run { _, event in heard.yield(event) } }
            var iterator = events.makeAsyncIterator()
            guard case .linkUp(let snapshot) = await iterator.next() else {
                Issue.record("the first event was not linkUp")
                return
            }
            #expect(snapshot.registered.count == 4)
            await #expect(throws: SandboxError.alreadyRunning) { try await sandbox.run { _, _ in } }
            sandbox.execute([.dial(Self.call("x"))], for: namespace)
            #expect(await iterator.next() == .legRinging(LegID("x")))
            #expect(await iterator.next() == .legAnswered(LegID("x")))
            sandbox.execute([.hangUp(LegID("x"), cause: .loseRace)], for: namespace)
            #expect(await iterator.next() == .legEnded(LegID("x"), cause: .loseRace))
            running.cancel()
            try await running.value
        }
    }

    @Test func `recordings of two tenants are written, each once`() async throws {
        let namespaces = try ["zhen04.cc", "other.cc"].map { try #require(Namespace($0)) }
        let folder = TemporaryFolder()
        let sandbox = SandboxSwitch(
            tenants: try namespaces.map { try Lab.lines($0, inbound: []) }, namePrefix: "run",
            settings: SandboxSettings(recordingsFolder: folder.path))
        let (events, heard) = AsyncStream<SwitchEvent>.makeStream()
        let running = Task { try await sandbox.run { _, event in heard.yield(event) } }
        var iterator = events.makeAsyncIterator()
        for _ in namespaces { _ = await iterator.next() }
        let count = 50
        for namespace in namespaces {
            for index in 0..<count {
                let recording = RecordingID("\(namespace)-\(index)")
                let request = RecordingRequest(
                    recording: recording, mix: MixID("m"), path: "\(namespace)/\(index).wav")
                sandbox.execute(
                    [.startMusic(request.mix), .startRecording(request), .stopRecording(recording)], for: namespace)
            }
        }
        var ended: Set<RecordingID> = []
        while ended.count < namespaces.count * count, let event = await iterator.next() {
            guard case .recordingEnded(let recording, isSuccess: true) = event else { continue }
            #expect(ended.insert(recording).inserted)
        }
        #expect(folder.files.count == namespaces.count * count)
        #expect(folder.files.allSatisfy { folder.bytes($0)?.starts(with: "RIFF".utf8) ?? false })
        running.cancel()
        try await running.value
    }

    private static func call(_ leg: String) -> DialRequest {
        DialRequest(
            leg: LegID(leg), endpoint: .external(number: "13800000020", trunkGroup: "pstn"),
            presenting: Presentation(number: "100"), ringLimitSeconds: 60)
    }

    @Test func `many threads at once: each event once, in order, never two at a time`() async throws {
        let namespace = try #require(Namespace("zhen04.cc"))
        let sandbox = SandboxSwitch(tenants: [try Lab.lines(namespace, inbound: ["4001"])], namePrefix: "run")
        let (ends, heard) = AsyncStream<Void>.makeStream()
        let inside = Atomic(0)
        let overlaps = Atomic(0)
        let running = Task {
            try await sandbox.run { _, event in
                if inside.add(1, ordering: .sequentiallyConsistent).newValue != 1 {
                    overlaps.add(1, ordering: .relaxed)
                }
                if case .legEnded = event { heard.yield() }
                if case .linkUp = event { heard.yield() }
                inside.subtract(1, ordering: .sequentiallyConsistent)
            }
        }
        var iterator = ends.makeAsyncIterator()
        await iterator.next()
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for index in 0..<200 {
                        let leg = LegID("t\(thread)-\(index)")
                        sandbox.execute([.dial(Self.call(leg.text))], for: namespace)
                        sandbox.execute([.hangUp(leg, cause: .loseRace)], for: namespace)
                        if let customer = try? sandbox.customerCalls(from: "1", to: "4001") {
                            try? sandbox.hangUpOutside(customer, in: namespace)
                        }
                    }
                }
            }
        }
        for _ in 0..<(8 * 200 * 2) { await iterator.next() }
        #expect(overlaps.load(ordering: .relaxed) == 0)
        running.cancel()
        try await running.value
    }
}
