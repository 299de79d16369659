import CSTA
import CallCenter
import Crypto
import Foundation
import HTTPTypes
import RingsideTesting
import STOMP
import Testing

@testable import Gateway

@Suite("The description of the interface")
struct DescriptionTests {
    /// All services are there, so all paths are.
    private func routes() throws -> Set<String> {
        let world = try World()
        let services = world.services(
            records: NoRecords(), keys: MemoryKeys(), sandbox: world.sandbox,
            recordings: Recordings(archive: NoRecordings(), folder: RecordingFolder(root: "/nowhere")),
            administration: NoTenants(), campaigns: TestCampaigns())
        return Set(RouteTable(services).all.map { "\($0.method) \($0.path)" })
    }

    private struct NoTenants: AdministrationPort {
        func tenant(_ namespace: Namespace) async -> JSONObject? { nil }
        func tenants() async -> [JSONObject] { [] }
        func createTenant(_ object: JSONObject) async throws(AdministrationError) -> JSONObject { throw .unavailable }
        func changeTenant(
            _ namespace: Namespace, _ changes: JSONObject, by admin: AgentID
        ) async throws(AdministrationError) -> JSONObject { throw .noSuchTenant }
        func deleteTenant(_ namespace: Namespace, by admin: AgentID) async throws(AdministrationError) {
            throw .noSuchTenant
        }
        func entries(
            _ kind: DirectoryEntry.Kind, in namespace: Namespace, after id: String?, limit: Int
        ) async throws(AdministrationError) -> [JSONObject] { throw .noSuchTenant }
        func entry(
            _ kind: DirectoryEntry.Kind, _ id: String, in namespace: Namespace
        ) async throws(AdministrationError) -> JSONObject { throw .noSuchTenant }
        func create(
            _ kind: DirectoryEntry.Kind, _ object: JSONObject, in namespace: Namespace
        ) async throws(AdministrationError) -> [JSONObject] { throw .noSuchTenant }
        func change(
            _ kind: DirectoryEntry.Kind, _ id: String, _ changes: JSONObject, in namespace: Namespace, by admin: AgentID
        ) async throws(AdministrationError) -> JSONObject { throw .noSuchTenant }
        func delete(
            _ kind: DirectoryEntry.Kind, _ id: String, in namespace: Namespace, by admin: AgentID
        ) async throws(AdministrationError) { throw .noSuchTenant }
    }

    private struct NoRecords: RecordArchive {
        func calls(
            in namespace: Namespace, matching filter: CallRecordFilter, after position: CallRecordPosition?, limit: Int
        ) async throws(RecordError) -> CallRecordPage { throw .unavailable }
        func agentTimes(
            in namespace: Namespace, matching filter: AgentTimeFilter, after position: AgentTimePosition?, limit: Int
        ) async throws(RecordError) -> AgentTimePage { throw .unavailable }
        func agentTimeSums(
            in namespace: Namespace, matching filter: AgentTimeFilter, after agent: AgentID?, limit: Int
        ) async throws(RecordError) -> AgentTimeSumPage { throw .unavailable }
        func splitQuarters(
            of split: DeviceID, in namespace: Namespace, from: Instant, to: Instant
        ) async throws(RecordError) -> [SplitQuarter] { throw .unavailable }
    }

    private struct NoRecordings: RecordingArchive {
        func recordings(
            in namespace: Namespace, matching filter: RecordingFilter, after position: RecordingPosition?, limit: Int
        ) async throws(RecordingArchiveError) -> RecordingPage { RecordingPage(recordings: [], isLast: true) }
        func recording(_ id: String, in namespace: Namespace) async throws(RecordingArchiveError) -> StoredRecording? {
            nil
        }
    }

    @Test("has every path of the router, and no other")
    func everyRoute() throws {
        let described = Operations.all.map { "\($0.method) \($0.path)" }
        #expect(Set(described).count == described.count)
        let routes = try routes()
        #expect(routes.subtracting(described).sorted() == [], "these are not described: see Operations")
        #expect(Set(described).subtracting(routes).sorted() == [], "these are not there")
    }

