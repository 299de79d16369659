import CSTA
import CallCenter
import Dispatch
import GRDB
import Logging
import RingsideTesting
import Testing

@testable import Journal

let demo = namespace("demo.cc")

func namespace(_ name: String) -> Namespace {
    guard let namespace = Namespace(name) else { preconditionFailure("\(name) is no namespace") }
    return namespace
}

func agent(_ number: Int, in namespace: Namespace = demo) -> AgentID {
    guard let agent = AgentID("\(number)", in: namespace) else { preconditionFailure("\(number) is no agent") }
    return agent
}

func device(_ number: Int, in namespace: Namespace = demo) -> DeviceID {
    guard let device = DeviceID("\(number)", in: namespace) else { preconditionFailure("\(number) is no device") }
    return device
}

/// An event of agent 5001 on device 8001, unless told otherwise.
func event(
    _ serial: Int64, name: String = "held", agent number: Int? = 5001, device deviceNumber: Int = 8001,
    timestamp: Int64 = 0, json: String? = nil, in namespace: Namespace = demo
) -> EncodedEvent {
    EncodedEvent(
        serial: Serial(serial), name: name, device: device(deviceNumber, in: namespace),
        agent: number.map { agent($0, in: namespace) }, call: CallID("call-\(serial)"), timestamp: timestamp,
        json: Array((json ?? #"{"eventName":"\#(name)","serial":\#(serial)}"#).utf8))
}

func batch(_ events: [EncodedEvent], state: [StateEntry] = [], in namespace: Namespace = demo) -> JournalBatch {
    JournalBatch(
        namespace: namespace, events: events, state: state, lastSerial: events.last?.serial ?? Serial(0))
}

/// Events with these serials, alike but for them.
func batch(
    _ serials: ClosedRange<Int64>, timestamp: Int64 = 0, state: [StateEntry] = [], in namespace: Namespace = demo
) -> JournalBatch {
    batch(serials.map { event($0, timestamp: timestamp, in: namespace) }, state: state, in: namespace)
}

func entry(_ key: String, _ value: String?) -> StateEntry {
    StateEntry(key: key, value: value.map { Array($0.utf8) })
}

/// Runs the body with the path of a directory that is not there yet, and removes what comes of it.
func withDirectory(_ body: (String) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try await body(folder.path + "/journal")
}

func open(_ directory: String, _ change: (inout JournalConfiguration) -> Void = { _ in }) throws -> SQLiteJournal {
    var configuration = JournalConfiguration(directory: directory)
    change(&configuration)
    return try SQLiteJournal(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
}

/// Runs the body with a new journal in a new directory.
func withJournal(
    _ change: (inout JournalConfiguration) -> Void = { _ in }, _ body: (SQLiteJournal) async throws -> Void
) async throws {
    try await withDirectory { directory in
        let journal = try open(directory, change)
        try await body(journal)
        try await journal.close()
    }
}

extension SQLiteJournal {
    /// All serials that match, read page by page; each page must get further.
    func serials(after: Int64 = 0, _ filter: EventFilter = EventFilter(), limit: Int = 1000) async throws -> [Int64] {
        try await all(after: after, filter, limit: limit).map(\.serial.value)
    }

    func all(
        after: Int64 = 0, _ filter: EventFilter = EventFilter(), limit: Int = 1000, in namespace: Namespace = demo
    ) async throws -> [EncodedEvent] {
        let last = try await load(namespace).lastSerial
        var position = Serial(after)
        var found: [EncodedEvent] = []
        while position < last {
            let page = try await events(in: namespace, after: position, matching: filter, limit: limit)
            try #require(page.through > position)
            #expect(page.events.count <= limit)
            found += page.events
            position = page.through
        }
        return found
    }

    /// Lets the writer begin nothing until the body has ended.
    func holdingWriter<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let gate = DispatchSemaphore(value: 0)
        pool.asyncWriteWithoutTransaction { _ in gate.wait() }
        defer { gate.signal() }
        return try await body()
    }

    /// Waits until so many batches wait.
    func pending(_ count: Int) async {
        while statistics.pendingBatches < count { await Task.yield() }
    }
}
