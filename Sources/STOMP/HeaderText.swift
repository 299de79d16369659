/// Names and values of headers as they stand in a frame.
public enum HeaderText {
    /// 1.1 escapes line feed, colon and backslash; 1.2 the carriage return too. 1.0 has no escapes: what would break
    /// the frame becomes a space there.
    public static func escape(_ text: String, for version: Version) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch (byte, version) {
            case (0, _), (Byte.lineFeed, .v1_0), (Byte.carriageReturn, .v1_0): bytes.append(Byte.space)
            case (_, .v1_0): bytes.append(byte)
            case (Byte.lineFeed, _): bytes += [Byte.backslash, UInt8(ascii: "n")]
            case (Byte.colon, _): bytes += [Byte.backslash, UInt8(ascii: "c")]
            case (Byte.backslash, _): bytes += [Byte.backslash, Byte.backslash]
            case (Byte.carriageReturn, .v1_2): bytes += [Byte.backslash, UInt8(ascii: "r")]
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    /// - Throws: ``FrameError/badEscape``, ``FrameError/notUTF8``.
    static func unescape(_ bytes: some Collection<UInt8>, for version: Version) throws(FrameError) -> String {
        guard version > .v1_0, bytes.contains(Byte.backslash) else { return try text(bytes) }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var isEscaped = false
        for byte in bytes {
            guard isEscaped else {
                if byte == Byte.backslash { isEscaped = true } else { plain.append(byte) }
                continue
            }
            isEscaped = false
            switch byte {
            case UInt8(ascii: "n"): plain.append(Byte.lineFeed)
            case UInt8(ascii: "c"): plain.append(Byte.colon)
            case Byte.backslash: plain.append(Byte.backslash)
            case UInt8(ascii: "r") where version >= .v1_2: plain.append(Byte.carriageReturn)
            default: throw .badEscape
            }
        }
        guard !isEscaped else { throw .badEscape }
        return try text(plain)
    }

    static func text(_ bytes: some Collection<UInt8>) throws(FrameError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return text
    }
}
