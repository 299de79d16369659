import CSTA
import SwitchDriver

/// A request to Asterisk's REST interface.
struct ARIRequest: Hashable, Sendable {
    enum Method: String, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    var method: Method
    /// Below `/ari`, each component encoded: `/channels/a%20b/dial`.
    var path: String
    var query: [Field] = []
    var body: JSON?

    struct Field: Hashable, Sendable {
        var name: String
        var value: String
    }

    /// `/ari/channels/create?endpoint=PJSIP%2F8001&…`
    var target: String {
        let fields = query.map { "\($0.name)=\($0.value.percentEncoded)" }.joined(separator: "&")
        return "/ari" + path + (fields.isEmpty ? "" : "?" + fields)
    }

    private init(_ method: Method, _ path: String..., query: KeyValuePairs<String, String> = [:], body: JSON? = nil) {
        self.method = method
        self.path = "/" + path.map(\.percentEncoded).joined(separator: "/")
        self.query = query.map { Field(name: $0.key, value: $0.value) }
        self.body = body
    }
}

/// What came of a request.
enum ARIReply: Hashable, Sendable {
    case success(JSON?)
    /// Asterisk said no, with this HTTP status.
    case refused(status: Int)
    /// No answer, or none in time: it may have been carried out.
    case lost
}

extension ARIRequest {
    /// Event types without use to the driver; Asterisk need not send them.
    static let unwantedTypes = [
        "ChannelVarset", "ChannelDialplan", "ChannelCallerId", "ChannelConnectedLine", "ChannelCreated",
        "ContactStatusChange", "DeviceStateChanged",
    ]
    /// What each channel that Ringside has to do with carries: the tenant's namespace. `channelvars` in ari.conf names
    /// it.
    static let namespaceVariable = "RINGSIDE_NS"
    /// The argument of our own outgoing channels at StasisStart.
    static let dialledArgument = "dialled"

    static func filterEvents(application: String, without types: [String] = unwantedTypes) -> Self {
        let types = types.map { JSON.object(["type": .string($0)]) }
        return Self(
            .put, "applications", application, "eventFilter", body: .object(["disallowed": .array(types)]))
    }

    static let channels = Self(.get, "channels")
    static let bridges = Self(.get, "bridges")
    static let endpoints = Self(.get, "endpoints")
    /// When it was started, and loaded anew.
    static let status = Self(.get, "asterisk", "info", query: ["only": "status"])

    static func channel(_ id: String) -> Self { Self(.get, "channels", id) }

    /// - dialString: `PJSIP/8001` or `PJSIP/18005551000@pstn`.
    static func create(
        _ id: String, dialString: String, application: String, variables: KeyValuePairs<String, String>
    ) -> Self {
        var members = JSONObject()
        for (name, value) in variables { members[name] = .string(value) }
        return Self(
            .post, "channels", "create",
            query: ["endpoint": dialString, "app": application, "appArgs": dialledArgument, "channelId": id],
            body: .object(["variables": .object(members)]))
    }

    static func dial(_ id: String, timeoutSeconds: Int) -> Self {
        Self(.post, "channels", id, "dial", query: ["timeout": String(timeoutSeconds)])
    }

    static func answer(_ id: String) -> Self { Self(.post, "channels", id, "answer") }

    static func hangUp(_ id: String, reason: HangupReason) -> Self {
        switch reason {
        case .named(let name): Self(.delete, "channels", id, query: ["reason": name])
        case .q850(let code): Self(.delete, "channels", id, query: ["reason_code": String(code)])
        }
    }

    static func setVariable(_ id: String, _ name: String, _ value: String) -> Self {
        Self(.post, "channels", id, "variable", query: ["variable": name, "value": value])
    }

    /// Tells a phone that sent REFER what became of it.
    static func answerTransfer(_ id: String, isAccepted: Bool) -> Self {
        let state = isAccepted ? "channel_answered" : "channel_declined"
        return Self(.post, "channels", id, "transfer_progress", query: ["states": state])
    }

    /// The ringing tone, until something is heard.
    static func startRingback(_ id: String) -> Self { Self(.post, "channels", id, "ring") }
    static func stopRingback(_ id: String) -> Self { Self(.delete, "channels", id, "ring") }

    /// `proxy_media` keeps the bridge from native RTP, in which music would double the stream.
    static func makeBridge(_ mix: MixID, name: String) -> Self {
        Self(.post, "bridges", mix.text, query: ["type": "mixing,proxy_media", "name": name])
    }

    static func bridge(_ mix: MixID) -> Self { Self(.get, "bridges", mix.text) }
    static func endBridge(_ mix: MixID) -> Self { Self(.delete, "bridges", mix.text) }

    /// What a channel says does not come through while it is muted; it stays so until it is added anew.
    static func add(_ channel: String, to mix: MixID, as part: MixPart) -> Self {
        switch part {
        case .talker: Self(.post, "bridges", mix.text, "addChannel", query: ["channel": channel])
        case .listener:
            Self(.post, "bridges", mix.text, "addChannel", query: ["channel": channel, "mute": "true"])
        }
    }

    static func remove(_ channel: String, from mix: MixID) -> Self {
        Self(.post, "bridges", mix.text, "removeChannel", query: ["channel": channel])
    }

    static func startMusic(_ mix: MixID) -> Self { Self(.post, "bridges", mix.text, "moh") }
    static func stopMusic(_ mix: MixID) -> Self { Self(.delete, "bridges", mix.text, "moh") }

    static func sayDigits(_ digits: String, to mix: MixID) -> Self {
        Self(.post, "bridges", mix.text, "play", query: ["media": "digits:" + digits])
    }

    /// A sound that Asterisk does not have is silence.
    static func play(_ sound: SoundName, to mix: MixID) -> Self {
        Self(.post, "bridges", mix.text, "play", query: ["media": "sound:" + sound.text])
    }

    /// Asterisk makes the folders that are in the name, and adds `.wav`.
    static func record(_ mix: MixID, name: String) -> Self {
        Self(
            .post, "bridges", mix.text, "record", query: ["name": name, "format": "wav", "ifExists": "fail"])
    }

    static func liveRecording(_ name: String) -> Self { Self(.get, "recordings", "live", name) }
    static func storedRecording(_ name: String) -> Self { Self(.get, "recordings", "stored", name) }
    static func pauseRecording(_ name: String) -> Self { Self(.post, "recordings", "live", name, "pause") }
    static func resumeRecording(_ name: String) -> Self { Self(.delete, "recordings", "live", name, "pause") }
    static func stopRecording(_ name: String) -> Self { Self(.post, "recordings", "live", name, "stop") }

    /// Global variables outlive us, and go with Asterisk. Without a value it is removed.
    static func setGlobal(_ name: String, _ value: String?) -> Self {
        value.map { Self(.post, "asterisk", "variable", query: ["variable": name, "value": $0]) }
            ?? Self(.post, "asterisk", "variable", query: ["variable": name])
    }
    static func global(_ name: String) -> Self { Self(.get, "asterisk", "variable", query: ["variable": name]) }
}

extension String {
    /// All but RFC 3986's unreserved characters as `%XX`.
    fileprivate var percentEncoded: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
