/// What a `Range` header asks for (RFC 9110 §14).
enum ByteRange: Hashable, Sendable {
    case whole
    /// Not empty, within the file.
    case part(Range<Int64>)
    /// Nothing of it is in the file: 416.
    case unsatisfiable

    /// - Parameters:
    ///   - header: several ranges, another unit and what makes no sense give the whole, as §14.2 lets a server do.
    ///   - count: bytes of the file.
    init(_ header: String?, of count: Int64) {
        guard let header, let equals = header.firstIndex(of: "="),
            header[..<equals].lowercased() == "bytes",
            let dash = header[equals...].firstIndex(of: "-")
        else {
            self = .whole
            return
        }
        let first = header[header.index(after: equals)..<dash].trimmedSpaces
        let last = header[header.index(after: dash)...].trimmedSpaces
        switch (Self.number(first), Self.number(last)) {
        case (let start?, _) where last.isEmpty:
            self = start < count ? .part(start..<count) : .unsatisfiable
        case (let start?, let end?) where start <= end:
            self = start < count ? .part(start..<min(end, count - 1) + 1) : .unsatisfiable
        case (nil, let length?) where first.isEmpty:
            self = length > 0 && count > 0 ? .part(max(0, count - length)..<count) : .unsatisfiable
        default: self = .whole
        }
    }

    /// Digits only; what does not fit is as good as infinite.
    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int64(text) ?? .max
    }
}

extension Substring {
    fileprivate var trimmedSpaces: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
