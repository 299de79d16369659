import CSTA
import SwitchDriver
import Testing

@testable import AsteriskSwitch

/// Raw messages of a real Asterisk 22.10.1 through the mapping.
struct CaptureTests {
    /// A capture, the legs that were dialled in it, and what is told.
    struct Scenario: Sendable, CustomTestStringConvertible {
        var capture: String
        var dialled: [String: Endpoint]
        var told: [String]
        var testDescription: String { capture }
    }

    static let scenarios: [Scenario] = [
        Scenario(
            capture: "01-register", dialled: [:],
            told: ["deviceUnregistered 8001@zhen04.cc"]),
        Scenario(
            capture: "02b-click-to-dial-create-dial",
            dialled: ["d1": .phone(device("8001")), "d2": .phone(device("8002"))],
            told: [
                "legRinging d1", "legAnswered d1", "legRinging d2", "legAnswered d2", "legEnded d2 NORMAL_CLEARING",
                "legEnded d1 NORMAL_CLEARING",
            ]),
        Scenario(
            capture: "03-inbound-trunk-sipp", dialled: ["ag": .phone(device("8003"))],
            told: [
                "legOffered pbx-1795335282.4 trunk tg pstn +15551234567 dialled 18005551000", "legRinging ag",
                "legAnswered ag", "legAnswered pbx-1795335282.4", "legEnded pbx-1795335282.4 NORMAL_CLEARING",
                "legEnded ag NORMAL_CLEARING",
            ]),
        Scenario(
            capture: "05-caller-cancels", dialled: [:],
            told: [
                "legOffered pbx-1795335448.72 trunk tg pstn +15551112222 dialled 18005551000",
                "legEnded pbx-1795335448.72 ORIGINATOR_CANCEL",
            ]),
        Scenario(
            capture: "06-trunk-outbound-sipp",
            dialled: [
                "oa": .phone(device("8003")), "ot": .external(number: "18005551000", trunkGroup: "tg"),
            ],
            told: [
                "legRinging oa", "legAnswered oa", "legRinging ot", "legAnswered ot", "legEnded oa NORMAL_CLEARING",
                "legEnded ot NORMAL_CLEARING",
            ]),
        Scenario(
            capture: "07-hold-by-reinvite", dialled: ["h2": .phone(device("8002"))],
            told: [
                "legOffered pbx-1795335607.109 phone 8001@zhen04.cc dialled 8002", "legRinging h2", "legAnswered h2",
                "legAnswered pbx-1795335607.109", "legHeld pbx-1795335607.109", "legRetrieved pbx-1795335607.109",
                "legHeld h2", "legRetrieved h2", "legHeld pbx-1795335607.109", "legHeld h2",
                "legRetrieved pbx-1795335607.109", "legRetrieved h2",
                "legHeld pbx-1795335607.109", "legEnded pbx-1795335607.109 NORMAL_CLEARING",
                "legEnded h2 NORMAL_CLEARING",
            ]),
        Scenario(
            capture: "08-hold-by-ari-moh", dialled: ["m2": .phone(device("8002"))],
            told: [
                "legOffered pbx-1795335614.111 phone 8001@zhen04.cc dialled 8002", "legRinging m2", "legAnswered m2",
                "legAnswered pbx-1795335614.111", "legEnded pbx-1795335614.111 NORMAL_CLEARING",
                "legEnded m2 NORMAL_CLEARING",
            ]),
        Scenario(
            capture: "19-baresip-phones", dialled: ["v2": .phone(device("8005"))],
            told: [
                "legOffered pbx-1795336182.191 phone 8004@zhen04.cc dialled 8005", "legRinging v2", "legAnswered v2",
                "legAnswered pbx-1795336182.191", "legHeld pbx-1795336182.191", "legRetrieved pbx-1795336182.191",
                "transferRequested v2 to 8006", "legEnded v2 NORMAL_CLEARING",
                "legEnded pbx-1795336182.191 NORMAL_CLEARING",
            ]),
        Scenario(
            capture: "20-remote-answer-notify-talk", dialled: ["ta-create": .phone(device("8001"))],
            told: [
                "legRinging ta-create", "legAnswered ta-create", "legHeld ta-create", "legRetrieved ta-create",
                "legEnded ta-create NORMAL_CLEARING",
            ]),
        Scenario(
            capture: "24-second-controller-same-app", dialled: ["se2": .phone(device("8002"))],
            told: [
                "legOffered pbx-1795336489.260 phone 8001@zhen04.cc dialled 8002", "legRinging se2",
                "legAnswered se2", "legAnswered pbx-1795336489.260",
            ]),
        Scenario(
            capture: "09-consult-and-attended-transfer-by-ari",
            dialled: ["x2": .phone(device("8002")), "x3": .phone(device("8003"))],
            told: [
                "legOffered pbx-1795335624.117 phone 8001@zhen04.cc dialled 8002", "legRinging x2", "legAnswered x2",
                "legAnswered pbx-1795335624.117", "legRinging x3", "legAnswered x3", "legEnded x2 NORMAL_CLEARING",
                "legEnded x3 NORMAL_CLEARING", "legEnded pbx-1795335624.117 NORMAL_CLEARING",
            ]),
        Scenario(
            capture: "10-three-way", dialled: ["t2": .phone(device("8002")), "t3": .phone(device("8003"))],
            told: [
                "legOffered pbx-1795335628.120 phone 8001@zhen04.cc dialled 8002", "legRinging t2", "legAnswered t2",
                "legAnswered pbx-1795335628.120", "legRinging t3", "legAnswered t3", "legEnded t2 NORMAL_CLEARING",
                "legEnded t3 NORMAL_CLEARING", "legEnded pbx-1795335628.120 NORMAL_CLEARING",
            ]),
        Scenario(
            capture: "15-refer-blind-ari-only",
            dialled: ["R2": .phone(device("8002")), "R4": .phone(device("8002"))],
            told: [
                "legOffered pbx-1795335921.167 phone 8001@zhen04.cc dialled 8002", "legRinging R2", "legAnswered R2",
                "legAnswered pbx-1795335921.167", "transferRequested pbx-1795335921.167 to 8003",
                "legEnded pbx-1795335921.167 NORMAL_CLEARING", "legEnded R2 NORMAL_CLEARING",
                "legOffered pbx-1795335923.169 phone 8001@zhen04.cc dialled 8002", "legRinging R4", "legAnswered R4",
                "legAnswered pbx-1795335923.169", "transferRequested R4 to 8003", "transferRequested R4 to 8003",
                "transferRequested R4 to 8003", "transferRequested R4 to 8003", "legEnded R4 NORMAL_CLEARING",
                "legEnded pbx-1795335923.169 NORMAL_CLEARING",
            ]),
        Scenario(
            capture: "16-refer-attended-ari-only",
            dialled: ["S2": .phone(device("8002")), "S3": .phone(device("8003"))],
            told: [
                "legOffered pbx-1795335926.171 phone 8001@zhen04.cc dialled 8002", "legRinging S2", "legAnswered S2",
                "legAnswered pbx-1795335926.171", "legHeld pbx-1795335926.171",
                "legOffered pbx-1795335927.173 phone 8001@zhen04.cc dialled 8003", "legRinging S3", "legAnswered S3",
                "legAnswered pbx-1795335927.173", "transferRequested pbx-1795335926.171 to leg pbx-1795335927.173",
                "legEnded pbx-1795335926.171 NORMAL_CLEARING", "legEnded pbx-1795335927.173 NORMAL_CLEARING",
                "legEnded S2 NORMAL_CLEARING", "legEnded S3 NORMAL_CLEARING",
            ]),
    ]

