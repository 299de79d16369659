import CSTA
import SwitchDriver
import Testing

@testable import AsteriskSwitch

@Suite("Whose a line of a trunk is")
struct LineBookTests {
    private let lines = LineBook([
        TenantLines(
            namespace: namespaceOfTests, phones: [],
            trunks: [
                TrunkLine(group: "1", endpoint: "a"), TrunkLine(group: "1", endpoint: "b"),
                TrunkLine(group: "2", endpoint: "b"),
            ])
    ])

    @Test(
        "A number goes out by the member that is named, or the group's first",
        arguments: [("1", nil, "a"), ("1", "b", "b"), ("2", "b", "b"), ("2", "a", nil), ("3", nil, nil)]
            as [(String, String?, String?)])
    func dialled(group: String, member: String?, endpoint: String?) {
        #expect(lines.trunk(group: group, member: member, of: namespaceOfTests)?.endpoint == endpoint)
    }

    @Test("Who comes in on a line that two groups have comes by the first of them")
    func offered() {
        #expect(lines.trunk(endpoint: "b", number: "4001")?.line == TrunkLine(group: "1", endpoint: "b"))
        #expect(lines.isTrunk(endpoint: "b") && !lines.isTrunk(endpoint: "c"))
    }
}
