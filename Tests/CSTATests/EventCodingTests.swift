import CSTA
import Foundation
import Testing

/// The seed's samples, one a file.
private let fixtures: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: Fixture.folder.path)
    return (names ?? []).filter { $0.hasSuffix(".json") }.sorted()
}()

enum Fixture {
    static let folder = Bundle.module.bundleURL.appendingPathComponent("Fixtures")

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }
}

@Suite("Events as JSON: E1-E4, E7, E8, E12")
struct EventCodingTests {
    @Test func everySampleOfTheSeedIsThere() {
        #expect(fixtures.count == 17)
    }

    @Test("A sample is understood and written as it was: E12", arguments: fixtures)
    func roundTrip(file: String) throws {
        let bytes = try Fixture.bytes(file)
        let event = try Event(json: bytes)
        if case .unrecognized = event.body { Issue.record("\(file) was not understood") }
        #expect(event.unknownFields.isEmpty)
        #expect(event.timestamp == nil)
        let compact = String(decoding: try JSON.parse(bytes).encoded(), as: UTF8.self)
        #expect(event.json == compact)
    }

    @Test(
        "Each kind of event has a sample",
        arguments: [
            "agentLoggedOn", "agentLoggedOff", "agentReady", "agentNotReady", "agentWorkingAfterCall", "agentAllocated",
            "delivered", "established", "held", "retrieved", "transferred", "conferenced", "connectionCleared",
            "failed",
            "recordStarted", "recordStopped",
        ])
    func sampleOf(name: String) throws {
        let names = try fixtures.map { try Event(json: Fixture.bytes($0)).name }
        #expect(names.contains(name))
    }

    @Test("Fields are typed: seed 1.5")
    func deliveredFromATrunk() throws {
        let event = try Event(json: Fixture.bytes("delivered.json"))
        guard case .call(let call) = event.body, case .delivered(let delivered) = call.detail else {
            Issue.record("not delivered")
            return
        }
        #expect(event.serial == Serial(15296))
        #expect(event.namespace.name == "welljoint.cc")
        #expect(call.state == .alerting)
        #expect(call.cause == .service(.newCall))
        #expect(delivered.callingDevice.number == "33255500")
        #expect(delivered.trunkMember == "172.30.10.8")
        #expect(delivered.split?.text == "7000@welljoint.cc")
        #expect(delivered.userData?["origin_dnis"] == "5484")
    }

    @Test("Unknown fields keep their place and value, in every sample: E12", arguments: fixtures)
    func unknownFields(file: String) throws {
        let object = try #require(try JSON.parse(Fixture.bytes(file)).object)
        for place in 0...object.members.count {
            var changed = JSONObject()
            for (index, member) in object.members.enumerated() {
                if index == place { changed["x-new"] = .array([.number("1.50"), .null, .object(["a": .bool(true)])]) }
                changed[member.key] = member.value
            }
            if place == object.members.count { changed["x-new"] = .string("ü\"\\\n") }
            changed["x-last"] = .number("1e3")
            let event = try Event(object: changed)
            #expect(event.unknownFields.map(\.key) == ["x-new", "x-last"])
            #expect(try JSON.parse(event.json).object == changed)
        }
    }

    @Test("An unknown event survives: E12")
    func unknownEvent() throws {
        let text = """
            {"eventName":"agentDancing","eventTime":"2026.11.22 10:00:00","eventType":"agent","serial":7,\
            "namespace":"demo.cc","srcDeviceId":"8001@demo.cc","steps":[1,2]}
            """
        let event = try Event(json: text.utf8)
        #expect(event.body == .unrecognized(name: "agentDancing", type: "agent"))
        #expect(event.json == text)
    }

    @Test("A field that contradicts the others is kept")
    func contradiction() throws {
        let text = try String(decoding: JSON.parse(Fixture.bytes("held.json")).encoded(), as: UTF8.self)
            .replacingOccurrences(of: "\"eventSrc\":\"8002@zhen04.cc\"", with: "\"eventSrc\":\"8009@zhen04.cc\"")
        #expect(try Event(json: text.utf8).json == text)
    }

    @Test("An unknown cause survives")
    func unknownCause() throws {
        let text = try String(decoding: JSON.parse(Fixture.bytes("connectionCleared.json")).encoded(), as: UTF8.self)
            .replacingOccurrences(of: "NORMAL_CLEARING", with: "SOMETHING_ELSE")
        #expect(try Event(json: text.utf8).json == text)
    }

    @Test(
        "What is missing or wrong is named",
        arguments: [
            ("eventName", nil, EventError.missing(field: "eventName")),
            ("serial", .string("5"), .invalid(field: "serial", expected: "a whole number")),
            ("serial", .number("1.5"), .invalid(field: "serial", expected: "a whole number")),
            (
                "eventTime", .string("2017.02.29 00:00:00"),
                .invalid(field: "eventTime", expected: "a time as yyyy.MM.dd HH:mm:ss")
            ),
            ("holdingDevice", nil, .missing(field: "holdingDevice")),
            ("callId", .string(""), .invalid(field: "callId", expected: "a call id")),
            ("deviceId", .string("80 02@zhen04.cc"), .invalid(field: "deviceId", expected: "number@namespace")),
        ] as [(String, JSON?, EventError)])
    func errors(field: String, value: JSON?, error: EventError) throws {
        var object = try #require(try JSON.parse(Fixture.bytes("held.json")).object)
        object[field] = value
        #expect(throws: error) { try Event(object: object) }
    }

    @Test func aPartOfASampleIsNoEvent() throws {
        let bytes = try Fixture.bytes("delivered.json")
        for length in 0..<(bytes.count - 1) {
            #expect(throws: EventError.self) { try Event(json: bytes.prefix(length)) }
        }
    }

    @Test("Ringside's own fields stand behind the seed's: E4, E20")
    func extensions() throws {
        let device = try #require(DeviceID("8001@demo.cc"))
        let event = Event(
            time: LocalTime(milliseconds: 1_795_341_600_123, offsetSeconds: 8 * 3600), timestamp: 1_795_341_600_123,
            serial: Serial(1), namespace: device.namespace,
            body: .call(
                CallEvent(
                    source: device, call: try #require(CallID("c-1")), device: device, state: .connect,
                    detail: .established(
                        Established(
                            answeringDevice: device, callingDevice: device, calledDevice: device, callType: .outbound)))
            ))
        #expect(event.json.hasSuffix(#","callType":"Outbound","timestamp":1795341600123}"#))
        #expect(try Event(json: event.json.utf8) == event)
    }
}
