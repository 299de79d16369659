import CSTA

/// An event of Asterisk's REST interface, as far as the driver uses it.
enum ARIMessage: Hashable, Sendable {
    case stasisStart(ARIChannel, arguments: [String])
    case stateChange(ARIChannel)
    /// Progress of an outgoing channel; only it tells early media without ringing (SIP 183).
    case dial(peer: ARIChannel, status: String)
    case hangupRequest(ARIChannel, cause: Int?, sipStatus: Int?, soft: Bool)
    case destroyed(ARIChannel, cause: Int, sipStatus: Int?)
    case hold(ARIChannel)
    case unhold(ARIChannel)
    case enteredBridge(ARIChannel, bridge: String)
    case leftBridge(ARIChannel, bridge: String)
    case bridgeDestroyed(String)
    /// A phone's REFER, or the echo of an answer to one.
    case transfer(ARIChannel, ARITransfer)
    case recording(name: String, ARIRecordingState)
    case endpoint(ARIEndpoint)
    /// Another connection has taken our application's name: no more events come to this one.
    case applicationReplaced
    /// A message of a type that the driver has no use for.
    case unused(type: String)
}

/// A channel, as it stands in events and in `GET /channels`.
struct ARIChannel: Hashable, Sendable {
    enum State: String, Hashable, Sendable {
        case down = "Down"
        case reserved = "Rsrved"
        case offHook = "OffHook"
        case dialing = "Dialing"
        case ring = "Ring"
        case ringing = "Ringing"
        case up = "Up"
        case busy = "Busy"
        case dialingOffHook = "Dialing Offhook"
        case preRing = "Pre-ring"
        case mute = "Mute"
        case unknown = "Unknown"
    }

    var id: String
    /// `PJSIP/8001-0000006d`.
    var name: String
    var state: State
    var callerNumber: String
    var extensionDialled: String
    /// The dialplan application that runs, `Stasis`, and its data, `ringside,phone,8002`.
    var runs: String
    var runsWith: String
    /// Channel variables that `channelvars` of ari.conf names.
    var variables: [String: String]

    /// `8001` of `PJSIP/8001-0000006d`; nil for other technologies: snoop and announcer channels, local ones.
    var pjsipEndpoint: Substring? {
        guard name.hasPrefix("PJSIP/"), let dash = name.lastIndex(of: "-") else { return nil }
        return name[..<dash].dropFirst("PJSIP/".count)
    }
}

/// Where a REFER asks to be led.
struct ARITransfer: Hashable, Sendable {
    /// What is echoed; nil: the phone's own request.
    var state: String?
    var number: String
    /// Whether it names another call, by Replaces (RFC 3891), and the channel of that call if there is one.
    var replaces = false
    var channel: String?
}

enum ARIRecordingState: Hashable, Sendable {
    case started
    case finished
    /// Not begun, broken off, or cancelled before there was anything.
    case failed
}

struct ARIEndpoint: Hashable, Sendable {
    var technology: String
    /// `8001` of `PJSIP/8001`.
    var resource: String
    /// nil: Asterisk does not know.
    var online: Bool?
}

struct ARIBridge: Hashable, Sendable {
    var id: String
    var name: String
    var channels: [String]
}

extension ARIMessage {
    /// Longest text of any field; longer ones are not Asterisk's.
    static let maximumFieldBytes = 4096

    /// Reads one message; nil if it is no JSON object with a type, or lacks what its type must have.
    init?(_ bytes: some Sequence<UInt8>) {
        guard let json = try? JSON.parse(bytes), let type = json["type"]?.string else { return nil }
        self.init(type: type, json)
    }

