import CSTA
import SwitchDriver
import Testing

@testable import AsteriskSwitch

/// Commands in, requests and told events out.
struct StateMachineTests {
    private static func channel(_ id: String, _ name: String, _ state: ARIChannel.State) -> ARIChannel {
        ARIChannel(
            id: id, name: name, state: state, callerNumber: "", extensionDialled: "s", runs: "Stasis",
            runsWith: "csta,dialled", variables: ["RINGSIDE_NS": "zhen04.cc"])
    }

    private static func start(_ id: String, _ number: String = "8003") -> ARIStateMachine.Input {
        .message(.stasisStart(channel(id, "PJSIP/\(number)-1", .down), arguments: ["dialled"]))
    }

    private static func destroyed(_ id: String, _ cause: Int) -> ARIStateMachine.Input {
        .message(.destroyed(channel(id, "PJSIP/8003-1", .down), cause: cause, sipStatus: nil))
    }

    @Test func `A dial is create, StasisStart, bridge, add, dial, in that order`() {
        var replay = Replay(repliesAtOnce: false)
        replay.dial("a", .phone(device("8003")), mix: "m")
        #expect(replay.sent.map(\.path) == ["/channels/create"])
        #expect(replay.sent[0].target.contains("endpoint=PJSIP%2F8003&app=csta&appArgs=dialled&channelId=a"))
        let variables = replay.sent[0].body?["variables"]
        #expect(variables?["RINGSIDE_NS"]?.string == "zhen04.cc")
        #expect(variables?["CONNECTEDLINE(num,i)"]?.string == "4001")
        #expect(variables?["CONNECTEDLINE(name)"]?.string == "Support")
        replay.reply(.success(nil))
        #expect(replay.open.isEmpty, "nothing is asked before StasisStart")
        replay.feed(Self.start("a"))
        for _ in 0..<3 { replay.reply(.success(nil)) }
        #expect(
            replay.sent.map(\.path) == [
                "/channels/create", "/bridges/m", "/bridges/m/addChannel", "/channels/a/dial",
            ])
        #expect(replay.sent[1].target == "/ari/bridges/m?type=mixing%2Cproxy_media&name=ringside%20zhen04.cc")
        #expect(replay.sent[3].target == "/ari/channels/a/dial?timeout=20")
        #expect(replay.told.isEmpty)
    }

    @Test func `StasisStart may overtake the reply to create`() {
        var replay = Replay(repliesAtOnce: false)
        replay.dial("a", .phone(device("8003")))
        replay.feed(Self.start("a"))
        replay.reply(.success(nil))
        #expect(replay.sent.last?.path == "/channels/a/dial")
    }

    @Test func `A phone that is not registered is not tried`() {
        var replay = Replay()
        replay.dial("a", .phone(device("8010")))
        #expect(replay.told == ["legEnded a SUBSCRIBER_ABSENT"])
        #expect(replay.sent.isEmpty)
    }

    @Test(arguments: ["", "1 2", "911@evil", "1&PJSIP/8001", String(repeating: "1", count: 41)])
    func `What is no number is not dialled`(number: String) {
        var replay = Replay()
        replay.dial("a", .external(number: number, trunkGroup: "tg"))
        #expect(replay.told == ["legEnded a INVALID_NUMBER_FORMAT"])
        #expect(replay.sent.isEmpty)
    }

    @Test(arguments: [
        (ARIReply.refused(status: 500), "SUBSCRIBER_ABSENT"), (.refused(status: 409), "REQUESTED_CHAN_UNAVAIL"),
        (.refused(status: 400), "NORMAL_TEMPORARY_FAILURE"), (.lost, "NORMAL_TEMPORARY_FAILURE"),
    ])
    func `A creation that fails ends the leg once`(reply: ARIReply, cause: String) {
        var replay = Replay(repliesAtOnce: false)
        replay.dial("a", .phone(device("8003")))
        replay.reply(reply)
        #expect(replay.told == ["legEnded a \(cause)"])
        // It had been carried out all the same.
        replay.feed(Self.start("a"))
        #expect(replay.sent.last?.target == "/ari/channels/a?reason=normal")
        replay.feed(Self.destroyed("a", 16))
        replay.ring()
        #expect(replay.told == ["legEnded a \(cause)"])
    }

    @Test func `A leg that never comes to Stasis is given up`() {
        var replay = Replay()
        replay.dial("a", .phone(device("8003")))
        replay.ring()
        #expect(replay.sent.last?.path == "/channels/a")
        replay.feed(Self.destroyed("a", 16))
        #expect(replay.told == ["legEnded a NORMAL_TEMPORARY_FAILURE"])
    }

    @Test func `A hang-up whose channel is never told as destroyed is looked after`() {
        var replay = Replay(repliesAtOnce: false)
        replay.dial("a", .phone(device("8003")))
        replay.feed(Self.start("a"))
        replay.reply(.success(nil))
        replay.reply(.success(nil))
        replay.do(.hangUp(LegID("a"), cause: .loseRace))
        #expect(replay.sent.last?.target == "/ari/channels/a?reason=answered_elsewhere")
        replay.reply(.success(nil))
        replay.ring()
        #expect(replay.sent.last?.method == .get)
        replay.reply(.refused(status: 404))
        #expect(replay.told == ["legEnded a LOSE_RACE"])
    }

    @Test func `Commands of one mix wait for each other, those of another do not`() {
        var replay = Replay(repliesAtOnce: false)
        for (leg, number) in [("a", "8003"), ("b", "8004")] {
            replay.dial(leg, .phone(device(number)))
            replay.feed(Self.start(leg, number))
            replay.reply(.success(nil))
            replay.reply(.success(nil))
        }
        replay.sent = []
        let (m, n) = (MixID("m"), MixID("n"))
        replay.do(.connect(LegID("a"), mix: m), .startMusic(m), .connect(LegID("b"), mix: n), .takeOut(LegID("a")))
        #expect(replay.sent.map(\.path) == ["/bridges/m", "/bridges/n"])
        replay.reply(.success(nil))
        replay.reply(.success(nil))
        replay.reply(.success(nil))
        #expect(replay.told == ["legConnected a m"])
        #expect(
            replay.sent.map(\.path) == [
                "/bridges/m", "/bridges/n", "/bridges/m/addChannel", "/bridges/n/addChannel", "/bridges/m/moh",
            ])
        for _ in 0..<3 { replay.reply(.success(nil)) }
        #expect(replay.told == ["legConnected a m", "legConnected b n", "legTakenOut a"])
    }

    @Test func `A hang-up overtakes a dial that waits`() {
        var replay = Replay(repliesAtOnce: false)
        replay.do(.startMusic(MixID("m")))
        replay.dial("a", .phone(device("8003")), mix: "m")
        replay.do(.hangUp(LegID("a"), cause: .originatorCancel))
        #expect(replay.told == ["legEnded a ORIGINATOR_CANCEL"])
        #expect(replay.sent.map(\.path) == ["/bridges/m"])
    }

    @Test func `A queue has a bound, and a hang-up goes past it`() {
        var replay = Replay(repliesAtOnce: false)
        replay.dial("a", .phone(device("8003")))
        for _ in 0..<ARIStateMachine.maximumJobsPerQueue { replay.do(.answer(LegID("a"))) }
        #expect(replay.told == ["commandRefused a"])
        #expect(replay.ignored.contains(.queueFull))
        replay.do(.hangUp(LegID("a"), cause: .normalClearing), .hangUp(LegID("a"), cause: .userBusy))
        #expect(replay.machine.queues[.leg(LegID("a"))]?.count == ARIStateMachine.maximumJobsPerQueue + 1)
    }

    @Test func `Commands while the link is down are dropped, and old replies mean nothing`() {
        var replay = Replay(repliesAtOnce: false)
        replay.dial("a", .phone(device("8003")))
        replay.feed(.linkDown)
        replay.feed(.linkDown)
        replay.dial("b", .phone(device("8004")))
        replay.reply(.success(nil))
        #expect(replay.told == ["linkDown"])
        replay.feed(.linkUp(ARISnapshot(), held: []))
        #expect(replay.told == ["linkDown", "linkUp "])
        // Created behind our back after all.
        replay.feed(Self.start("a"))
        #expect(replay.sent.last?.target == "/ari/channels/a?reason=normal")
        #expect(replay.told == ["linkDown", "linkUp "])
    }

    @Test
    func
        `A snapshot is told again from what is known, with nothing asked of Asterisk, and only while the link is there`()
    {
        var replay = Replay()
        replay.dial("a", .phone(device("8003")))
        replay.feed(Self.start("a"))
        let sent = replay.sent.count
        replay.feed(.resynchronise(device("8003").namespace))
        #expect(replay.told == ["linkUp a=pending"])
        #expect(replay.sent.count == sent)
        replay.feed(.linkDown)
        replay.feed(.resynchronise(device("8003").namespace))
        #expect(replay.told == ["linkUp a=pending", "linkDown"])
    }

    @Test func `What came while the snapshot was read follows it`() {
        var replay = Replay()
        replay.feed(.linkDown)
        var offered = Self.channel("pbx-1.1", "PJSIP/8001-1", .ring)
        offered.runsWith = "csta,phone,8002"
        offered.variables = [:]
        let up = Self.channel("a", "PJSIP/8003-2", .up)
        var foreign = Self.channel("x", "PJSIP/8004-3", .up)
        foreign.runs = "Dial"
        var stuck = Self.channel("stuck", "PJSIP/8005-4", .down)
        stuck.variables["RINGSIDE_NS"] = "zhen04.cc"
        let snapshot = ARISnapshot(channels: [offered, up, foreign, stuck])
        replay.feed(
            .linkUp(
                snapshot,
                held: [
                    .stasisStart(offered, arguments: ["phone", "8002"]),
                    .destroyed(up, cause: 16, sipStatus: nil),
                ]))
        #expect(
            replay.told == [
                "linkDown", "linkUp a=up", "legOffered pbx-1.1 phone 8001@zhen04.cc dialled 8002",
                "legEnded a NORMAL_CLEARING",
            ])
        #expect(replay.sent.contains { $0.target == "/ari/channels/stuck?reason=normal" })
        #expect(!replay.sent.contains { $0.path.contains("/channels/x") })
    }

    @Test func `A leg that the dialplan had answered is told as answered when it is asked to`() {
        var replay = Replay()
        let channel = Self.channel("pbx-1.1", "PJSIP/8001-1", .up)
        replay.feed(.message(.stasisStart(channel, arguments: ["phone", "8002"])))
        replay.do(.answer(LegID("pbx-1.1")))
        #expect(
            replay.told == [
                "legOffered pbx-1.1 phone 8001@zhen04.cc dialled 8002", "legAnswered pbx-1.1",
            ])
    }
}
