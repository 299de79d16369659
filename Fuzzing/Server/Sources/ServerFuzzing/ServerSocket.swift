import Foundation

/// A client's socket that waits.
struct ServerSocket: ~Copyable {
    /// Longer than anything may take that the server does for one connection.
    private static let patienceSeconds = 4
    private static let maximumAnswerBytes = 16 << 20

    private let descriptor: CInt

    init(_ port: Int) {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        precondition(Self.connects(descriptor, to: &address), "the server takes no connections: \(errno)")
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
    }

    deinit { close(descriptor) }

    /// The fuzzer's clock interrupts what waits; the connection comes about meanwhile, and the next call waits for the rest.
    private static func connects(_ descriptor: CInt, to address: inout sockaddr_in) -> Bool {
        while true {
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if result == 0 || errno == EISCONN { return true }
            if errno != EINTR { return false }
        }
    }

    /// Sends these, one after the other, and says that no more comes. The server may have gone before.
    func send(_ parts: ArraySlice<UInt8>...) {
        for part in parts { sendAll(part) }
        shutdown(descriptor, CInt(SHUT_WR))
    }

    private func sendAll(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Returns like `recv`, unless the fuzzer's clock interrupted it.
    private func receive(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
        while true {
            let received = recv(descriptor, bytes, count, 0)
            if received >= 0 || errno != EINTR { return received }
        }
    }

    /// All that comes until the server has closed the connection.
    func readToEnd() -> [UInt8] {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = receive(&buffer, buffer.count)
            if count < 0 {
                precondition(errno != EAGAIN, "the server holds the connection")
                return answer
            }
            if count == 0 { return answer }
            answer += buffer[..<count]
            precondition(answer.count < Self.maximumAnswerBytes, "the answer does not end")
        }
    }

    /// Becomes a WebSocket.
    func upgrade(_ path: String, session: String) {
        let request = """
            GET \(path) HTTP/1.1\r
            Host: a\r
            Authorization: Bearer \(session)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r\n
            """
        sendAll(Array(request.utf8)[...])
        var head: [UInt8] = []
        while head.suffix(4) != Array("\r\n\r\n".utf8)[...] {
            var byte: UInt8 = 0
            guard receive(&byte, 1) == 1 else { break }
            head.append(byte)
        }
        guard head.starts(with: Array("HTTP/1.1 101 ".utf8)) else {
            fatalError("no upgrade: \(String(decoding: head, as: UTF8.self)), errno \(errno)")
        }
    }
}