    @Test(arguments: scenarios)
    func replays(scenario: Scenario) throws {
        var replay = Replay()
        for (leg, endpoint) in scenario.dialled { replay.dial(leg, endpoint) }
        try replay.play(scenario.capture)
        #expect(replay.told == scenario.told)
    }

    /// Started twice, told once; ended by a stop, and by the last party's leaving.
    @Test func `Recordings of a bridge are told once`() throws {
        var replay = Replay()
        let mix = MixID("rb")
        replay.dial("r2", .phone(device("8002")), mix: "rb")
        replay.feed(.message(.stasisStart(Self.entered("r2"), arguments: ["dialled"])))
        for name in ["call-1", "sub/dir/call-2", "call-3"] {
            let id = RecordingID(name.replacing("/", with: "_"))
            replay.do(.startRecording(RecordingRequest(recording: id, mix: mix, path: name + ".wav")))
        }
        try replay.play("12-record-bridge")
        #expect(
            replay.told.filter { $0.hasPrefix("recording") } == [
                "recordingStarted call-1", "recordingEnded call-1 true", "recordingStarted sub_dir_call-2",
                "recordingStarted call-3", "recordingEnded sub_dir_call-2 true", "recordingEnded call-3 true",
            ])
        let notes = replay.sent.filter { $0.path == "/asterisk/variable" }.map(\.query)
        #expect(notes.count { $0.count == 2 } == 3)
        #expect(notes.count { $0.count == 1 } == 3)
        #expect(notes.first?.map(\.value) == ["RINGSIDE_RECORDING_call-1", "zhen04.cc call-1"])
        #expect(replay.machine.recordings.isEmpty)
        #expect(replay.machine.recordingOfName.isEmpty)
    }

    private static func entered(_ id: String) -> ARIChannel {
        ARIChannel(
            id: id, name: "PJSIP/8002-1", state: .down, callerNumber: "", extensionDialled: "s", runs: "Stasis",
            runsWith: "csta,dialled", variables: [:])
    }

    /// How the called phone ended the call, and what is told of it.
    static let refusals: [(how: String, cause: HangupCause)] = [
        ("403", .callRejected), ("404", .unallocatedNumber), ("408", .noUserResponse), ("410", .numberChanged),
        ("433", .interworking), ("480", .noUserResponse), ("484", .invalidNumberFormat), ("486", .userBusy),
        ("488", .bearerCapabilityNotAvailable), ("500", .networkOutOfOrder), ("502", .destinationOutOfOrder),
        ("503", .normalCircuitCongestion), ("600", .userBusy), ("603", .callRejected),
        ("606", .bearerCapabilityNotAvailable), ("answered-elsewhere", .loseRace), ("noanswer", .noAnswer),
        ("phone-gone", .noUserResponse), ("ring-then-486", .userBusy), ("ring-then-603", .callRejected),
        ("silent-phone", .noUserResponse),
    ]

    @Test(arguments: refusals)
    func refuses(how: String, cause: HangupCause) throws {
        var replay = Replay()
        let leg = "04-fail-\(how)-create"
        replay.dial(leg, .phone(device("8002")))
        try replay.play("04-fail-\(how)")
        #expect(replay.told.last == "legEnded \(leg) \(cause.rawValue)")
        #expect(replay.told.count { $0.hasPrefix("legEnded") } == 1)
    }

    /// Every cause that ARI is told comes back as what was meant.
    @Test(arguments: HangupCause.allCases)
    func saysWhy(cause: HangupCause) {
        guard case .q850(let code) = HangupReason(cause) else { return }
        let end = ChannelEnd(
            cause: code, sipStatus: nil, dialled: false, rang: false, answered: false, timedOut: false)
        let meant: [HangupCause: HangupCause] = [
            .userNotRegistered: .subscriberAbsent, .gatewayDown: .networkOutOfOrder, .progressTimeout: .noUserResponse,
        ]
        #expect(HangupCause(end) == meant[cause] ?? cause)
    }

    @Test func `A caller who gives up while the answer is on its way has hung up`() {
        let end = ChannelEnd(
            cause: 127, sipStatus: 487, dialled: false, rang: false, answered: true, timedOut: false)
        #expect(HangupCause(end) == .normalClearing)
    }

    @Test func `Other applications' channels are left alone`() throws {
        var replay = Replay()
        for line in try Replay.lines(of: "02b-click-to-dial-create-dial") where !line.contains("StasisStart") {
            replay.feed(.message(try #require(ARIMessage(line.utf8))))
        }
        #expect(replay.told.isEmpty)
        #expect(replay.sent.isEmpty)
    }
}