    private init?(type: String, _ json: JSON) {
        switch type {
        case "PeerStatusChange", "EndpointStateChange":
            guard let endpoint = ARIEndpoint(json["endpoint"]) else { return nil }
            self = .endpoint(endpoint)
        case "ApplicationReplaced": self = .applicationReplaced
        case "BridgeDestroyed":
            guard let bridge = ARIBridge(json["bridge"]) else { return nil }
            self = .bridgeDestroyed(bridge.id)
        case "Dial":
            guard let peer = ARIChannel(json["peer"]) else { return nil }
            self = .dial(peer: peer, status: json["dialstatus"]?.string ?? "")
        case "ChannelTransfer":
            guard let channel = ARIChannel(json["referred_by"]?["source_channel"]) else { return nil }
            self = .transfer(channel, ARITransfer(json))
        case "RecordingStarted", "RecordingFinished", "RecordingFailed":
            guard let name = json["recording"]?["name"]?.string, name.utf8.count <= Self.maximumFieldBytes else {
                return nil
            }
            let isDone = json["recording"]?["state"]?.string == "done"
            self = .recording(name: name, type == "RecordingStarted" ? .started : isDone ? .finished : .failed)
        case "StasisStart", "ChannelStateChange", "ChannelHangupRequest", "ChannelDestroyed", "ChannelHold",
            "ChannelUnhold", "ChannelEnteredBridge", "ChannelLeftBridge":
            guard let channel = ARIChannel(json["channel"]) else { return nil }
            self.init(type: type, channel, json)
        default: self = .unused(type: String(type.prefix(60)))
        }
    }

    private init?(type: String, _ channel: ARIChannel, _ json: JSON) {
        let cause = json["cause"]?.integer.flatMap(Int.init(exactly:))
        let sipStatus = json["tech_cause"]?.integer.flatMap(Int.init(exactly:))
        switch type {
        case "StasisStart":
            self = .stasisStart(channel, arguments: json["args"]?.array?.compactMap(\.string) ?? [])
        case "ChannelStateChange": self = .stateChange(channel)
        case "ChannelHangupRequest":
            self = .hangupRequest(channel, cause: cause, sipStatus: sipStatus, soft: json["soft"]?.bool ?? false)
        case "ChannelDestroyed": self = .destroyed(channel, cause: cause ?? 0, sipStatus: sipStatus)
        case "ChannelHold": self = .hold(channel)
        case "ChannelUnhold": self = .unhold(channel)
        case "ChannelEnteredBridge", "ChannelLeftBridge":
            guard let bridge = ARIBridge(json["bridge"]) else { return nil }
            self =
                type == "ChannelLeftBridge"
                ? .leftBridge(channel, bridge: bridge.id)
                : .enteredBridge(channel, bridge: bridge.id)
        default: return nil
        }
    }
}

extension ARIChannel {
    init?(_ json: JSON?) {
        guard let json, let id = json["id"]?.string, !id.isEmpty, id.utf8.count <= ARIMessage.maximumFieldBytes,
            let name = json["name"]?.string, name.utf8.count <= ARIMessage.maximumFieldBytes
        else { return nil }
        self.id = id
        self.name = name
        state = json["state"]?.string.flatMap(State.init(rawValue:)) ?? .unknown
        callerNumber = json["caller"]?["number"]?.string ?? ""
        extensionDialled = json["dialplan"]?["exten"]?.string ?? ""
        runs = json["dialplan"]?["app_name"]?.string ?? ""
        runsWith = json["dialplan"]?["app_data"]?.string ?? ""
        variables = [:]
        for (key, value) in json["channelvars"]?.object?.members ?? [] { variables[key] = value.string }
    }
}

extension ARITransfer {
    init(_ json: JSON) {
        state = json["state"]?.string
        let target = json["refer_to"]
        number = target?["requested_destination"]?["destination"]?.string ?? ""
        channel = target?["destination_channel"]?["id"]?.string
        replaces = channel != nil || target?["requested_destination"]?["protocol_id"]?.string?.isEmpty == false
    }
}

extension ARIEndpoint {
    init?(_ json: JSON?) {
        guard let technology = json?["technology"]?.string, let resource = json?["resource"]?.string else { return nil }
        self.technology = technology
        self.resource = resource
        online =
            switch json?["state"]?.string {
            case "online": true
            case "offline": false
            default: nil
            }
    }
}

extension ARIBridge {
    init?(_ json: JSON?) {
        guard let id = json?["id"]?.string, !id.isEmpty else { return nil }
        self.id = id
        name = json?["name"]?.string ?? ""
        channels = json?["channels"]?.array?.compactMap(\.string) ?? []
    }
}
