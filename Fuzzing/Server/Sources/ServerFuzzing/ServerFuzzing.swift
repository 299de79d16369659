import Foundation

/// Feeds bytes to a whole server over a socket, as the name of the program says:
///
/// - `http`: the bytes of a connection, from its first on; `@S@` stands for a session.
/// - `websocket`: what comes after the upgrade at `/events`, or after that of STOMP if the first byte is odd. A client's
///   frames are masked, by nought.
///
/// Nothing may trap. Whatever it got, the server has to end the connection when the client has no more to say, and to answer
/// the next one; what it wrote has to be HTTP.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzServer(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    // The bytes come in one piece, or in two, by the last of them.
    let cut = input.count > 1 ? Int(input[input.count - 1]) % input.count : 0
    if isAboutWebSockets {
        guard let first = input.first else { return 0 }
        let socket = ServerSocket(fuzzedServer.port)
        socket.upgrade(first & 1 == 0 ? "/events" : "/mvc/stomp/websocket", session: fuzzedServer.session)
        socket.send(input[1...].prefix(cut), input.dropFirst(max(1, cut)))
        _ = socket.readToEnd()
    } else {
        let whole = input.replacing(Array("@S@".utf8), with: Array(fuzzedServer.session.utf8))
        let socket = ServerSocket(fuzzedServer.port)
        socket.send(whole.prefix(cut), whole.dropFirst(cut))
        let answer = socket.readToEnd()
        precondition(answer.isEmpty || answer.starts(with: Array("HTTP/1.".utf8)), "an answer is no HTTP")
    }
    fuzzedServer.rounds += 1
    if fuzzedServer.rounds % 100 == 0 { fuzzedServer.checkHealth() }
    return 0
}

private let isAboutWebSockets = CommandLine.arguments.first?.hasSuffix("websocket") == true
nonisolated(unsafe) private var fuzzedServer = FuzzedServer.start()
