import CSTA
import Foundation
import FoundationNetworking
import RingsideTesting
import Synchronization

/// The server as its users run it: the program, with a configuration file and a data folder of its own.
final class ServerProcess: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Answer: Sendable {
        let status: Int
        let body: JSON?
    }

    let port: Int
    private let folder: TemporaryFolder
    private let process = Mutex<Process?>(nil)

    private let http: String

    /// - configuration: YAML without `http` and `data`.
    /// - http: what stands in `http` besides host and port.
    init(configuration: String, port: Int, http: String = "") throws {
        self.port = port
        self.http = http.isEmpty ? "" : ", " + http
        folder = try TemporaryFolder()
        try configure(configuration)
    }

    /// Takes effect with the next start.
    func configure(_ configuration: String) throws {
        let text = """
            http: { host: 127.0.0.1, port: \(port)\(http) }
            data: \(folder.path)/data
            \(configuration)
            """
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    deinit { process.withLock(\.self)?.terminate() }

    private var file: URL { folder.url.appending(path: "ringside.yaml") }

    /// Starts it and waits until it is ready.
    func start() async throws {
        let process = Process()
        process.executableURL = RingsideProgram.url
        process.arguments = ["serve", "--config", file.path]
        if !FileManager.default.fileExists(atPath: logFile.path) { try Data().write(to: logFile) }
        let log = try FileHandle(forWritingTo: logFile)
        try log.seekToEnd()
        process.standardOutput = log
        process.standardError = log
        try process.run()
        self.process.withLock { $0 = process }
        try await waitUntilReady()
    }

    /// The journal as it is on the disk, the write-ahead log included.
    var journalBytes: Data {
        let data = folder.url.appending(path: "data")
        let files = (try? FileManager.default.contentsOfDirectory(at: data, includingPropertiesForKeys: nil)) ?? []
        // The index of the log is shared memory.
        return files.filter { !$0.path.hasSuffix("-shm") }.reduce(Data()) {
            $0 + ((try? Data(contentsOf: $1)) ?? Data())
        }
    }

    /// Takes the journal away from a server that does not run.
    func forget() throws { try FileManager.default.removeItem(at: folder.url.appending(path: "data")) }

    private var logFile: URL { folder.url.appending(path: "log") }
    var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }

    func waitUntilReady(_ isReady: Bool = true) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let answer = try? await request("GET", "/readyz")
            if answer?.status == (isReady ? 200 : 503) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Failure(description: "never \(isReady ? "ready" : "unready"): \(log)")
    }

    func kill9() async {
        guard let process = process.withLock(\.self) else { return }
        kill(process.processIdentifier, SIGKILL)
        await Self.wait(for: process)
    }

    /// Asks it to stop and waits for it.
    ///
    /// - Returns: its exit status.
    func stop() async -> Int32 {
        guard let process = process.withLock(\.self) else { return 0 }
        process.terminate()
        await Self.wait(for: process)
        return process.terminationStatus
    }

    func end() async {
        _ = await stop()
        folder.remove()
    }

    private static func wait(for process: Process) async {
        await Task.detached { process.waitUntilExit() }.value
    }

    // MARK: As a client

    @discardableResult
    func request(
        _ method: String, _ path: String, session: String? = nil, json: String? = nil, form: String? = nil
    ) async throws -> Answer {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { throw Failure(description: path) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = (json ?? form)?.data(using: .utf8)
        if form != nil { request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type") }
        if let session { request.setValue("Bearer \(session)", forHTTPHeaderField: "Authorization") }
        let (data, response) = try await URLSession.shared.data(for: request)
        return Answer(
            status: (response as? HTTPURLResponse)?.statusCode ?? 0, body: data.isEmpty ? nil : try JSON.parse(data))
    }

    /// Opens a session and logs the agent in on the device `8…` that has its number.
    func logIn(_ agent: String, namespace: String = "demo.cc") async throws -> String {
        let login = try await request(
            "POST", "/login", form: "username=\(agent)&password=secret&namespace=\(namespace)")
        guard let session = login.body?["sessionId"]?.string else { throw Failure(description: "\(login)") }
        return session
    }

    func logInAgent(_ agent: String, session: String, namespace: String = "demo.cc") async throws {
        let state = try await request(
            "POST", "/api/csta/agent/state", session: session,
            json: """
                {"func":"Login","loginId":"\(agent)@\(namespace)","device":"8\(agent.dropFirst())@\(namespace)",\
                "password":"secret","agentMode":"Ready"}
                """)
        guard state.status == 204 else { throw Failure(description: "\(state)") }
    }

    /// What is asked of one's own connection: `answer`, `hold`, `retrieve`, or nil to hang up.
    func act(_ service: String?, on connection: ConnectionID, session: String) async throws -> Answer {
        let path =
            "/api/csta/callControl/calls/\(connection.call)/connections/\(connection.device)%7C\(connection.call)"
        guard let service else { return try await request("DELETE", path, session: session) }
        return try await request("POST", "\(path)/\(service)", session: session)
    }
}
