import CSTA
import SandboxSwitch
import SwitchDriver
import Testing

@Suite("Customers")
struct CustomerTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var from: String
        /// When the call is answered; nil: never.
        var answeredSeconds: Int?
        /// When the customer is gone; nil: not within an hour.
        var endedSeconds: Int?
        var cause: HangupCause = .normalClearing

        var testDescription: String { "\(from), answered \(answeredSeconds.map { "after \($0) s" } ?? "never")" }
    }

    static let rows = [
        Row(from: "13800000000", endedSeconds: 60, cause: .originatorCancel),
        Row(from: "13800000000", answeredSeconds: 59),
        Row(from: "13800000001", endedSeconds: 60, cause: .originatorCancel),
        Row(from: "13800000025", answeredSeconds: 1),
        Row(from: "13800000030", answeredSeconds: 2, endedSeconds: 2),
        Row(from: "13800000037", answeredSeconds: 2, endedSeconds: 9),
        Row(from: "13800000037", endedSeconds: 60, cause: .originatorCancel),
        Row(from: "13800000040"),
        Row(from: "13800000040", answeredSeconds: 3000),
        Row(from: "13800000041", endedSeconds: 5, cause: .originatorCancel),
        Row(from: "13800000041", answeredSeconds: 4),
        Row(from: "anonymous", endedSeconds: 60, cause: .originatorCancel),
        Row(from: "9", endedSeconds: 60, cause: .originatorCancel),
    ]

    @Test("A customer waits and talks as the number says", arguments: rows)
    func waits(row: Row) throws {
        let lab = try Lab()
        let leg = try lab.customerCalls(from: row.from)
        var told = ["0 offered sb1-0-1 pstn/pstn \(row.from) -> 4001"]
        if let seconds = row.answeredSeconds {
            lab.pass(seconds: seconds)
            lab.do(.answer(leg))
            told.append("\(seconds)000 answered sb1-0-1")
        }
        if let seconds = row.endedSeconds { told.append("\(seconds)000 ended sb1-0-1 \(row.cause.rawValue)") }
        lab.pass(seconds: 3600)
        #expect(lab.takeTold() == told)
    }

    @Test func `a customer reaches the tenant whose number it is, and no other`() throws {
        let lab = try Lab()
        try lab.customerCalls(from: "13800000000", to: "5001")
        #expect(lab.takeTold() == [])
        #expect(throws: SandboxError.unknownNumber) { try lab.customerCalls(from: "13800000000", to: "6001") }
        #expect(throws: SandboxError.invalidNumber) { try lab.customerCalls(from: "", to: "4001") }
        #expect(throws: SandboxError.invalidNumber) { try lab.customerCalls(from: "13800000000", to: "4 001") }
        #expect(lab.takeTold() == [])
    }

    @Test func `a tenant without inbound numbers gets all that are no other's, if it has a trunk`() throws {
        let lab = try Lab()
        var all = try Lab.lines(lab.namespace, inbound: [])
        let one = try Lab.lines(lab.other, inbound: ["4001"])
        let sandbox = SandboxSwitch(tenants: [all, one], namePrefix: "sb", time: SandboxTime(lab.clock))
        #expect(try sandbox.customerCalls(from: "1", to: "4001") == LegID("sb-1-1"))
        #expect(try sandbox.customerCalls(from: "1", to: "4002") == LegID("sb-0-1"))
        all.trunks = []
        let bare = SandboxSwitch(tenants: [all], namePrefix: "sb", time: SandboxTime(lab.clock))
        #expect(throws: SandboxError.noTrunk) { try bare.customerCalls(from: "1", to: "4002") }
    }

    @Test func `legs of different tenants have different names, however long the prefix`() throws {
        let lab = try Lab()
        let lines = [
            try Lab.lines(lab.namespace, inbound: ["4001"]), try Lab.lines(lab.other, inbound: ["5001"]),
        ]
        let prefix = String(repeating: "é", count: 500)
        let sandbox = SandboxSwitch(tenants: lines, namePrefix: prefix, time: SandboxTime(lab.clock))
        let legs = [
            try sandbox.customerCalls(from: "1", to: "4001"), try sandbox.customerCalls(from: "1", to: "5001"),
        ]
        #expect(legs.map { $0.text.drop { $0 == "é" } } == ["-0-1", "-1-1"])
        #expect(legs.allSatisfy { $0.text.utf8.count <= LegID.maximumBytes })
    }

    @Test func `an offered customer is refused`() throws {
        let lab = try Lab()
        lab.do(.hangUp(try lab.customerCalls(from: "13800000000"), cause: .userBusy))
        lab.pass(seconds: 3600)
        #expect(lab.takeTold().dropFirst() == ["0 ended sb1-0-1 USER_BUSY"])
    }
}
