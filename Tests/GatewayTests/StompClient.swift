import CSTA
import RingsideTesting

@testable import Gateway

/// Lets in agents whose passcode is `good`, and the session `good`; 5900 supervises, and may follow all of the namespace.
struct PasscodeAuthorizer: StompAuthorizer {
    var namespace: Namespace
    var session: EventSession

    func admit(_ login: StompLogin) async -> Result<StompIdentity, EventRefusal> {
        // A client that does not wait for CONNECTED goes on talking meanwhile.
        for _ in 0..<20 { await Task.yield() }
        let number = login.sessionID == "good" ? "5001" : login.passcode == "good" ? login.login : nil
        guard let number else {
            return .failure(EventRefusal(status: 401, code: "noSession", message: "log in first"))
        }
        let agent = number == "5900" ? nil : AgentID(number, in: namespace)
        return .success(StompIdentity(namespace: namespace, agent: agent, session: session))
    }
}

extension ClientSocket {
    /// What comes over a WebSocket with STOMP in it.
    enum StompPart: Equatable {
        /// A frame up to its NUL.
        case frame(String)
        case heartbeat
        case close(Int)
    }

    func sendStomp(_ text: String) async throws { try await sendFrame(first: 0x81, Array(text.utf8)) }

    func nextStomp() async throws -> StompPart {
        while let frame = try await nextFrame() {
            switch frame.opcode {
            case 1 where frame.text == "\n": return .heartbeat
            case 1:
                guard frame.payload.last == 0 else { throw Broken(what: "no NUL: \(frame.text)") }
                return .frame(String(frame.text.dropLast()))
            case 8: return .close(frame.closeCode ?? 0)
            case 9: try await sendFrame(first: 0x8A, frame.payload)
            default: throw Broken(what: "\(frame.opcode)")
            }
        }
        throw Broken(what: "end of stream")
    }

    /// Frames up to the close, and its code.
    func restOfStomp() async throws -> (frames: [String], closeCode: Int) {
        var frames: [String] = []
        while true {
            switch try await nextStomp() {
            case .frame(let frame): frames.append(frame)
            case .heartbeat: break
            case .close(let code): return (frames, code)
            }
        }
    }

    func nextStompFrame() async throws -> String {
        switch try await nextStomp() {
        case .frame(let frame): return frame
        case let other: throw Broken(what: "\(other)")
        }
    }

    /// Serials of the next messages, as their headers have them.
    func nextMessages(_ count: Int) async throws -> [Int64] {
        var serials: [Int64] = []
        while serials.count < count {
            let frame = try await nextStompFrame()
            guard frame.hasPrefix("MESSAGE\n"), let serial = header("serial", of: frame).flatMap({ Int64($0) }) else {
                throw Broken(what: frame)
            }
            serials.append(serial)
        }
        return serials
    }

    func header(_ name: String, of frame: String) -> String? {
        frame.split(separator: "\n").first { $0.hasPrefix(name + ":") }.map {
            String($0.dropFirst(name.utf8.count + 1))
        }
    }
}

extension TestServer {
    static let supervisor = "CONNECT\naccept-version:1.1,1.2\nlogin:5900\npasscode:good\n\n\0"

    static func subscribe(_ agent: Int, id: String? = nil, _ headers: String...) -> String {
        "SUBSCRIBE\nid:\(id ?? String(agent))\ndestination:/topic/event.agent.*.\(5000 + agent)@test_cc\n"
            + headers.map { $0 + "\n" }.joined() + "receipt:done\n\n\0"
    }

    /// Opens a WebSocket for STOMP and connects for the time of `body`.
    func stomp<Value: Sendable>(
        _ connect: String = supervisor, receiveBufferBytes: Int? = nil,
        _ body: (ClientSocket) async throws -> Value
    ) async throws -> Value {
        try await socket(receiveBufferBytes: receiveBufferBytes) { socket in
            try await socket.upgrade("/mvc/stomp/websocket")
            try await socket.sendStomp(connect)
            let answer = try await socket.nextStompFrame()
            guard answer.hasPrefix("CONNECTED\n") else { throw ClientSocket.Broken(what: answer) }
            return try await body(socket)
        }
    }
}
