import CSTA
import CallCenter
import Testing

@testable import Gateway

@Suite("Lists of contacts")
struct ContactLineTests {
    private func read(_ text: String, isCSV: Bool) throws -> ContactLines {
        try ContactLines(Array(text.utf8), isCSV: isCSV)
    }

    @Test("Lines of JSON; one that cannot be read is told with its line and does not touch the others")
    func json() throws {
        let lines = try read(
            """
            {"number":"138 0000-0001","timeZone":"Asia/Shanghai","data":{"name":"李"}}

            {"number":13800000002}
            {"number":"abc"}
            nothing
            {"data":{}}
            {"number":"1","data":{"age":7}}
            {"number":"1","colour":"red"}
            ["1"]
            {"number":"+8613800000003","timeZone":null}\r

            """, isCSV: false)
        #expect(lines.contacts.map(\.line) == [1, 3, 10])
        #expect(lines.contacts.map(\.contact.number) == ["13800000001", "13800000002", "+8613800000003"])
        #expect(lines.contacts[0].contact.data["name"] == "李")
        #expect(lines.contacts[0].contact.timeZone == "Asia/Shanghai" && lines.contacts[2].contact.timeZone == nil)
        #expect(lines.refused.map(\.line) == [4, 5, 6, 7, 8, 9])
        #expect(lines.refused[0].reason == "not a number that can be dialled")
        #expect(lines.refused[4].reason == "colour: not known, or not of its kind")
    }

    @Test("RFC 4180: comma-separated values after a line of names")
    func csv() throws {
        let lines = try read(
            "\u{FEFF}name,number,timeZone,note\r\n\"Li, \"\"Lee\"\"\",13800000001,,\r\nWang,13800000002,Asia/Tokyo,x\r\n"
                + "few,1\r\n\"open,1,,\r\n\"a\"b,1,,\r\nWu,none,,\r\n",
            isCSV: true)
        #expect(lines.contacts.map(\.line) == [2, 3])
        #expect(lines.contacts[0].contact.data["name"] == "Li, \"Lee\"")
        #expect(lines.contacts[0].contact.data["note"] == nil)
        #expect(lines.contacts[1].contact.timeZone == "Asia/Tokyo")
        #expect(
            lines.refused.map(\.reason) == [
                "2 values for 4 names", "a quote is not closed", "something follows a closing quote",
                "not a number that can be dialled",
            ])
    }

    @Test(
        "A line of names without number, or with one twice, refuses the whole",
        arguments: ["name,tel", "number,number", "\"number"])
    func names(line: String) {
        #expect(throws: APIError.self) { try read("\(line)\n1,2\n", isCSV: true) }
    }

    @Test("Too many lines are refused, and too much data in one")
    func bounds() throws {
        let many = String(repeating: "{\"number\":\"1\"}\n", count: ContactLines.maximumLines)
        #expect(throws: APIError.self) { try read(many, isCSV: false) }
        let much = try read(
            #"{"number":"1","data":{"k":"\#(String(repeating: "x", count: 5000))"}}"#, isCSV: false)
        #expect(much.contacts.isEmpty && much.refused.count == 1)
        #expect(try read("", isCSV: true).contacts.isEmpty)
    }
}
