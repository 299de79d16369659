import CSTA
import CallCenter
import Foundation
import Journal
import Logging

/// Journalling: by durability and batch, then with state, then many tenants at once.
func journalBenchmark() async throws {
    printHeader([
        "durability", "tenants", "events a batch", "state entries a batch", "events/s", "CPU µs/event",
        "events/transaction", "µs/append", "bytes/event on disk",
    ])
    for durability in JournalConfiguration.Durability.allCases {
        for batch in [1, 10, 100, 1000] {
            try await measureAppends(AppendLoad(durability: durability, batchEvents: batch))
        }
        try await measureAppends(AppendLoad(durability: durability, batchEvents: 100, stateEntries: 50))
        for tenants in [16, 256] {
            try await measureAppends(AppendLoad(durability: durability, tenants: tenants, batchEvents: 4))
            try await measureAppends(AppendLoad(durability: durability, tenants: tenants, batchEvents: 10))
        }
    }
}

/// Replay: ten thousand agents come back at once after having missed some events.
func journalReplayBenchmark() async throws {
    printHeader(["stored events", "missed", "agents that resume", "events found", "resumes/s", "CPU µs/resume"])
    try await withTemporaryDirectory { directory in
        let agents = 10_000
        let source = try EventSource(namespace: "demo.cc", agents: agents)
        let journal = try SQLiteJournal(
            JournalConfiguration(directory: directory.path), logger: Logger(label: "benchmark"))
        let stored = 300_000
        for first in stride(from: 1, through: stored, by: 1000) {
            try await journal.append(source.batch(from: first, events: 1000, stateEntries: 0))
        }
        for missed in [500, 30_000, 300_000] {
            let asked = missed > 100_000 ? agents / 10 : agents
            let found = Counter()
            let taken = try await Measurement.of {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for agent in 0..<asked {
                        if agent >= 64 { try await group.next() }
                        group.addTask {
                            let id = source.agents[agent]
                            var after = Serial(Int64(stored - missed))
                            while after.value < Int64(stored) {
                                let page = try await journal.events(
                                    in: source.namespace, after: after, matching: EventFilter(agent: id), limit: 1000)
                                await found.add(page.events.count)
                                after = page.through
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            printRow([
                "\(stored)", "\(missed)", "\(asked)", "\(await found.value)", taken.perSecond(asked),
                taken.cpuMicroseconds(each: asked),
            ])
        }
        try await journal.close()
    }
}

struct AppendLoad {
    var durability: JournalConfiguration.Durability
    var tenants = 1
    var batchEvents: Int
    var stateEntries = 0
    var totalEvents: Int { batchEvents * tenants < 10 ? 10_000 : batchEvents < 100 ? 100_000 : 400_000 }
}

private func measureAppends(_ load: AppendLoad) async throws {
    try await withTemporaryDirectory { directory in
        var configuration = JournalConfiguration(directory: directory.path)
        configuration.durability = load.durability
        let journal = try SQLiteJournal(configuration, logger: Logger(label: "benchmark"))
        let sources = try (0..<load.tenants).map { index in
            try EventSource(namespace: "tenant\(index).cc", agents: 10_000 / load.tenants)
        }
        let batches = load.totalEvents / load.batchEvents / load.tenants
        let taken = try await Measurement.of {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for source in sources {
                    group.addTask {
                        for index in 0..<batches {
                            try await journal.append(
                                source.batch(
                                    from: index * load.batchEvents + 1, events: load.batchEvents,
                                    stateEntries: load.stateEntries))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let events = batches * load.batchEvents * load.tenants
        let transactions = journal.statistics.transactions
        try await journal.close()
        printRow([
            "\(load.durability)", "\(load.tenants)", "\(load.batchEvents)", "\(load.stateEntries)",
            taken.perSecond(events), taken.cpuMicroseconds(each: events),
            Measurement.text(Double(events) / Double(transactions), 1), taken.microseconds(each: batches),
            "\(journal.statistics.databaseBytes / Int64(events))",
        ])
    }
}

/// Makes batches of events that are alike but for whose they are. Making them is measured too; it is a small part.
struct EventSource: Sendable {
    struct InvalidName: Error {}

    let namespace: Namespace
    let agents: [AgentID]
    let devices: [DeviceID]
    private let call: CallID
    private let json: [UInt8]
    private let state: [UInt8]

    init(namespace name: String, agents count: Int) throws {
        guard let namespace = Namespace(name), let call = CallID("7b2c1f4e-9a3d-4c55-8f00-1234567890ab") else {
            throw InvalidName()
        }
        self.namespace = namespace
        self.call = call
        agents = (0..<count).compactMap { AgentID("\(50_000 + $0)", in: namespace) }
        devices = (0..<count).compactMap { DeviceID("\(80_000 + $0)", in: namespace) }
        json = Array(
            """
            {"eventName":"established","eventType":"csta","eventTime":"2024.05.06 07:08:09","serial":1234567,\
            "namespace":"\(name)","srcDeviceId":"80001@\(name)","eventSrc":"80001@\(name)",\
            "deviceId":"80001@\(name)","callId":"\(call.text)","connectionId":"80001@\(name)|\(call.text)",\
            "localState":"Connect","cause":"NORMAL","answeringDevice":"80001@\(name)","callingDevice":"02112345678",\
            "calledDevice":"80001@\(name)"}
            """.utf8)
        state = [UInt8](repeating: UInt8(ascii: " "), count: 340)
    }

    /// Agents take their turns in an order that is spread out, as calls are.
    func batch(from first: Int, events: Int, stateEntries: Int) -> JournalBatch {
        JournalBatch(
            namespace: namespace,
            events: (first..<first + events).map { serial in
                let who = serial &* 7919 % agents.count
                return EncodedEvent(
                    serial: Serial(Int64(serial)), name: "established", device: devices[who], agent: agents[who],
                    call: call, timestamp: Int64(serial), json: json)
            },
            state: (0..<stateEntries).map { index in
                let who = (first + index) &* 7919 % agents.count
                // Of different lengths, as states are.
                return StateEntry(key: "agent:\(agents[who].text)", value: Array(state.prefix(300 + first % 41)))
            },
            lastSerial: Serial(Int64(first + events - 1)))
    }
}

private actor Counter {
    var value = 0
    func add(_ count: Int) { value += count }
}
