import CSTA
import CallCenter
import GRDB
import Testing

@testable import Journal

@Suite("Recordings")
struct RecordingTests {
    /// `recordStarted` of the recording `r-NUMBER` in `call-NUMBER`.
    private func started(
        _ serial: Int64, _ number: Int, agent number2: Int? = 5001, device: Int = 8001, at timestamp: Int64 = 0,
        isSuccess: Bool = true, conversation: String = "first", in namespace: Namespace = demo
    ) -> EncodedEvent {
        event(
            serial, name: "recordStarted", agent: number2, device: device, timestamp: timestamp,
            json: """
                {"eventName":"recordStarted","eventSrc":"\(device)@\(namespace)","eventTime":"2026.01.01 00:00:00",\
                "eventType":"csta","serial":\(serial),"namespace":"\(namespace)","recordId":"r-\(number)",\
                "callId":"call-\(number)","deviceId":"\(device)@\(namespace)","fileName":"\(file(number))",\
                "isSuccess":\(isSuccess),"conversationId":"\(conversation)"}
                """, in: namespace)
    }

    private func stopped(
        _ serial: Int64, _ number: Int, at timestamp: Int64 = 0, isSuccess: Bool = true, in namespace: Namespace = demo
    ) -> EncodedEvent {
        event(
            serial, name: "recordStopped", timestamp: timestamp,
            json: """
                {"eventName":"recordStopped","eventSrc":"8001@\(namespace)","eventTime":"2026.01.01 00:00:00",\
                "eventType":"csta","serial":\(serial),"namespace":"\(namespace)","srcDeviceId":"8001@\(namespace)",\
                "recordId":"r-\(number)","isSuccess":\(isSuccess)}
                """, in: namespace)
    }

    private func file(_ number: Int) -> String { "/var/\(demo)/2026/0101/8001@demo.cc/\(number).wav" }

    private func ids(
        _ journal: SQLiteJournal, _ filter: RecordingFilter = RecordingFilter(), limit: Int = 2,
        in namespace: Namespace = demo
    ) async throws -> [String] {
        var position: RecordingPosition?
        var found: [String] = []
        while true {
            let page = try await journal.recordings(in: namespace, matching: filter, after: position, limit: limit)
            #expect(page.recordings.count <= limit)
            found += page.recordings.map(\.id)
            guard !page.isLast, let last = page.recordings.last else { return found }
            position = last.position
        }
    }

    @Test("A row comes with the first event, and is completed by the second")
    func follow() async throws {
        try await withJournal { journal in
            try await journal.append(batch([event(1), started(2, 1, at: 1000)]))
            var expected = StoredRecording(
                id: "r-1", serial: Serial(2), call: try #require(CallID("call-1")), conversation: CallID("first"),
                device: device(8001), agent: agent(5001), started: Instant(milliseconds: 1000), state: .running,
                fileName: file(1))
            #expect(try await journal.recording("r-1", in: demo) == expected)
            try await journal.append(batch([stopped(3, 1, at: 5000)]))
            expected.state = .ended(Instant(milliseconds: 5000), isSuccess: true)
            #expect(try await journal.recording("r-1", in: demo) == expected)
            // What comes again changes nothing, and what never began or could not begin is not there.
            try await journal.append(
                batch([
                    started(4, 1, at: 9), stopped(5, 1, isSuccess: false), stopped(6, 2),
                    started(7, 3, isSuccess: false),
                ]))
            #expect(try await journal.recording("r-1", in: demo) == expected)
            #expect(try await ids(journal) == ["r-1"])
            try await journal.append(batch([started(8, 4, agent: nil), stopped(9, 4, at: 7, isSuccess: false)]))
            let failed = try #require(try await journal.recording("r-4", in: demo))
            #expect(failed.state == .ended(Instant(milliseconds: 7), isSuccess: false))
            #expect(failed.agent == nil)
        }
    }

    @Test("An event that cannot be read is stored, and is no recording")
    func unreadable() async throws {
        try await withJournal { journal in
            try await journal.append(
                batch([event(1, name: "recordStarted"), event(2, name: "recordStopped", json: "no JSON")]))
            #expect(try await journal.serials() == [1, 2])
            #expect(try await ids(journal).isEmpty)
        }
    }

