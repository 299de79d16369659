import AsyncHTTPClient
public import CSTA
import Foundation
import NIOCore
import NIOHTTP1

/// Any path of the interface, for what has no method of its own: see docs/api.md.
extension Client {
    /// - Returns: the body of a success; null if it has none. So do ``post(_:_:)`` and ``delete(_:)``.
    public func get(_ path: String) async throws -> JSON { try await request(.GET, path, nil) }

    /// - Parameter body: nothing is sent without one.
    @discardableResult
    public func post(_ path: String, _ body: JSONObject? = nil) async throws -> JSON {
        try await request(.POST, path, body)
    }

    /// Sends a text, such as a list of contacts.
    ///
    /// - Parameter type: as `text/csv`.
    @discardableResult
    public func post(_ path: String, text: String, type: String) async throws -> JSON {
        try await request(.POST, path, Array(text.utf8), type)
    }

    @discardableResult
    public func delete(_ path: String) async throws -> JSON { try await request(.DELETE, path, nil) }

    private func request(_ method: HTTPMethod, _ path: String, _ body: JSONObject?) async throws -> JSON {
        try await request(method, path, body.map { JSON.object($0).encoded() }, "application/json")
    }

    private func request(_ method: HTTPMethod, _ path: String, _ body: [UInt8]?, _ type: String) async throws -> JSON {
        let response = try await authorized(method, path, within: settings.requestTimeout) { request in
            guard let body else { return }
            request.headers.add(name: "Content-Type", value: type)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let bytes = try await bytes(of: response)
        guard (200..<300).contains(response.status.code) else { throw Self.refusal(response, bytes) }
        guard !bytes.isEmpty else { return .null }
        do {
            return try JSON.parse(bytes)
        } catch {
            throw ClientError.unintelligible(path: path, what: "not JSON, \(error)")
        }
    }

    /// Gets a page of a table.
    ///
    /// - Returns: the page, and after what the next one begins; nil: it is the last.
    public func table(_ path: String) async throws -> (text: String, next: String?) {
        let response = try await authorized(.GET, path, within: settings.requestTimeout)
        let bytes = try await bytes(of: response)
        guard response.status == .ok else { throw Self.refusal(response, bytes) }
        return (String(decoding: bytes, as: UTF8.self), response.headers.first(name: "Next-After"))
    }

    /// Hands over what a path gives, such as a recording's sound, piece by piece.
    ///
    /// - Throws: also what `receive` throws.
    public func download(_ path: String, receive: ([UInt8]) throws -> Void) async throws {
        let response = try await authorized(.GET, path, within: settings.downloadTimeout)
        guard response.status == .ok else { throw Self.refusal(response, try await bytes(of: response)) }
        var pieces = response.body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do { piece = try await pieces.next(isolation: self) } catch { throw failure(for: error) }
            guard let piece else { return }
            try receive(Array(buffer: piece))
        }
    }
}

/// What the network did, for people.
package func networkWords(for error: any Error) -> String {
    switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as HTTPClientError: error == .readTimeout ? "nothing is heard from it" : error.shortDescription
    default: "\(error)"
    }
}
