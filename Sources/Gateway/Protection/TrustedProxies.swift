import Foundation
import HTTPTypes

/// Proxies whose word is taken for where a request comes from.
public struct TrustedProxies: Hashable, Sendable {
    /// An address, or a network as `10.0.0.0/8` or `fd00::/8`.
    public struct Network: Hashable, Sendable {
        fileprivate let bytes: [UInt8]
        fileprivate let bits: Int

        /// Nil for what is neither.
        public init?(_ text: String) {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = IPAddress(String(parts[0])) else { return nil }
            bytes = address.bytes
            guard parts.count == 2 else {
                bits = bytes.count * 8
                return
            }
            guard let bits = Int(parts[1]), (0...bytes.count * 8).contains(bits) else { return nil }
            self.bits = bits
        }

        fileprivate func contains(_ address: IPAddress) -> Bool {
            guard address.bytes.count == bytes.count else { return false }
            return (0..<bytes.count).allSatisfy { index in
                let used = min(max(bits - index * 8, 0), 8)
                let mask = UInt8(truncatingIfNeeded: 0xFF00 >> used)
                return address.bytes[index] & mask == bytes[index] & mask
            }
        }
    }

    /// Networks of one list.
    public static let maximumNetworks = 100
    private static let forwardedFor = HTTPField.Name("X-Forwarded-For")
    private static let forwardedProto = HTTPField.Name("X-Forwarded-Proto")
    /// Proxies in a row that are looked at.
    private static let maximumHops = 16

    public var networks: [Network]

    public init(_ networks: [Network] = []) { self.networks = networks }

    /// Who asks: the rightmost address of `X-Forwarded-For` that is no trusted proxy, if the peer is one; else the peer.
    ///
    /// What stands to the left of it anybody may have written. A part that is no address ends the search.
    ///
    /// - Parameters:
    ///   - peer: of the socket, without its port; nil if it is not known.
    ///   - headers: with all `X-Forwarded-For` fields.
    func client(peer: String?, headers: HTTPFields) -> String? {
        client(peer: peer, forwarded: Self.forwardedFor.map { headers[values: $0] } ?? [])
    }

    func client(peer: String?, forwarded: [String]) -> String? {
        guard !networks.isEmpty, let peer, var current = IPAddress(peer), isTrusted(current) else { return peer }
        let hops = forwarded.joined(separator: ",").split(separator: ",").suffix(Self.maximumHops)
        for hop in hops.reversed() {
            guard let address = IPAddress(forwarded: hop) else { break }
            current = address
            guard isTrusted(address) else { break }
        }
        return current.text
    }

    /// Whether the client speaks TLS with the proxy that asks, by its `X-Forwarded-Proto`.
    func isTLS(peer: String?, headers: HTTPFields) -> Bool {
        isTLS(peer: peer, proto: Self.forwardedProto.flatMap { headers[$0] })
    }

    func isTLS(peer: String?, proto: String?) -> Bool {
        guard let proto, let peer = peer.flatMap({ IPAddress($0) }), isTrusted(peer) else { return false }
        // Of several proxies each adds its own: the last is that of the one that asks.
        return proto.split(separator: ",").last.map { $0.filter { $0 != " " }.lowercased() } == "https"
    }

    private func isTrusted(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }
}

/// 4 or 16 bytes; an IPv4 address in an IPv6 one is its 4.
private struct IPAddress: Hashable, Sendable {
    let bytes: [UInt8]

    init?(_ text: String) {
        var short = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &short) == 1 {
            bytes = short
            return
        }
        var long = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &long) == 1 else { return nil }
        let isMapped = long.prefix(10).allSatisfy { $0 == 0 } && long[10] == 0xFF && long[11] == 0xFF
        bytes = isMapped ? Array(long.suffix(4)) : long
    }

    /// In one spelling, whatever it was read from.
    var text: String {
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
            .joined(separator: ":")
    }

    /// As proxies write it: also with a port, `192.0.2.1:4711` and `[2001:db8::1]:4711`.
    init?(forwarded hop: Substring) {
        let text = hop.filter { $0 != " " && $0 != "\t" && $0 != "\"" }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            self.init(String(text[text.index(after: text.startIndex)..<end]))
        } else if text.contains("."), let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
            self.init(String(text[..<colon]))
        } else {
            self.init(text)
        }
    }
}
