import CSTA
import CallCenter
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

@testable import Gateway

/// An archive that has what it is given, and can be out of order.
private final class TestArchive: RecordingArchive {
    struct State: Sendable {
        var recordings: [Namespace: [StoredRecording]] = [:]
        var isAway = false
    }
    let state = Mutex(State())

    func recordings(
        in namespace: Namespace, matching filter: RecordingFilter, after position: RecordingPosition?, limit: Int
    ) async throws(RecordingArchiveError) -> RecordingPage {
        let matching = try all(in: namespace).filter { recording in
            (filter.agent ?? recording.agent) == recording.agent
                && (filter.device ?? recording.device) == recording.device
                && (filter.call ?? recording.call) == recording.call
                && (filter.conversation ?? recording.conversation) == recording.conversation
                && (filter.from ?? recording.started) <= recording.started
                && recording.started < filter.to ?? Instant(milliseconds: .max)
                && position.map { $0 < recording.position } ?? true
        }
        return RecordingPage(recordings: Array(matching.prefix(limit)), isLast: matching.count <= limit)
    }

    func recording(_ id: String, in namespace: Namespace) async throws(RecordingArchiveError) -> StoredRecording? {
        try all(in: namespace).first { $0.id == id }
    }

    private func all(in namespace: Namespace) throws(RecordingArchiveError) -> [StoredRecording] {
        let state = state.withLock { $0 }
        if state.isAway { throw RecordingArchiveError() }
        return state.recordings[namespace] ?? []
    }
}

