import Testing

@testable import RingsideServer

@Suite("Words that were mistyped")
struct NearestWordTests {
    @Test(
        "are recognized",
        arguments: [
            ("tenant", "tenants"), ("timezone", "timeZone"), ("nmaespace", "namespace"), ("agnets", "agents"),
            ("inboud", "inbound"), ("PASSWORD", "password"), ("xyz", nil), ("", nil),
        ] as [(String, String?)])
    func find(_ word: String, _ expected: String?) {
        let known = [
            "namespace", "timeZone", "agents", "devices", "trunks", "inbound", "limits", "password", "tenants",
        ]
        #expect(NearestWord.find(word, in: known) == expected)
    }
}
