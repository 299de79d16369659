public import CSTA
public import Logging
public import SwitchDriver
import Synchronization

/// Asterisk as Ringside's switch, driven over ARI (HTTP and WebSocket), and over AMI for what ARI cannot do.
///
/// Asterisk's dialplan sends calls to the application of the configuration, as `Stasis(ringside,phone,${EXTEN})`; its
/// ari.conf has `channelvars=RINGSIDE_NS`, so that each channel says whose it is after either side has been restarted.
/// Before that it sets `PJSIP_TRANSFER_HANDLING()=ari-only` for phones, so that their REFER moves nothing by itself.
/// A call on a trunk whose number no tenant has is refused with UNALLOCATED_NUMBER. Channels of other applications are
/// not touched.
public final class AsteriskSwitch: Switch {
    /// Why something that Asterisk or Ringside said had no effect.
    public enum Ignored: String, Hashable, Sendable, CaseIterable {
        case garbage = "a message that is no ARI event"
        case messageWhileDown = "a message while the link was down"
        case unusedType = "a message of a type without use"
        case unknownChannel = "a message about a channel that is not ours"
        case duplicate = "something that had been said already"
        case orphanedChannel = "an outgoing channel whose leg has ended"
        case foreignChannel = "a channel in our application that is no SIP line"
        case unknownNumber = "a call to a number that no tenant has, or from a line that none has"
        case unknownRecording = "a message about a recording that is not ours, or is over"
        case brokenOff = "a recording that Asterisk broke off, as when the disk is full"
        case badRecording = "a recording too many, or with a path that cannot be"
        case tooManyLegs = "a leg too many, or with a name that cannot be"
        case transferByPhone = "a REFER that leads nowhere"
        case commandWhileDown = "a command while the link was down"
        case unknownLeg = "a command for a leg that is not up"
        case queueFull = "a command too many for one leg or mix"
        case mailboxFull = "a command or message too many for the driver"
        case requestRefused = "a request that Asterisk refused"
        case talkRefused = "a NOTIFY that could not be sent"
    }

    /// What Asterisk should have told and did not, and what was made up for.
    public enum Mended: String, Hashable, Sendable, CaseIterable {
        case end = "a leg whose end was not told"
        case change = "a leg whose ringing or answer was not told"
        case channel = "a channel that no leg stands for"
        case phone = "a phone that came or went untold"
    }

    public let name = "asterisk"

    private let configuration: AsteriskConfiguration
    private let lines: Mutex<LineBook>
    private let logger: Logger
    private let chance: @Sendable () -> Double
    private let mailbox = Mutex<Mailbox?>(nil)
    private let counts = Mutex<[Ignored: Int]>([:])
    private let mends = Mutex<[Mended: Int]>([:])

    /// - Parameters:
    ///   - tenants: whose phones, trunks and numbers are whose. A phone of two tenants belongs to the first.
    ///   - chance: gives numbers from 0 to below 1, by which the pauses between attempts to link vary.
    public init(
        configuration: AsteriskConfiguration, tenants: [TenantLines], logger: Logger,
        chance: @escaping @Sendable () -> Double = { 0.5 }
    ) {
        self.configuration = configuration
        lines = Mutex(LineBook(tenants))
        self.logger = logger
        self.chance = chance
    }

    /// How often something was ignored, by reason, since the switch was made.
    public var ignored: [Ignored: Int] { counts.withLock { $0 } }

    public var ignoredCounts: [String: Int] {
        Dictionary(uniqueKeysWithValues: Ignored.allCases.map { ($0.rawValue, ignored[$0] ?? 0) })
    }

    public var mendedCounts: [String: Int] {
        let counts = mends.withLock(\.self)
        return Dictionary(uniqueKeysWithValues: Mended.allCases.map { ($0.rawValue, counts[$0] ?? 0) })
    }

    public func execute(_ commands: [SwitchCommand], for namespace: Namespace) {
        mailbox.withLock { mailbox in
            for command in commands where mailbox?.post(.command(command, namespace)) != true {
                count(.commandWhileDown, command.leg?.text ?? "")
            }
        }
    }

    public func resynchronise(_ namespace: Namespace) {
        mailbox.withLock { _ = $0?.post(.resynchronise(namespace)) }
    }

    public func setLines(_ tenants: [TenantLines]) {
        let book = LineBook(tenants)
        mailbox.withLock { mailbox in
            lines.withLock { $0 = book }
            mailbox?.post(.lines(book))
        }
    }

    /// See ``SwitchDriver/Switch/run(receive:)``. Runs once at a time; throws nothing.
    public func run(receive: @escaping @Sendable (Namespace, SwitchEvent) -> Void) async throws {
        let mailbox = Mailbox()
        let lines = self.mailbox.withLock { current in
            current = mailbox
            return self.lines.withLock(\.self)
        }
        let client = ARIClient(configuration)
        let manager = configuration.manager.map { AMIClient($0, limit: configuration.requestTimeout, logger: logger) }
        let link = ARILink(
            configuration: configuration, client: client, mailbox: mailbox, logger: logger, chance: chance,
            ignored: { [weak self] in self?.count($0, $1) })
        var machine = ARIStateMachine(
            lines: lines, application: configuration.application, hasManager: manager != nil)
        await withDiscardingTaskGroup { group in
            group.addTask { await link.keep() }
            if let manager { group.addTask { await manager.run() } }
            for await input in mailbox.inputs {
                mailbox.taken(input)
                for action in machine.handle(input) {
                    switch action {
                    case .tell(let namespace, let event): receive(namespace, event)
                    case .ignore(let reason, let detail): count(reason, detail)
                    case .mended(let what, let detail): note(what, detail)
                    case .setAlarm(let ticket, let pause):
                        group.addTask {
                            if (try? await Task.sleep(for: pause)) != nil { mailbox.post(.alarm(ticket)) }
                        }
                    case .send(let request, let ticket):
                        group.addTask {
                            let reply = await client.send(request)
                            if let ticket { mailbox.post(.reply(ticket, reply)) }
                        }
                    case .talk(let channel, let ticket):
                        group.addTask { [self] in
                            let sent = await manager?.talk(channel: channel) ?? false
                            if !sent { count(.talkRefused, channel) }
                            if let ticket { mailbox.post(.reply(ticket, sent ? .success(nil) : .lost)) }
                        }
                    }
                }
            }
            group.cancelAll()
        }
        self.mailbox.withLock { $0 = nil }
        await client.close()
    }

    private func note(_ mended: Mended, _ detail: String) {
        mends.withLock { $0[mended, default: 0] += 1 }
        logger.warning("Asterisk has not told of \(mended.rawValue), which is mended", metadata: ["id": "\(detail)"])
    }

    private func count(_ reason: Ignored, _ detail: String) {
        let isFirst = counts.withLock { counts in
            counts[reason, default: 0] += 1
            return counts[reason] == 1
        }
        let text: Logger.Message = "ignored \(reason.rawValue): \(detail)"
        if isFirst { logger.notice(text) } else { logger.debug(text) }
    }
}
