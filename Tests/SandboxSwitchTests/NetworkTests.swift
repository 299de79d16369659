import CSTA
import SandboxSwitch
import SwitchDriver
import Testing

@Suite("The telephone network")
struct NetworkTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var number: String
        var ringLimitSeconds = 3600
        var told: [String]

        var testDescription: String { "\(number), ring limit \(ringLimitSeconds) s" }

        init(_ number: String, ringLimitSeconds: Int = 3600, _ told: String...) {
            self.number = number
            self.ringLimitSeconds = ringLimitSeconds
            self.told = told
        }
    }

    static let rows: [Row] = [
        Row("13800000000", "0 ringing x", "1000 answered x"),
        Row("13800000001", "0 ended x USER_BUSY"),
        Row("13800000002", "0 ended x SUBSCRIBER_ABSENT"),
        Row("13800000003", "0 ended x SUBSCRIBER_ABSENT"),
        Row("13800000004", "0 ended x INCOMING_CALL_BARRED"),
        Row("13800000005", "0 ringing x", "1000 ended x REDIRECTION_TO_NEW_DESTINATION"),
        Row("13800000006", "0 ended x SUBSCRIBER_ABSENT"),
        Row("13800000007", "0 ended x SERVICE_UNAVAILABLE"),
        Row("13800000008", "0 ended x UNALLOCATED_NUMBER"),
        Row("13800000009", "0 ended x USER_BUSY"),
        Row("13800000010", "0 ended x SWITCH_CONGESTION"),
        Row("13800000011", "0 ringing x", "60000 ended x NO_ANSWER"),
        Row("13800000011", ringLimitSeconds: 20, "0 ringing x", "20000 ended x NO_ANSWER"),
        Row("13800000014", "0 ended x NORMAL_UNSPECIFIED"),
        Row("13800000020", "0 ringing x", "0 answered x"),
        Row("13800000025", "0 ringing x", "5000 answered x"),
        Row("13800000025", ringLimitSeconds: 5, "0 ringing x", "5000 answered x"),
        Row("13800000025", ringLimitSeconds: 4, "0 ringing x", "4000 ended x NO_ANSWER"),
        Row("13800000029", "0 ringing x", "9000 answered x"),
        Row("13800000030", "0 ringing x", "1000 answered x", "1000 ended x NORMAL_CLEARING"),
        Row("13800000037", "0 ringing x", "1000 answered x", "8000 ended x NORMAL_CLEARING"),
        Row("13800000040", ringLimitSeconds: 3601, "0 ringing x"),
        Row("13800000040", ringLimitSeconds: 90, "0 ringing x", "90000 ended x NO_ANSWER"),
        Row("13800000041", "0 ended x CALL_REJECTED"),
        Row("13800000042", "0 ended x NORMAL_CIRCUIT_CONGESTION"),
        // Others as 00.
        Row("13800000012", "0 ringing x", "1000 answered x"),
        Row("13800000013", "0 ringing x", "1000 answered x"),
        Row("13800000019", "0 ringing x", "1000 answered x"),
        Row("13800000043", "0 ringing x", "1000 answered x"),
        Row("13800000099", "0 ringing x", "1000 answered x"),
        Row("1", "0 ringing x", "1000 answered x"),
        Row("*01#", "0 ringing x", "1000 answered x"),
        Row("+0x1", "0 ringing x", "1000 answered x"),
        // No numbers, and limits without sense.
        Row("", "0 ended x INVALID_NUMBER_FORMAT"),
        Row("138 0000 0000", "0 ended x INVALID_NUMBER_FORMAT"),
        Row("１３８00", "0 ended x INVALID_NUMBER_FORMAT"),
        Row(String(repeating: "1", count: 41), "0 ended x INVALID_NUMBER_FORMAT"),
        Row("13800000040", ringLimitSeconds: .min, "0 ringing x", "1000 ended x NO_ANSWER"),
        Row("13800000040", ringLimitSeconds: .max, "0 ringing x"),
    ]

    @Test("Each ending does within an hour what the table says", arguments: rows)
    func ending(row: Row) throws {
        let lab = try Lab()
        lab.dial("x", number: row.number, ringLimitSeconds: row.ringLimitSeconds)
        lab.pass(seconds: 3600)
        #expect(lab.takeTold() == row.told)
    }

    @Test(
        "An ending with a failed code tells that code by its cause, unless only an announcement could",
        arguments: FailedCode.allCases)
    func failedCode(code: FailedCode) throws {
        let lab = try Lab()
        lab.dial("y", number: "\(13_800_000_000 + code.rawValue)")
        lab.pass(seconds: 60)
        let cause = lab.takeEvents().compactMap {
            if case .legEnded(LegID("y"), let cause) = $0 { cause } else { nil }
        }
        let heard: FailedCode =
            switch code {
            case .callReminder, .powerOff: .notReachable
            case .holdOn: .busyNow
            default: code
            }
        #expect(cause.map { FailedCode($0) } == [heard])
    }

    @Test func `a subscriber talks until hung up, with the cause given`() throws {
        let lab = try Lab()
        lab.dial("x", number: "13800000000")
        lab.pass(seconds: 7200)
        lab.do(.hangUp(LegID("x"), cause: .managerRequest))
        #expect(lab.takeTold() == ["0 ringing x", "1000 answered x", "7200000 ended x MANAGER_REQUEST"])
    }

    @Test func `a leg that ends early leaves nothing behind`() throws {
        let lab = try Lab()
        lab.dial("x", number: "13800000029")
        lab.do(.hangUp(LegID("x"), cause: .originatorCancel))
        // The name is used again: what the first leg would have done must not happen to the second.
        lab.dial("x", number: "13800000040")
        lab.pass(seconds: 30)
        #expect(lab.takeTold() == ["0 ringing x", "0 ended x ORIGINATOR_CANCEL", "0 ringing x"])
    }

    @Test func `a slow network keeps the seconds of the table from the ringing on`() throws {
        let lab = try Lab(settings: SandboxSettings(setupMilliseconds: 20))
        lab.dial("x", number: "13800000023")
        lab.dial("y", number: "13800000001")
        lab.pass(seconds: 4)
        #expect(lab.takeTold() == ["20 ringing x", "20 ended y USER_BUSY", "3020 answered x"])
    }

    @Test func `a leg that is there cannot be dialled again, and one without a name or a trunk not at all`() throws {
        let lab = try Lab(settings: SandboxSettings(maximumLegs: 1))
        lab.dial("x", number: "13800000000", group: "nowhere")
        lab.dial("", number: "13800000000")
        lab.dial(String(repeating: "x", count: LegID.maximumBytes + 1), number: "13800000000")
        let causes = lab.takeTold().map { $0.split(separator: " ").last ?? "" }
        #expect(causes == ["NO_ROUTE_DESTINATION", "INVALID_IE_CONTENTS", "INVALID_IE_CONTENTS"])
        lab.dial("x", number: "13800000040")
        lab.dial("x", number: "13800000040")
        lab.dial("y", number: "13800000040")
        #expect(lab.takeTold() == ["0 ringing x", "0 refused x", "0 ended y SWITCH_CONGESTION"])
    }

    @Test func `a subscriber hangs up when told to, if up`() throws {
        let lab = try Lab()
        lab.dial("x", number: "13800000000")
        #expect(throws: SandboxError.notPossible(.ringing)) {
            try lab.sandbox.hangUpOutside(LegID("x"), in: lab.namespace)
        }
        lab.pass(seconds: 2)
        try lab.sandbox.hangUpOutside(LegID("x"), in: lab.namespace)
        lab.pass(milliseconds: 0)
        #expect(lab.takeTold() == ["0 ringing x", "1000 answered x", "2000 ended x NORMAL_CLEARING"])
        #expect(throws: SandboxError.unknownLeg) { try lab.sandbox.hangUpOutside(LegID("x"), in: lab.namespace) }
    }
}