    @Test("Each filter alone and with others, page by page, in the order in which they began")
    func filters() async throws {
        try await withJournal { journal in
            let other = namespace("other.cc")
            try await journal.append(batch([started(1, 99, in: other)], in: other))
            var events: [EncodedEvent] = []
            for number in 1...12 {
                // Later serials begin earlier, as after a clock was set back.
                events.append(
                    started(
                        Int64(number), number, agent: 5001 + number % 2, device: 8001 + number % 3,
                        at: Int64(1000 - number / 2), conversation: "talk-\(number % 4)"))
            }
            try await journal.append(batch(events))
            func expected(_ matches: (Int) -> Bool) -> [String] {
                (1...12).filter(matches).sorted { (1000 - $0 / 2, $0) < (1000 - $1 / 2, $1) }.map { "r-\($0)" }
            }
            #expect(try await ids(journal) == expected { _ in true })
            #expect(try await ids(journal, limit: 5000) == expected { _ in true })
            #expect(try await ids(journal, RecordingFilter(agent: agent(5001))) == expected { $0 % 2 == 0 })
            #expect(try await ids(journal, RecordingFilter(device: device(8002))) == expected { $0 % 3 == 1 })
            #expect(try await ids(journal, RecordingFilter(call: CallID("call-7"))) == ["r-7"])
            #expect(
                try await ids(journal, RecordingFilter(conversation: CallID("talk-3"))) == expected { $0 % 4 == 3 })
            #expect(
                try await ids(
                    journal,
                    RecordingFilter(agent: agent(5002), device: device(8001), conversation: CallID("talk-1")))
                    == expected { $0 % 2 == 1 && $0 % 3 == 0 && $0 % 4 == 1 })
            let window = RecordingFilter(from: Instant(milliseconds: 996), to: Instant(milliseconds: 999))
            #expect(try await ids(journal, window) == expected { (996..<999).contains(1000 - $0 / 2) })
            #expect(try await ids(journal, RecordingFilter(agent: agent(5003))).isEmpty)
            #expect(try await ids(journal, in: other) == ["r-99"])
            #expect(try await ids(journal, in: namespace("nobody.cc")).isEmpty)
            #expect(try await journal.recording("r-1", in: other) == nil)
        }
    }

    @Test("No search looks through all recordings")
    func indexes() async throws {
        try await withJournal { journal in
            let plans = try await journal.pool.read { db in
                try ["", " AND agent = 'a'", " AND device = 'd'", " AND call = 'c'", " AND conversation = 'c'"].map {
                    part in
                    try Row.fetchAll(
                        db,
                        sql: """
                            EXPLAIN QUERY PLAN SELECT * FROM recording
                            WHERE tenant = 1 AND (started, id) > (5, 6) AND started < 7\(part)
                            ORDER BY started, id LIMIT 5
                            """
                    ).map { $0["detail"] as String }
                }
            }
            for (plan, name) in zip(plans, ["started", "agent", "device", "call", "conversation"]) {
                #expect(plan.count == 1 && plan[0].contains("USING INDEX recording_\(name) "), "\(plan)")
            }
        }
    }

    @Test("Removed ones are gone; they outlive their events and a restart")
    func remove() async throws {
        try await withDirectory { directory in
            var journal = try open(directory) { $0.maximumEventAgeSeconds = 0 }
            try await journal.append(batch((1...3).map { started(Int64($0), $0) }))
            _ = try await journal.prune(now: Instant(milliseconds: 1))
            try await journal.removeRecordings(["r-2", "r-9"], in: demo)
            try await journal.close()
            journal = try open(directory)
            #expect(try await ids(journal) == ["r-1", "r-3"])
            try await journal.removeRecordings(["r-1", "r-3"], in: namespace("other.cc"))
            #expect(try await ids(journal) == ["r-1", "r-3"])
            await #expect(throws: JournalError.self) {
                try await journal.removeRecordings((0...1000).map { "r-\($0)" }, in: demo)
            }
            try await journal.close()
        }
    }
}
