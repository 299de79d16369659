import CSTA
import SwitchDriver

/// What is up at Asterisk, as read over REST.
struct ARISnapshot: Hashable, Sendable {
    var channels: [ARIChannel] = []
    var bridges: [ARIBridge] = []
    var endpoints: [ARIEndpoint] = []
    /// When Asterisk was started; nil: not known.
    var startup: String?
}

extension ARIStateMachine {
    mutating func linkDown() {
        guard linked else { return }
        linked = false
        dropJobs()
        doubts = []
        for namespace in lines.namespaces { act(.tell(namespace, .linkDown)) }
    }

    private mutating func dropJobs() {
        awaited = [:]
        jobs = [:]
        queues = [:]
        ready = []
    }

    mutating func linkUp(_ snapshot: ARISnapshot, _ held: [ARIMessage]) {
        linked = true
        dropJobs()
        let offers = offered(in: held)
        let before = legs
        legs = [:]
        legOfChannel = [:]
        ringing = []
        let channels = snapshot.channels.filter { !offers.contains($0.id) || before[LegID($0.id)] != nil }
        for channel in channels where !LegID.of(channel: channel.id).isSuccessor { adopt(channel, before) }
        for channel in channels where LegID.of(channel: channel.id).isSuccessor { adopt(channel, before) }
        adopt(snapshot.bridges)
        online = []
        for endpoint in snapshot.endpoints where endpoint.technology == "PJSIP" && endpoint.online == true {
            noteOnline(endpoint.resource)
        }
        for namespace in lines.namespaces { tellSnapshot(namespace) }
        recordingsAfterLink(isSameAsterisk: startup == snapshot.startup)
        startup = snapshot.startup
    }

    /// What is up, as the driver knows it: every leg that was dialled or offered and has not been told as ended.
    mutating func tellSnapshot(_ namespace: Namespace) {
        guard lines.namespaces.contains(namespace) else { return }
        let its = legs.filter { $0.value.namespace == namespace }
        let devices = Set(lines.tenants[namespace]?.phones.map(\.device).filter(isRegistered) ?? [])
        act(.tell(namespace, .linkUp(SwitchSnapshot(legs: its.mapValues(\.state), registered: devices))))
    }

    func isRegistered(_ device: DeviceID) -> Bool { lines.phone(device).map { online.contains($0.endpoint) } ?? false }

    @discardableResult
    mutating func noteOnline(_ endpoint: String) -> Bool {
        guard online.count < Self.maximumEndpoints else { return false }
        return online.insert(endpoint).inserted
    }

    mutating func take(_ new: LineBook) {
        let before = lines
        lines = new
        guard linked else { return }
        for (namespace, tenant) in new.tenants {
            guard let old = before.tenants[namespace] else {
                tellSnapshot(namespace)
                continue
            }
            guard old != tenant else { continue }
            for phone in tenant.phones where before.phone(phone.device)?.endpoint != phone.endpoint {
                let isThere = online.contains(phone.endpoint)
                act(.tell(namespace, isThere ? .deviceRegistered(phone.device) : .deviceUnregistered(phone.device)))
            }
        }
    }

    /// Channels whose offering waits behind the snapshot: they are told as offered, not as up.
    private func offered(in held: [ARIMessage]) -> Set<String> {
        Set(
            held.compactMap { message in
                guard case .stasisStart(let channel, let arguments) = message,
                    arguments.first != ARIRequest.dialledArgument
                else { return nil }
                return channel.id
            })
    }

    private mutating func adopt(_ channel: ARIChannel, _ before: [LegID: Leg]) {
        let id = LegID.of(channel: channel.id).leg
        let dialled = wasDialled(channel)
        guard let namespace = namespace(of: channel, dialled: dialled) else { return }
        if dialled, channel.state == .down, before[id]?.invited != true {
            // The link went between its creation and its INVITE.
            return act(.send(.hangUp(channel.id, reason: .named("normal")), nil))
        }
        if let first = legs[id] {
            // A leg and its successor: the one that is not answered goes.
            let spare = channel.state == .up ? first.channel : channel.id
            legOfChannel[spare] = nil
            if channel.state == .up {
                legs[id]?.channel = channel.id
                legs[id]?.state = .up
                legOfChannel[channel.id] = id
            }
            return act(.send(.hangUp(spare, reason: .named("normal")), nil))
        }
        var leg = Leg(namespace: namespace, dialled: dialled, channel: channel.id)
        if let old = before[id] {
            leg.request = old.request
            leg.held = old.held
            leg.invited = old.invited
            leg.rang = old.rang
            leg.endSent = old.endSent
            leg.part = old.part
            leg.asksForTransfer = old.asksForTransfer
        }
        leg.phone = channel.pjsipEndpoint.flatMap { lines.phone(endpoint: $0) }
        leg.entered = channel.runs == "Stasis"
        switch channel.state {
        case .up: leg.state = .up
        case .ringing: leg.state = .ringing
        default: leg.state = .pending
        }
        leg.rang = leg.rang || leg.state == .ringing
        add(leg, as: id)
        if leg.state == .ringing { ringing.insert(id) }
    }

    private func wasDialled(_ channel: ARIChannel) -> Bool {
        runsInApplication(channel)
            ? channel.runsWith.split(separator: ",").dropFirst().first.map(String.init) == ARIRequest.dialledArgument
            : channel.runs.isEmpty
    }

    func runsInApplication(_ channel: ARIChannel) -> Bool {
        channel.runs == "Stasis" && channel.runsWith.split(separator: ",").first.map(String.init) == application
    }

    /// Whose a channel is: our variable tells; offered ones may not have it yet.
    private func namespace(of channel: ARIChannel, dialled: Bool) -> Namespace? {
        guard runsInApplication(channel) || channel.runs.isEmpty else { return nil }
        if let name = channel.variables[ARIRequest.namespaceVariable], !name.isEmpty {
            return lines.namespace(named: name)
        }
        guard !dialled, let endpoint = channel.pjsipEndpoint else { return nil }
        return lines.phone(endpoint: endpoint)?.device.namespace
            ?? lines.trunk(endpoint: endpoint, number: channel.extensionDialled)?.namespace
    }

    private mutating func adopt(_ bridges: [ARIBridge]) {
        mixes = []
        for bridge in bridges where isOurs(bridge) {
            let mix = MixID(bridge.id)
            guard !bridge.channels.isEmpty else {
                // Its endMix may have been lost; it is made anew when it is needed.
                act(.send(.endBridge(mix), nil))
                continue
            }
            mixes.insert(mix)
            for channel in bridge.channels {
                guard let id = legOfChannel[channel] else { continue }
                legs[id]?.mix = mix
                legs[id]?.plannedMix = mix
            }
        }
    }

    private static let bridgeNamePrefix = "ringside "

    static func bridgeName(_ namespace: Namespace) -> String { bridgeNamePrefix + namespace.name }

    private func isOurs(_ bridge: ARIBridge) -> Bool {
        guard bridge.name.hasPrefix(Self.bridgeNamePrefix) else { return false }
        return lines.namespace(named: String(bridge.name.dropFirst(Self.bridgeNamePrefix.count))) != nil
    }
}