    @Test("has ids for generated clients, each once")
    func ids() {
        #expect(Set(Operations.all.map(\.id)).count == Operations.all.count)
    }

    @Test("has a schema for all events of the protocol, and each of its samples fits (E1-E3)")
    func events() throws {
        let validator = SchemaValidator(document: InterfaceDescription.asyncAPI)
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "CSTATests/Fixtures")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count >= 16)
        var names: Set = ["serviceInitiated", "originated"]  // Extensions: no samples.
        for file in files {
            let event = try JSON.parse(Array(try Data(contentsOf: file)))
            let name = try #require(event["eventName"]?.string)
            names.insert(name)
            let schema = try #require(EventSchemas.all.first { $0.name == name }?.schema)
            #expect(validator.problems(event, .object(schema.json)) == [], "\(file.lastPathComponent)")
        }
        #expect(Set(EventSchemas.all.map(\.name)) == names)
    }

    @Test("has every frame of STOMP but the one that is refused")
    func stompFrames() {
        let described = StompDescription.ofClients + StompDescription.ofServer + [StompDescription.event]
        #expect(described.count == Set(described.map(\.command)).count)
        #expect(Set(described.map(\.command)) == Set(Frame.Command.allCases).subtracting([.send]))
    }

    @Test("refers to nothing that is not there")
    func references() throws {
        for document in [Described.openAPI, InterfaceDescription.asyncAPI] {
            let validator = SchemaValidator(document: document)
            let text = String(decoding: document.encoded(), as: UTF8.self)
            let references = text.matches(of: /"\$ref":"([^"]+)"/).map { String($0.1) }
            #expect(references.count > 10)
            for reference in references { #expect(validator.resolve(reference) != nil, "\(reference)") }
        }
    }

    @Test("is served, and the page is allowed to do nothing but show itself")
    func served() async throws {
        let world = try World()
        try await world.run(sandbox: world.sandbox) { browser in
            #expect(try await browser.get("/openapi.json").json?["openapi"]?.string == "3.1.0")
            #expect(try await browser.get("/asyncapi.json").json?["asyncapi"]?.string == "3.0.0")
            let page = try await browser.get("/docs")
            let style = try #require(page.text.firstMatch(of: /<style>((?s).*)<\/style>/)).1
            let hash = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
            #expect(
                page.headers[.contentSecurityPolicy]
                    == "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'")
            #expect(page.text.contains("<h3>SUBSCRIBE</h3>"))
            #expect(page.text.firstMatch(of: /<script|\bsrc=|style=|https?:/) == nil)
            let absent = [
                "/api/csta/rec", "/api/admin", "/api/csta/campaigns", "/api/csta/doNotCall",
                SplitHistoryRoutes.history,
            ]
            for operation in Operations.all where !absent.contains(where: operation.path.hasPrefix) {
                #expect(page.text.contains("\(operation.method.rawValue) \(operation.path)<"))
            }
        }
    }

    @Test("is checked: an answer that differs is found")
    func check() {
        func problems(_ method: HTTPRequest.Method, _ path: String, _ status: Int, _ text: String) -> Int {
            Described.problems(method, path, status: status, type: "application/json; charset=utf-8", text: text).count
        }
        #expect(problems(.get, "/healthz", 200, #"{"status":"ok"}"#) == 0)
        #expect(problems(.get, "/healthz", 200, #"{"status":1}"#) == 1)
        #expect(problems(.get, "/healthz", 200, #"{"status":"ok","more":1}"#) == 1)
        #expect(problems(.get, "/healthz", 200, "{}") == 1)
        #expect(problems(.get, "/healthz", 201, #"{"status":"ok"}"#) == 1)
        #expect(problems(.put, "/healthz", 200, #"{"status":"ok"}"#) == 1)
        #expect(problems(.get, "/elsewhere", 200, "{}") == 1)
        #expect(
            problems(.post, "/login", 401, #"{"status":401,"code":"unheardOf","message":""}"#) == 1)
    }
}
