import CSTA
import Crypto
import Synchronization

/// Compares passwords with what is kept of them.
///
/// Every wrong password costs one scrypt, whatever is stored and whether the agent exists, so that time tells nothing.
/// A right one costs it once: a keyed digest of the last successes is remembered, and a storm of logins after a
/// restart of the clients is not a storm of computations.
final class PasswordChecker: Sendable {
    enum Outcome: Hashable, Sendable {
        case right
        case wrong
        /// Too many are being checked; try again later.
        case busy
    }

    /// Successes remembered; 32 bytes each and their place in a table.
    static let maximumRemembered = 10_000
    /// Scrypt itself takes any length; a person's password or a machine's key is shorter.
    static let maximumPasswordBytes = 1024

    private typealias Digest = HMAC<SHA256>.MAC

    private let queue: HashingQueue
    private let decoy: ScryptHash?
    /// New in every process: what is remembered is worth nothing outside it.
    private let key = SymmetricKey(size: .bits256)
    private let remembered: Mutex<RecentSet<[UInt8]>>

    /// - Parameter cost: of the computation that stands in where there is nothing to compare with; that of the
    ///   accounts.
    init(cost: ScryptCost = .standard, queue: HashingQueue = HashingQueue()) {
        self.queue = queue
        decoy = ScryptHash(
            "$scrypt$ln=\(cost.logRounds),r=\(cost.blockSize),p=\(cost.parallelism)"
                + "$AAAAAAAAAAAAAAAAAAAAAA$" + String(repeating: "A", count: 43))
        remembered = Mutex(RecentSet(maximumCount: Self.maximumRemembered))
    }

    /// - Parameter stored: nil if there is no such agent.
    func check(_ password: String, of agent: AgentID, against stored: StoredPassword?) async -> Outcome {
        guard password.utf8.count <= Self.maximumPasswordBytes else { return await compute(nil, password, agent) }
        switch stored {
        case .scrypt(let text):
            let digest = digest(agent.text, password, text)
            if remembered.withLock({ $0.contains(digest) }) { return .right }
            let outcome = await compute(ScryptHash(text), password, agent)
            if outcome == .right { remembered.withLock { $0.insert(digest) } }
            return outcome
        case .plain(let text):
            // Digests of one length under a key of our own: how far two passwords agree does not show in the time.
            let isRight =
                !text.isEmpty
                && HMAC<SHA256>.isValidAuthenticationCode(
                    HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key),
                    authenticating: Array(password.utf8), using: key)
            return isRight ? .right : await compute(nil, password, agent)
        case nil:
            return await compute(nil, password, agent)
        }
    }

    private func compute(_ hash: ScryptHash?, _ password: String, _ agent: AgentID) async -> Outcome {
        let decoy = decoy
        let bounded = password.utf8.count <= Self.maximumPasswordBytes ? password : agent.text
        let isRight = await queue.run {
            if let hash { return hash.matches(bounded) }
            _ = decoy?.matches(bounded)
            return false
        }
        return switch isRight {
        case true?: .right
        case false?: .wrong
        case nil: .busy
        }
    }

    private func digest(_ parts: String...) -> [UInt8] {
        var code = HMAC<SHA256>(key: key)
        for part in parts {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            withUnsafeBytes(of: UInt64(part.utf8.count).littleEndian) { code.update(data: $0) }
            code.update(data: Array(part.utf8))
        }
        return Array(code.finalize())
    }
}
