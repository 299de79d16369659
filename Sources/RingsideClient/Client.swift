import AsyncHTTPClient
public import CSTA
import NIOCore
import NIOHTTP1

/// A client of a Ringside server.
///
/// It logs in by itself, and again when its session has ended; it renews the session, and keeps its agent logged in.
/// What the server refuses is thrown as ``ClientError/refused(_:)``.
///
/// ```swift
/// let client = try Client(url: "https://cti.example", agent: "5001@demo.cc", password: "demo")
/// for try await followed in client.events() {
///     if case .event(let event) = followed { print(event.serial, event.name) }
/// }
/// ```
public actor Client {
    /// Without a slash at its end.
    public nonisolated let url: String
    /// The account's, if it acts as one.
    public nonisolated let agent: AgentID?
    nonisolated let credentials: Credentials
    nonisolated let settings: ClientSettings
    private nonisolated let http: HTTPClient

    /// The session or key that is sent.
    private var token: String?
    private var login: Task<String, any Error>?
    private var renewal: Task<Void, Never>?
    private var heartbeat: (agent: AgentID, task: Task<Void, Never>)?
    /// What to wake when it is closed.
    private var pauses: [Int: Task<Void, any Error>] = [:]
    private var pauseCount = 0
    var isClosed = false
    /// From the wish to log out on no session is begun any more.
    private var isLeaving = false

    /// Does not connect yet.
    ///
    /// - Parameter url: the server's, `https://cti.example`.
    /// - Throws: ``ClientError/invalid(_:)``
    public init(
        url: String, as credentials: Credentials, settings: ClientSettings = ClientSettings()
    ) throws(ClientError) {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw .invalid("\"\(url)\" is no server's address; write one such as http://127.0.0.1:8750")
        }
        switch credentials {
        case .account: break
        case .apiKey(let token), .session(let token):
            guard token.isHeaderSafe else { throw .invalid("the session or key has characters that none has") }
            self.token = token
        }
        var text = url[...]
        while text.last == "/" { text.removeLast() }
        self.url = String(text)
        self.credentials = credentials
        self.settings = settings
        agent = credentials.agent
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(
            connect: TimeAmount(settings.connectTimeout), read: TimeAmount(settings.silenceTimeout))
        // Who waits is told so; who follows has pauses of its own.
        configuration.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// As an agent or user, `5001@demo.cc`.
    ///
    /// - Throws: ``ClientError/invalid(_:)``
    public init(
        url: String, agent: String, password: String, settings: ClientSettings = ClientSettings()
    ) throws(ClientError) {
        guard let account = AgentID(agent) else {
            throw .invalid("\"\(agent)\" is no agent; write one such as 5001@demo.cc")
        }
        try self.init(url: url, as: .account(account, password: password), settings: settings)
    }

    deinit {
        renewal?.cancel()
        heartbeat?.task.cancel()
        if !isClosed { http.shutdown { _ in } }
    }

    // MARK: Session

    /// Begins a session with the account's password. Without it, it is begun with the first request.
    public func logIn() async throws {
        guard credentials.password != nil else { return }
        _ = try await newSession(insteadOf: token)
    }

    /// Ends the session at the server and closes the client; the agent stays logged in on its device.
    public func logOut() async throws {
        isLeaving = true
        let result: Result<Void, any Error>
        do {
            if token != nil, credentials.hasSession { try await post("/api/security/logout") }
            result = .success(())
        } catch { result = .failure(error) }
        await close()
        try result.get()
    }

    /// Ends all that is under way: events end, heartbeats stop. The session lives on.
    public func close() async {
        guard !isClosed else { return }
        isClosed = true
        renewal?.cancel()
        endHeartbeat()
        for pause in pauses.values { pause.cancel() }
        try? await http.shutdown()
    }

    /// The session after the one that the server does not know any more; those who need it at once get the same.
    private func newSession(insteadOf old: String?) async throws -> String {
        guard !isLeaving else { throw ClientError.closed }
        if let token, token != old { return token }
        if let login { return try await login.value }
        let login = Task { try await requestSession() }
        self.login = login
        defer { self.login = nil }
        let session = try await login.value
        token = session
        return session
    }

    private func requestSession() async throws -> String {
        guard case .account(let agent, let password) = credentials else {
            throw ClientError.invalid("there is no password to log in with")
        }
        var request = HTTPClientRequest(url: url + "/login")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        let form = [
            ("username", String(agent.number)), ("password", password), ("namespace", agent.namespace.name),
        ]
        let text = form.map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&")
        request.body = .bytes(ByteBuffer(string: text))
        let response = try await execute(request, within: settings.requestTimeout)
        let bytes = try await bytes(of: response)
        guard response.status == .ok else { throw Self.refusal(response, bytes) }
        guard let session = (try? JSON.parse(bytes))?["sessionId"]?.string, session.isHeaderSafe else {
            throw ClientError.unintelligible(path: "/login", what: "no sessionId")
        }
        return session
    }

    /// Makes a request with a session; once more with a new one if the server does not know it any more.
    func authorized(
        _ method: HTTPMethod, _ path: String, within limit: Duration?,
        _ change: (inout HTTPClientRequest) -> Void = { _ in }
    ) async throws -> HTTPClientResponse {
        guard !isClosed else { throw ClientError.closed }
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        change(&request)
        var token = self.token
        let hadToken = token != nil
        if token == nil { token = try await newSession(insteadOf: nil) }
        request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(token ?? "")")
        let response = try await execute(request, within: limit)
        keepSession()
        // 426: an agent's login with a session that is over.
        guard hadToken, response.status == .unauthorized || response.status.code == 426, credentials.password != nil
        else { return response }
        _ = try await bytes(of: response)
        request.headers.replaceOrAdd(
            name: "Authorization", value: "Bearer \(try await newSession(insteadOf: token))")
        return try await execute(request, within: limit)
    }

    /// One that fails to be renewed ends in its time, and is then begun anew.
    private func keepSession() {
        guard renewal == nil, credentials.hasSession else { return }
        renewal = Task { [weak self, settings] in
            while (try? await Task.sleep(for: settings.renewalInterval)) != nil {
                guard let self else { return }
                do {
                    try await self.post("/api/security/renew")
                } catch let error as ClientError where error.isUnauthorized {
                    return  // To try a password again and again would lock the account.
                } catch {}
            }
        }
    }

    // MARK: Heartbeats

    /// Sends an agent's heartbeat now and from now on, until ``close()`` or ``agentLogOut(_:)``, or until the session is over and
    /// cannot be begun anew.
    public func keepLoggedIn(_ agent: AgentID) {
        guard heartbeat?.agent != agent, !isClosed else { return }
        endHeartbeat()
        let task = Task { [weak self, settings] in
            repeat {
                guard let self else { return }
                do {
                    try await self.post("/api/csta/agent/heartbeat/\(agent.text.percentEncoded)")
                } catch {
                    guard let error = error as? ClientError else { continue }
                    if error != .closed { settings.heartbeatFailed(error) }
                    // To try a password again and again would lock the account.
                    if error.isUnauthorized { return }
                }
            } while (try? await Task.sleep(for: settings.heartbeatInterval)) != nil
        }
        heartbeat = (agent, task)
    }

    var heartbeatAgent: AgentID? { heartbeat?.agent }

    func endHeartbeat() {
        heartbeat?.task.cancel()
        heartbeat = nil
    }

    /// Waits, if it is not closed meanwhile.
    func pause(for duration: Duration) async throws {
        guard !isClosed else { return }
        let pause = Task { try await Task.sleep(for: duration) }
        pauseCount += 1
        let number = pauseCount
        pauses[number] = pause
        defer { pauses[number] = nil }
        await withTaskCancellationHandler {
            _ = await pause.result
        } onCancel: {
            pause.cancel()
        }
        try Task.checkCancellation()
    }

    // MARK: Transport

    private func execute(_ request: HTTPClientRequest, within limit: Duration?) async throws -> HTTPClientResponse {
        do {
            return try await http.execute(request, deadline: limit.map { .now() + TimeAmount($0) } ?? .distantFuture)
        } catch {
            throw failure(for: error)
        }
    }

    func bytes(of response: HTTPClientResponse) async throws -> [UInt8] {
        do {
            return Array(buffer: try await response.body.collect(upTo: ClientSettings.maximumBodyBytes))
        } catch {
            throw failure(for: error)
        }
    }

    /// What the network did, in words of ours.
    func failure(for error: any Error) -> any Error {
        if isClosed { return ClientError.closed }
        if error is ClientError || error is CancellationError { return error }
        return ClientError.unreachable(url: url, reason: networkWords(for: error))
    }

    static func refusal(_ response: HTTPClientResponse, _ body: [UInt8]) -> ClientError {
        .refused(ServerRefusal(status: Int(response.status.code), body: body))
    }
}
