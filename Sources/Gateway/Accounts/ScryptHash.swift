import Crypto
import CryptoExtras

/// What scrypt (RFC 7914) is told beside password and salt.
public struct ScryptCost: Hashable, Sendable {
    /// One verification takes 128 · r · (2^ln + p) bytes; more than this is not asked of the machine, whatever a
    /// configuration says. The largest table that fits has 64 MiB.
    public static let maximumMemoryBytes = 65 << 20
    /// 2^ln · r · p, to which the time is proportional; the default has 2^17.
    public static let maximumWork = 1 << 20
    /// The library's own memory limit leaves no room for larger blocks.
    public static let maximumBlockSize = 16

    /// 16 MiB and, in an optimised build, some 50 ms: what an interactive login can bear.
    public static let standard = ScryptCost(valid: 14, 8, 1)

    /// The rounds are two to the power of this.
    public let logRounds: Int
    public let blockSize: Int
    public let parallelism: Int

    /// Nil if a parameter lies outside the bounds.
    public init?(logRounds: Int, blockSize: Int, parallelism: Int) {
        // The bounds come one after the other, so that no product overflows.
        guard (1...20).contains(logRounds), (1...Self.maximumBlockSize).contains(blockSize),
            (1...Self.maximumWork).contains(parallelism),
            logRounds < 16 * blockSize,  // RFC 7914 §2
            128 * blockSize * ((1 << logRounds) + parallelism) <= Self.maximumMemoryBytes,
            (blockSize << logRounds) * parallelism <= Self.maximumWork
        else { return nil }
        self.init(valid: logRounds, blockSize, parallelism)
    }

    private init(valid logRounds: Int, _ blockSize: Int, _ parallelism: Int) {
        self.logRounds = logRounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }
}

/// A password's scrypt key with all that is needed to compute it again: `$scrypt$ln=14,r=8,p=1$SALT$KEY`.
struct ScryptHash: Hashable, Sendable {
    static let keyBytes = 32
    static let saltBytes = 16
    /// Longer ones come from no program that makes such strings.
    static let maximumTextBytes = 512
    /// An attacker who may guess at short keys needs no password.
    static let minimumKeyBytes = 16

    let cost: ScryptCost
    let salt: [UInt8]
    let key: [UInt8]

    /// Reads the text; nil if it has another form, or asks for more than ``ScryptCost`` allows.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumTextBytes else { return nil }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt", let cost = Self.cost(parts[2]),
            let salt = Base64.decode(parts[3]), !salt.isEmpty,
            let key = Base64.decode(parts[4]), key.count >= Self.minimumKeyBytes
        else { return nil }
        self.cost = cost
        self.salt = salt
        self.key = key
    }

    /// Computes the key of a password; as long as scrypt takes, so not on an event loop.
    init?(password: String, salt: [UInt8], cost: ScryptCost) {
        guard let key = Self.derive(Array(password.utf8), salt: salt, cost: cost, keyBytes: Self.keyBytes) else {
            return nil
        }
        self.cost = cost
        self.salt = salt
        self.key = key
    }

    var text: String {
        "$scrypt$ln=\(cost.logRounds),r=\(cost.blockSize),p=\(cost.parallelism)"
            + "$\(Base64.encode(salt))$\(Base64.encode(key))"
    }

    /// Whether this is the password; as long as scrypt takes, so not on an event loop.
    func matches(_ password: String) -> Bool {
        guard let other = Self.derive(Array(password.utf8), salt: salt, cost: cost, keyBytes: key.count) else {
            return false
        }
        return other.count == key.count && zip(other, key).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Nil for an empty password or salt, of which the library has no address, and if memory runs out.
    static func derive(_ password: [UInt8], salt: [UInt8], cost: ScryptCost, keyBytes: Int) -> [UInt8]? {
        guard !password.isEmpty, !salt.isEmpty else { return nil }
        let key = try? KDF.Scrypt.deriveKey(
            from: password, salt: salt, outputByteCount: keyBytes, rounds: 1 << cost.logRounds,
            blockSize: cost.blockSize, parallelism: cost.parallelism)
        return key?.withUnsafeBytes { Array($0) }
    }

    private static func cost(_ text: Substring) -> ScryptCost? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasPrefix("ln="), parts[1].hasPrefix("r="), parts[2].hasPrefix("p="),
            let logRounds = Int(parts[0].dropFirst(3)), let blockSize = Int(parts[1].dropFirst(2)),
            let parallelism = Int(parts[2].dropFirst(2))
        else { return nil }
        return ScryptCost(logRounds: logRounds, blockSize: blockSize, parallelism: parallelism)
    }
}

/// Makes what is kept of a password.
public enum PasswordHasher {
    /// A password as ``StoredPassword/scrypt(_:)`` keeps it: `$scrypt$ln=14,r=8,p=1$SALT$KEY`, with a new salt from
    /// the system's generator. Takes as long as scrypt does.
    ///
    /// - Returns: nil for an empty password, or if the memory for it is not to be had.
    public static func hash(_ password: String, cost: ScryptCost = .standard) -> String? {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<ScryptHash.saltBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return ScryptHash(password: password, salt: salt, cost: cost)?.text
    }

    /// The same, off the event loops and the tasks' threads.
    public static func hashed(_ password: String) async -> String? {
        await queue.run { hash(password) } ?? nil
    }

    private static let queue = HashingQueue()

    /// Whether a string is one that ``hash(_:cost:)`` may have made, within the bounds: for a check of the
    /// configuration.
    public static func accepts(_ text: String) -> Bool { ScryptHash(text) != nil }
}