@Suite struct APIRecordingTests {
    private static let path = "/api/csta/recordings"
    private static let wav = Array("RIFF".utf8) + (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    /// Recordings of one.cc: `own` of 5001, `other` of 5002 on the same device, `runs`, `failed`, `nobody` without an agent; of
    /// two.cc: `foreign`. Only `own`, `other` and `foreign` have files.
    private struct Shelf: Sendable {
        let world: World
        let archive = TestArchive()
        let folder: URL

        init(in folder: URL) throws {
            // Clocks in Shanghai show eight hours more.
            world = try World { $0.zone = ZoneOffsets(offsetSeconds: 8 * 3600) }
            self.folder = folder
            try add("own", "one.cc", agent: "5001", minute: 0, hasFile: true)
            try add("other", "one.cc", agent: "5002", minute: 1, hasFile: true)
            try add("runs", "one.cc", agent: "5001", minute: 2, state: .running)
            try add("failed", "one.cc", agent: "5001", device: "8002", minute: 3, isSuccess: false)
            try add("nobody", "one.cc", agent: nil, minute: 4, call: "c-2", conversation: "c-2")
            try add("foreign", "two.cc", agent: "5001", minute: 0, hasFile: true)
        }

        func file(_ id: String, _ namespace: String = "one.cc", _ device: String = "8001") -> String {
            "\(namespace)/2026/0101/\(device)@\(namespace)/\(id).wav"
        }

        private func add(
            _ id: String, _ name: String, agent: String?, device: String = "8001", minute: Int64,
            state: StoredRecording.State? = nil, isSuccess: Bool = true, call: String = "c-1",
            conversation: String = "c-1", hasFile: Bool = false
        ) throws {
            let namespace = try #require(Namespace(name))
            let started = Instant(milliseconds: 1_767_225_600_000 + minute * 60_000)
            let recording = StoredRecording(
                id: id, serial: Serial(minute + 1), call: try #require(CallID(call)),
                conversation: CallID(conversation), device: try #require(DeviceID(device, in: namespace)),
                agent: agent.flatMap { AgentID($0, in: namespace) }, started: started,
                state: state ?? .ended(started.advanced(bySeconds: 30), isSuccess: isSuccess),
                fileName: "/somewhere/else/\(file(id, name, device))")
            archive.state.withLock { $0.recordings[namespace, default: []].append(recording) }
            guard hasFile else { return }
            let url = folder.appending(path: file(id, name, device))
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(APIRecordingTests.wav).write(to: url)
        }

        func rename(_ id: String, to fileName: String) throws {
            let namespace = try #require(Namespace("one.cc"))
            archive.state.withLock { state in
                for index in state.recordings[namespace, default: []].indices
                where state.recordings[namespace]?[index].id == id {
                    state.recordings[namespace]?[index].fileName = fileName
                }
            }
        }

        func run(
            _ setup: TestingSetup = .router, root: String? = nil,
            _ body: @escaping @Sendable (Browser) async throws -> Void
        ) async throws {
            let recordings = Recordings(archive: archive, folder: RecordingFolder(root: root ?? folder.path()))
            let app = Application(router: makeRouter(world.services(recordings: recordings)), logger: world.log.logger)
            try await app.test(setup) { try await body(Browser(client: $0)) }
        }
    }

    private func withShelf(_ body: (Shelf) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "recordings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(try Shelf(in: folder))
    }

    private func ids(_ browser: Browser, _ query: String = "") async throws -> [String] {
        let answer = try await browser.get("\(Self.path)?\(query)")
        #expect(answer.status == 200, "\(answer)")
        return (answer.json?["recordings"]?.array ?? []).compactMap { $0["recordId"]?.string }
    }

    @Test func withoutAnArchiveThereIsNoPath() async throws {
        try await World().run { browser async throws in
            #expect(try await browser.loggedIn().get(Self.path).brief == "404 noSuchPath")
            #expect(try await browser.loggedIn().get(Self.path + "/own").brief == "404 noSuchPath")
        }
    }

    @Test func everybodyListsWhatItMay() async throws {
        try await withShelf { shelf async throws in
            try await shelf.run { browser async throws in
                #expect(try await browser.get(Self.path).brief == "401 noSession")
                let agent = try await browser.loggedIn("5001")
                #expect(try await ids(agent) == ["own", "runs", "failed"])
                #expect(try await ids(agent, "agent=5001@one.cc&device=8001") == ["own", "runs"])
                #expect(try await agent.get("\(Self.path)?agent=5002").brief == "403 notYours")
                #expect(try await agent.get("\(Self.path)?agent=5001@two.cc").brief == "403 notYours")
                #expect(try await agent.get("\(Self.path)?device=8001@two.cc").brief == "403 notYours")
                #expect(try await ids(try await browser.loggedIn("5003")) == [])
                for number in ["5900", "5999"] {
                    let supervisor = try await browser.loggedIn(number)
                    #expect(try await ids(supervisor) == ["own", "other", "runs", "failed", "nobody"])
                    #expect(try await ids(supervisor, "agent=5002") == ["other"])
                }
                #expect(try await ids(try await browser.loggedIn("5900", in: "two.cc")) == ["foreign"])
            }
        }
    }

    @Test func filtersAndPages() async throws {
        try await withShelf { shelf async throws in
            try await shelf.run { browser async throws in
                let supervisor = try await browser.loggedIn("5900")
                #expect(try await ids(supervisor, "device=8002") == ["failed"])
                #expect(try await ids(supervisor, "call=c-2") == ["nobody"])
                #expect(try await ids(supervisor, "conversation=c-2&call=c-1") == [])
                // In the tenant's time, in all spellings, and as milliseconds.
                for from in ["2026.01.01%2008:03:00", "2026.01.01T08:03:00", "2026.01.01+08:03:00", "1767225780000"] {
                    #expect(try await ids(supervisor, "from=\(from)") == ["failed", "nobody"])
                    #expect(try await ids(supervisor, "to=\(from)") == ["own", "other", "runs"])
                }
                #expect(try await ids(supervisor, "from=2026.01.01&to=2026.01.02").count == 5)
                #expect(try await ids(supervisor, "to=2026.01.01") == [])
                var next = ""
                var pages: [[String]] = []
                repeat {
                    let query = "limit=2&after=\(next)"
                    pages.append(try await ids(supervisor, query))
                    next = try await supervisor.get("\(Self.path)?\(query)")["next"] ?? ""
                } while !next.isEmpty
                #expect(pages == [["own", "other"], ["runs", "failed"], ["nobody"]])
                for (query, field) in [
                    ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("after=x", "after"),
                    ("after=1--2", "after"), ("from=yesterday", "from"), ("to=2026.13.01", "to"),
                    ("from=99999999999999999", "from"), ("call=a%20b", "call"), ("conversation=%3C", "conversation"),
                    ("agent=%3C", "agent"), ("device=a%20b", "device"),
                ] {
                    let answer = try await supervisor.get("\(Self.path)?\(query)")
                    #expect(answer.brief == "400 malformed")
                    #expect(answer["field"] == field)
                }
                let first = try await supervisor.get("\(Self.path)?limit=1").text
                #expect(
                    first == #"{"recordings":[{"recordId":"own","callId":"c-1","conversationId":"c-1","#
                        + #""deviceId":"8001@one.cc","agentId":"5001@one.cc","#
                        + #""fileName":"/somewhere/else/one.cc/2026/0101/8001@one.cc/own.wav","#
                        + #""startTime":"2026.01.01 08:00:00","stopTime":"2026.01.01 08:00:30","isSuccess":true}],"#
                        + #""next":"1767225600000-1"}"#)
                let running = try await supervisor.get("\(Self.path)?from=2026.01.01+08:02:00&limit=1").json
                #expect(running?["recordings"]?.array?.first?["isSuccess"] == nil)
                shelf.archive.state.withLock { $0.isAway = true }
                for path in [Self.path, Self.path + "/own"] {
                    let away = try await supervisor.get(path)
                    #expect(away.brief == "503 recordingsAway" && away.headers[.retryAfter] == "5")
                }
            }
        }
    }

    @Test func whoMayHearWhat() async throws {
        try await withShelf { shelf async throws in
            try await shelf.run { browser async throws in
                let agent = try await browser.loggedIn("5001")
                #expect(try await browser.get("\(Self.path)/own").brief == "401 noSession")
                for id in ["other", "nobody", "foreign", "none", "..", "..%2F..", "%2Fetc%2Fpasswd", "own%00"] {
                    let answer = try await agent.get("\(Self.path)/\(id)")
                    #expect(answer.brief == "404 noSuchRecording", "\(id)")
                }
                let running = try await agent.get("\(Self.path)/runs")
                #expect(running.brief == "409 recordingRuns" && running["state"] == "Running")
                #expect(try await agent.get("\(Self.path)/failed").brief == "404 noRecordingFile")
                #expect(try await agent.get("\(Self.path)/own").status == 200)
                let supervisor = try await browser.loggedIn("5900")
                #expect(try await supervisor.get("\(Self.path)/other").status == 200)
                #expect(try await supervisor.get("\(Self.path)/foreign").brief == "404 noSuchRecording")
                #expect(try await browser.loggedIn("5900", in: "two.cc").get("\(Self.path)/foreign").status == 200)
                #expect(try await agent.post("\(Self.path)/own").brief == "405 wrongMethod")
            }
        }
    }

    @Test func nothingOutsideTheFolder() async throws {
        try await withShelf { shelf async throws in
            let manager = FileManager.default
            let secret = shelf.folder.deletingLastPathComponent().appending(path: "secret-\(UUID().uuidString)")
            try Data("secret".utf8).write(to: secret)
            defer { try? manager.removeItem(at: secret) }
            let own = shelf.folder.appending(path: shelf.file("own"))
            // A file that is a link out, a folder that is one, a folder for a file, and a link within.
            try manager.removeItem(at: own)
            try manager.createSymbolicLink(at: own, withDestinationURL: secret)
            let out = shelf.folder.appending(path: "one.cc/2027")
            try manager.createSymbolicLink(at: out, withDestinationURL: URL(filePath: "/usr/share"))
            let inside = shelf.folder.appending(path: "one.cc/2026/0101/8001@one.cc/link.wav")
            try manager.createSymbolicLink(
                at: inside, withDestinationURL: shelf.folder.appending(path: shelf.file("other")))
            try await shelf.run { browser async throws in
                let supervisor = try await browser.loggedIn("5900")
                func tried(_ name: String) async throws -> String {
                    try shelf.rename("own", to: name)
                    return try await supervisor.get("\(Self.path)/own").brief
                }
                #expect(try await tried("/x/\(shelf.file("own"))") == "404 noRecordingFile")
                #expect(try await tried("/x/one.cc/2027/common-licenses/GPL/x") == "404 noRecordingFile")
                #expect(try await tried("/x/one.cc/../../etc/passwd") == "404 noRecordingFile")
                #expect(try await tried("/x/one.cc/2026/0101/8001@one.cc/..") == "404 noRecordingFile")
                #expect(try await tried("/x/one.cc/2026/0101//a.wav") == "404 noRecordingFile")
                #expect(try await tried("/x/two.cc/2026/0101/8001@two.cc/foreign.wav") == "404 noRecordingFile")
                #expect(try await tried("/x/one.cc/./2026/0101/8001@one.cc") == "404 noRecordingFile")
                #expect(try await tried("own.wav") == "404 noRecordingFile")
                #expect(try await tried("") == "404 noRecordingFile")
                #expect(try await tried("/x/one.cc/2026/0101/8001@one.cc/link.wav") == "200")
            }
            try await shelf.run(root: shelf.folder.path() + "/nowhere") { browser async throws in
                let answer = try await browser.loggedIn("5900").get("\(Self.path)/other")
                #expect(answer.brief == "503 recordingsAway")
            }
            #expect(shelf.world.log.all.contains("a recording cannot be read"))
        }
    }

    @Test func theSoundAndItsParts() async throws {
        try await withShelf { shelf async throws in
            try await shelf.run(.live) { browser async throws in
                let session = try #require(try await browser.loggedIn("5001").session)
                let count = Self.wav.count
                func get(
                    _ range: String?, _ extra: HTTPFields = [:], _ method: HTTPRequest.Method = .get
                ) async throws -> TestResponse {
                    var headers = extra
                    headers[.authorization] = "Bearer \(session)"
                    headers[.range] = range
                    return try await browser.client.executeRequest(
                        uri: "\(Self.path)/own", method: method, headers: headers, body: nil)
                }
                let whole = try await get(nil)
                #expect(whole.status == .ok && Array(buffer: whole.body) == Self.wav)
                #expect(whole.headers[.contentType] == "audio/wav" && whole.headers[.acceptRanges] == "bytes")
                #expect(whole.headers[.contentLength] == "\(count)" && whole.headers[.eTag] == "\"own\"")
                #expect(whole.headers[.contentDisposition] == "attachment; filename=\"own.wav\"")
                let head = try await get("bytes=0-3", [:], .head)
                #expect(head.status == .ok && head.headers[.contentLength] == "\(count)")
                #expect(head.body.readableBytes == 0)
                for (range, expected) in [
                    ("bytes=0-3", 0..<4), ("bytes=4-4", 4..<5), ("bytes=100000-", 100_000..<count),
                    ("bytes=-5", count - 5..<count), ("bytes=-999999999", 0..<count),
                    ("bytes=10-99999999999999999999", 10..<count), ("Bytes = 0-3", 0..<count), ("BYTES=1-2", 1..<3),
                ] {
                    let part = try await get(range)
                    #expect(Array(buffer: part.body) == Array(Self.wav[expected]), "\(range)")
                    guard part.status == .partialContent else {
                        #expect(part.status == .ok && expected == 0..<count, "\(range)")
                        continue
                    }
                    #expect(
                        part.headers[.contentRange]
                            == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/\(count)")
                }
                for range in [
                    "bytes=3-1", "bytes=0-1,5-6", "lines=0-1", "bytes=", "bytes=-", "bytes=a-b", "x", "bytes=--1",
                ] {
                    #expect(try await get(range).status == .ok, "\(range)")
                }
                for range in ["bytes=\(count)-", "bytes=\(count)-\(count + 5)", "bytes=-0"] {
                    let answer = try await get(range)
                    #expect(answer.status.code == 416, "\(range)")
                    #expect(answer.headers[.contentRange] == "bytes */\(count)")
                    #expect(String(buffer: answer.body).contains("rangeNotSatisfiable"))
                }
                #expect(try await get("bytes=0-3", [.ifRange: "\"own\""]).status == .partialContent)
                #expect(try await get("bytes=0-3", [.ifRange: "\"another\""]).status == .ok)
                #expect(try await get("bytes=0-3", [.ifRange: "Thu, 01 Jan 2026 00:00:00 GMT"]).status == .ok)
            }
        }
    }

    @Test func deleting() async throws {
        try await withShelf { shelf async throws in
            let manager = FileManager.default
            let one = try #require(Namespace("one.cc"))
            let folder = RecordingFolder(root: shelf.folder.path())
            func exists(_ path: String) -> Bool {
                manager.fileExists(atPath: shelf.folder.appending(path: path).path())
            }
            try await folder.delete("/any/\(shelf.file("own"))", in: one)
            #expect(!exists(shelf.file("own")) && exists(shelf.file("other")))
            await #expect(throws: RecordingFolder.Failure.notThere) {
                try await folder.delete(shelf.file("own"), in: one)
            }
            try await folder.delete(shelf.file("other"), in: one)
            #expect(exists("one.cc") && !exists("one.cc/2026"), "empty folders go as well")
            await #expect(throws: RecordingFolder.Failure.outside) {
                try await folder.delete(shelf.file("foreign", "two.cc"), in: one)
            }
            // Through a folder that leads out; a link itself may go, but not what it leads to.
            let elsewhere = shelf.folder.appending(path: "elsewhere")
            try manager.createDirectory(at: elsewhere.appending(path: "d"), withIntermediateDirectories: true)
            try Data().write(to: elsewhere.appending(path: "d/f.wav"))
            let root = shelf.folder.appending(path: "root")
            try manager.createDirectory(
                at: root.appending(path: "one.cc/2026/0101/d"), withIntermediateDirectories: true)
            try manager.createSymbolicLink(at: root.appending(path: "one.cc/2025"), withDestinationURL: elsewhere)
            try manager.createSymbolicLink(at: root.appending(path: "one.cc/2026/0102"), withDestinationURL: elsewhere)
            try manager.createSymbolicLink(
                at: root.appending(path: "one.cc/2026/0101/d/f.wav"),
                withDestinationURL: elsewhere.appending(path: "d/f.wav"))
            let narrow = RecordingFolder(root: root.path())
            await #expect(throws: RecordingFolder.Failure.outside) {
                try await narrow.delete("one.cc/2026/0102/d/f.wav", in: one)
            }
            try await narrow.delete("one.cc/2026/0101/d/f.wav", in: one)
            #expect(exists("elsewhere/d/f.wav") && !exists("root/one.cc/2026/0101"))
            await #expect(throws: RecordingFolder.Failure.noRoot) {
                try await RecordingFolder(root: "/nowhere/at/all").delete(shelf.file("own"), in: one)
            }
        }
    }
}
