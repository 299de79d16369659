import STOMP

/// Feeds bytes to what reads STOMP frames, whole and in pieces, and its frames to a session: nothing may trap, pieces make no
/// difference, and what is read is read as the same again when it is written.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzStomp(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    for version in [Version.v1_0, .v1_1, .v1_2] {
        let whole = frames(of: input, version, pieces: input.count + 1)
        precondition(frames(of: input, version, pieces: 3) == whole, "pieces make a difference")
        var session = Session()
        for frame in whole {
            _ = session.receive(frame)
            if session.isAuthenticating { _ = session.accept(session: "s") }
            // What only an old version could say cannot be written in it again: CR in a header, a body without length.
            let written = frame.encoded(for: .v1_2)
            precondition(frames(of: written, .v1_2, pieces: written.count).count <= 1, "a frame becomes two")
        }
    }
    return 0
}

private func frames(of input: [UInt8], _ version: Version, pieces: Int) -> [Frame] {
    var parser = FrameParser()
    parser.version = version
    var found: [Frame] = []
    var rest = input[...]
    while !rest.isEmpty {
        parser.append(rest.prefix(pieces))
        rest = rest.dropFirst(pieces)
        do {
            while let element = try parser.next() {
                if case .frame(let frame) = element { found.append(frame) }
            }
        } catch { return found }
    }
    return found
}
