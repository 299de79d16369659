import CSTA
import Foundation
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(
        "Values are read and written as they were",
        arguments: [
            "null", "true", "false", "0", "-0", "12.50", "1E+9", "\"\"", "\"a b\"", "[]", "{}", "[1,[2,[]],{}]",
            #"{"b":1,"a":{"z":null,"y":"ü€😀"}}"#, #""\"\\\n\r\t\u0001""#,
        ])
    func roundTrip(text: String) throws {
        #expect(String(decoding: try JSON.parse(text).encoded(), as: UTF8.self) == text)
    }

    @Test(
        "Escapes",
        arguments: [
            (#""\u0041\u00fc\ud83d\ude00\/\b\f""#, "Aü😀/\u{8}\u{c}"), (#""a\"b""#, "a\"b"),
        ])
    func escapes(text: String, value: String) throws {
        #expect(try JSON.parse(text) == .string(value))
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            "", " ", "nul", "tru", "01", "1.", ".5", "+1", "1e", "-", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
            "\"\u{1}\"", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "1 2", "'a'", "[", "{", "NaN",
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try JSON.parse(text) }
    }

    @Test func badUTF8IsRefused() {
        #expect(throws: JSONError.self) { try JSON.parse([0x22, 0xFF, 0x22]) }
    }

    @Test func depthIsBounded() throws {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let error = #expect(throws: JSONError.self) { try JSON.parse(deep) }
        #expect(error?.reason == .tooDeep)
        #expect(error?.offset == 32)
        let fine = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(throws: Never.self) { try JSON.parse(fine) }
    }

    @Test func membersAreBounded() {
        let many = "{" + (0..<2000).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        #expect(throws: JSONError.self) { try JSON.parse(many) }
    }

    @Test("Random damage never traps", arguments: [UInt64(1), 2, 3])
    func damage(seed: UInt64) throws {
        var random = seed
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        let original = try Fixture.bytes("delivered.json")
        var readable = 0
        for _ in 0..<20_000 {
            var bytes = original
            for _ in 0...next(4) { bytes[next(bytes.count)] = UInt8(next(256)) }
            if let value = try? JSON.parse(bytes) {
                readable += 1
                #expect(try JSON.parse(value.encoded()) == value)
            }
        }
        #expect(readable > 0, "seed \(seed)")
    }
}

@Suite("Local time: E4")
struct LocalTimeTests {
    @Test("As the system's calendar has it")
    func calendar() throws {
        let formatter = DateFormatter()
        formatter.dateFormat = "yyyy.MM.dd HH:mm:ss"
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
        for day in stride(from: -400, through: 60_000, by: 7) {
            let milliseconds = Int64(day) * 86_400_000 + Int64(day) * 37_001
            let time = LocalTime(milliseconds: milliseconds, offsetSeconds: 8 * 3600)
            let floor = (Double(milliseconds) / 1000).rounded(.down)
            let expected = formatter.string(from: Date(timeIntervalSince1970: floor))
            #expect(time.description == expected)
            #expect(LocalTime(expected) == time)
        }
    }

    @Test(
        "What is no time",
        arguments: [
            "", "2017.03.18", "2017-03-18 14:13:24", "2017.13.18 14:13:24", "2017.02.29 14:13:24",
            "2017.03.18 24:00:00",
            "2017.03.18 14:60:24", "2017.03.18 14:13:2a", "2017.03.18 14:13:240", "0000.01.01 00:00:00",
        ])
    func refused(text: String) {
        #expect(LocalTime(text) == nil)
    }

    @Test func momentsFarAwayDoNotTrap() {
        #expect(LocalTime(milliseconds: .max, offsetSeconds: 0).description == "9999.12.31 23:59:59")
        #expect(LocalTime(milliseconds: .min, offsetSeconds: 0).description == "0001.01.01 00:00:00")
    }
}
