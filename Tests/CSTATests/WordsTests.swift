import CSTA
import Testing

@Suite("Identifiers and causes")
struct WordsTests {
    @Test(
        "Addresses",
        arguments: [
            ("8001@demo.cc", true), ("+4930123@a", true), ("*97#@demo.cc", true), ("8001", false), ("@demo.cc", false),
            ("8001@", false), ("80 01@demo.cc", false), ("8001@demo cc", false), ("8001|@demo.cc", false),
            ("८००१@demo.cc", false), (String(repeating: "1", count: 41) + "@demo.cc", false),
        ])
    func addresses(text: String, isValid: Bool) {
        #expect((DeviceID(text) != nil) == isValid)
    }

    @Test func partsOfAnAddress() throws {
        let device = try #require(DeviceID("8001@demo.cc"))
        #expect(device.number == "8001")
        #expect(device.namespace.name == "demo.cc")
        #expect(device.isIn(device.namespace))
        #expect(!device.isIn(try #require(Namespace("mo.cc"))))
        #expect(!device.isIn(try #require(Namespace("x.demo.cc"))))
    }

    @Test func connections() throws {
        let connection = try #require(ConnectionID("8001@demo.cc|c-1"))
        #expect(connection.description == "8001@demo.cc|c-1")
        #expect(ConnectionID("8001@demo.cc") == nil)
        #expect(ConnectionID("8001@demo.cc|") == nil)
        #expect(ConnectionID("8001@demo.cc|a|b") == nil)
    }

    @Test(
        "failedCode from signalling: E19",
        arguments: [
            (HangupCause.userBusy, 1), (.subscriberAbsent, 3), (.noUserResponse, 3), (.destinationOutOfOrder, 3),
            (.callRejected, 4), (.incomingCallBarred, 4), (.redirectionToNewDestination, 5),
            (.facilityNotSubscribed, 7),
            (.serviceUnavailable, 7), (.unallocatedNumber, 8), (.invalidNumberFormat, 8), (.noRouteDestination, 8),
            (.numberChanged, 8), (.normalCircuitCongestion, 10), (.switchCongestion, 10), (.networkOutOfOrder, 10),
            (.normalTemporaryFailure, 10), (.requestedChannelUnavailable, 10), (.noAnswer, 11), (.allottedTimeout, 11),
            (.recoveryOnTimerExpire, 11), (.normalClearing, 14), (.interworking, 14),
        ])
    func failedCode(cause: HangupCause, code: Int) {
        #expect(FailedCode(cause).rawValue == code)
    }

    @Test func failedMessagesAreTheSeeds() {
        #expect(
            FailedCode.allCases.map(\.message) == [
                "busy now", "call reminder", "not reachable", "barring of incomming", "forwarded", "power off",
                "out of service", "does not exist", "hold on", "line is busy", "not answer", "unknown",
            ])
    }
}
