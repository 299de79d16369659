import CSTA

/// `/topic/event.agent.*.5001@demo_cc`: the events of an agent, all of them or those of one name.
struct StompDestination: Hashable {
    static let prefix = "/topic/event.agent."

    var agent: AgentID
    /// An `eventName`; nil: all.
    var event: String?
    /// The agent as the client writes it, for the destinations of its messages.
    var suffix: String

    enum Problem: Error {
        case malformed
        /// It lies in another namespace.
        case elsewhere
    }

    /// The namespace's dots are underscores, because a dot parts a destination; they are taken as they are too.
    ///
    /// It is compared with the one namespace that the client may see: an underscore may also stand for itself.
    init(_ text: String, in namespace: Namespace) throws(Problem) {
        guard text.hasPrefix(Self.prefix) else { throw .malformed }
        let rest = text.dropFirst(Self.prefix.count)
        guard let dot = rest.firstIndex(of: "."), let at = rest.lastIndex(of: "@"), dot < at else { throw .malformed }
        let (event, number) = (rest[..<dot], rest[rest.index(after: dot)..<at])
        let written = rest[rest.index(after: at)...]
        guard !event.isEmpty, event == "*" || event.utf8.allSatisfy(Self.isLetter), Namespace(written) != nil,
            let agent = AgentID(number, in: namespace)
        else { throw .malformed }
        guard Self.dotless(written) == Self.dotless(namespace.name) else { throw .elsewhere }
        self.agent = agent
        self.event = event == "*" ? nil : String(event)
        suffix = String(rest[dot...])
    }

    private static func dotless(_ name: some StringProtocol) -> [UInt8] {
        name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }
}
