import AsyncHTTPClient
import CSTA
import Foundation
import NIOCore
import NIOHTTP1

/// A client of a server's HTTP interface, for one agent. Logs in by itself, and again when its session has ended.
actor APIClient {
    static let connectTimeoutSeconds: Int64 = 5
    /// The server answers at once, or after a password check.
    static let requestTimeoutSeconds: Int64 = 30
    /// Hours of sound over a slow line.
    static let downloadTimeoutSeconds: Int64 = 3600
    /// The server writes a comment every 15 s; three missed mean that nobody is there any more.
    static let silenceSeconds: Int64 = 45
    /// A namespace with thousands of calls, and room.
    static let maximumBodyBytes = 16 << 20

    nonisolated let access: ServerAccess
    private let http: HTTPClient
    private var session: String?

    /// Gives a client to `body` and closes its connections afterwards.
    static func with<Value: Sendable>(
        _ access: ServerAccess, _ body: (APIClient) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(
            connect: .seconds(connectTimeoutSeconds), read: .seconds(silenceSeconds))
        // Who waits is told so; the follower has pauses of its own.
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let value = try await body(APIClient(access: access, http: http))
            try await http.shutdown()
            return value
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    private init(access: ServerAccess, http: HTTPClient) {
        self.access = access
        self.http = http
    }

    // MARK: Requests

    func get(_ path: String) async throws -> JSON { try await request(.GET, path, nil) }
    func post(_ path: String, _ body: JSONObject = [:]) async throws -> JSON { try await request(.POST, path, body) }
    func delete(_ path: String) async throws -> JSON { try await request(.DELETE, path, nil) }

    /// - Returns: the body of a success; null if it has none.
    private func request(_ method: HTTPMethod, _ path: String, _ body: JSONObject?) async throws -> JSON {
        let response = try await authorized { session in
            var request = HTTPClientRequest(url: self.access.url + path)
            request.method = method
            request.headers.add(name: "Authorization", value: "Bearer \(session)")
            if let body {
                request.headers.add(name: "Content-Type", value: "application/json")
                request.body = .bytes(ByteBuffer(bytes: JSON.object(body).encoded()))
            }
            return try await self.execute(request, deadline: .now() + .seconds(Self.requestTimeoutSeconds))
        }
        let bytes = try await self.bytes(of: response)
        guard (200..<300).contains(response.status.code) else {
            throw ClientFailure(status: Int(response.status.code), body: bytes)
        }
        guard !bytes.isEmpty else { return .null }
        do {
            return try JSON.parse(bytes)
        } catch {
            throw ClientFailure.unintelligible(path: path, what: "not JSON, \(error)")
        }
    }

    /// Gets a page of a table.
    ///
    /// - Returns: the page, and after what the next one begins; nil: it is the last.
    func table(_ path: String) async throws -> (text: String, next: String?) {
        let response = try await authorized { session in
            var request = HTTPClientRequest(url: self.access.url + path)
            request.headers.add(name: "Authorization", value: "Bearer \(session)")
            return try await self.execute(request, deadline: .now() + .seconds(Self.requestTimeoutSeconds))
        }
        let bytes = try await self.bytes(of: response)
        guard response.status == .ok else { throw ClientFailure(status: Int(response.status.code), body: bytes) }
        return (String(decoding: bytes, as: UTF8.self), response.headers.first(name: "Next-After"))
    }

    /// Opens the stream of events and hands over each as it comes; returns when the server ends the stream.
    ///
    /// - Parameter after: the serial after which to begin.
    func events(
        matching filter: [(name: String, value: String)], after: Int64,
        receive: @Sendable (ServerSentEvent) async throws -> Void
    ) async throws {
        let query = ([("after", String(after))] + filter).map { "\($0.0)=\($0.1.percentEncoded)" }
        let response = try await authorized { session in
            var request = HTTPClientRequest(url: "\(self.access.url)/events?\(query.joined(separator: "&"))")
            request.headers.add(name: "Authorization", value: "Bearer \(session)")
            request.headers.add(name: "Accept", value: "text/event-stream")
            return try await self.execute(request, deadline: .distantFuture)
        }
        guard response.status == .ok else {
            throw ClientFailure(status: Int(response.status.code), body: try await bytes(of: response))
        }
        var parser = ServerSentEventParser()
        do {
            for try await buffer in response.body {
                for event in try parser.consume(buffer.readableBytesView) { try await receive(event) }
            }
        } catch let error as ServerSentEventParser.TooLong {
            throw ClientFailure.unintelligible(path: "/events", what: error.description)
        } catch let error where Self.isNetwork(error) {
            throw ClientFailure.unreachable(url: access.url, reason: Self.words(for: error))
        }
    }

    /// Saves what a path gives in a file, piece by piece; `-` is standard output. What is broken off is no file.
    func download(_ path: String, to file: String) async throws {
        let response = try await authorized { session in
            var request = HTTPClientRequest(url: self.access.url + path)
            request.headers.add(name: "Authorization", value: "Bearer \(session)")
            return try await self.execute(request, deadline: .now() + .seconds(Self.downloadTimeoutSeconds))
        }
        guard response.status == .ok else {
            throw ClientFailure(status: Int(response.status.code), body: try await bytes(of: response))
        }
        guard file != "-" else { return try await write(response, to: .standardOutput) }
        guard FileManager.default.createFile(atPath: file, contents: nil),
            let handle = FileHandle(forWritingAtPath: file)
        else { throw ClientFailure.nothingToDo("\(file) cannot be written") }
        do {
            try await write(response, to: handle)
            try handle.close()
        } catch {
            try? FileManager.default.removeItem(atPath: file)
            throw error
        }
    }

    private func write(_ response: HTTPClientResponse, to handle: FileHandle) async throws {
        do {
            for try await buffer in response.body { try handle.write(contentsOf: Data(buffer.readableBytesView)) }
        } catch let error as CocoaError {
            throw ClientFailure.nothingToDo("the file cannot be written: \(error.localizedDescription)")
        } catch let error where Self.isNetwork(error) {
            throw ClientFailure.unreachable(url: access.url, reason: Self.words(for: error))
        }
    }

    // MARK: Session

    /// Makes a request with a session; once more with a new one if the server does not know it any more.
    private func authorized(
        _ request: (String) async throws -> HTTPClientResponse
    ) async throws -> HTTPClientResponse {
        guard let session else { return try await request(try await logIn()) }
        let response = try await request(session)
        guard response.status == .unauthorized else { return response }
        _ = try await bytes(of: response)
        return try await request(try await logIn())
    }

    private func logIn() async throws -> String {
        var request = HTTPClientRequest(url: access.url + "/login")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        let form = [
            ("username", String(access.agent.number)), ("password", access.password),
            ("namespace", access.agent.namespace.name),
        ]
        let text = form.map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&")
        request.body = .bytes(ByteBuffer(string: text))
        let response = try await execute(request, deadline: .now() + .seconds(Self.requestTimeoutSeconds))
        let bytes = try await bytes(of: response)
        guard response.status == .ok else { throw ClientFailure(status: Int(response.status.code), body: bytes) }
        guard let session = (try? JSON.parse(bytes))?["sessionId"]?.string, session.isHeaderSafe else {
            throw ClientFailure.unintelligible(path: "/login", what: "no sessionId")
        }
        self.session = session
        return session
    }

    // MARK: Transport

    private func execute(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse {
        do {
            return try await http.execute(request, deadline: deadline)
        } catch let error where Self.isNetwork(error) {
            throw ClientFailure.unreachable(url: access.url, reason: Self.words(for: error))
        }
    }

    private func bytes(of response: HTTPClientResponse) async throws -> [UInt8] {
        do {
            return Array(buffer: try await response.body.collect(upTo: Self.maximumBodyBytes))
        } catch let error where Self.isNetwork(error) {
            throw ClientFailure.unreachable(url: access.url, reason: Self.words(for: error))
        }
    }

    private static func isNetwork(_ error: any Error) -> Bool {
        !(error is ClientFailure || error is CancellationError)
    }

    static func words(for error: any Error) -> String {
        switch error {
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case let error as HTTPClientError:
            return error == .readTimeout ? "nothing is heard from it" : error.shortDescription
        default: return "\(error)"
        }
    }
}

extension String {
    /// All but RFC 3986's unreserved characters as `%XX`: fit for a path's part, a query and a form.
    var percentEncoded: String {
        var result = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }

    /// Visible ASCII: what may stand in a header without more ado.
    fileprivate var isHeaderSafe: Bool { !isEmpty && utf8.allSatisfy { (0x21...0x7e).contains($0) } }
}
