import Foundation
import RingsideServer
import Testing

/// A file with mistakes, and what is said about them.
struct BadFile: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let expected: [String]
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ expected: String...) {
        self.name = name
        self.text = text
        self.expected = expected
    }
}

/// A tenant without mistakes, to which a file of the table adds one. It has the lines 1…8.
private let good = """
    tenants:
      - namespace: demo.cc
        agents:
          - id: 5001-5002
            password: demo
        devices:
          - id: 8001-8002
            endpoint: "{number}"

    """

private let badFiles = [
    BadFile("nothing", "", "f.yaml: the file is empty. `ringside config example` prints one to start from."),
    BadFile(
        "only a word", "hello",
        "f.yaml:1: is a single value, not a group of settings. Write http, metrics, data, durability, "
            + "retention, recordings, log, sessions, stomp, threads, switch, tenants or operators, indented below it."),
    BadFile(
        "no YAML", "tenants:\n  - namespace: \"demo.cc\n    password: geheim\n",
        "f.yaml:4: this is not YAML: found unexpected end of stream. "
            + "Check the indentation and the quotes here and in the line before."),
    BadFile(
        "a key twice", "http:\n  port: 1\n  port: 2\n",
        "f.yaml:2: the group that begins here has \"port\" more than once. Keep one of them."),
    BadFile(
        "unknown keys", good + "htp:\n  port: 80\ncolour: blue\n",
        "f.yaml:9: htp: there is no such setting. Did you mean http.",
        "f.yaml:11: colour: there is no such setting. Known are http, metrics, data, durability, retention, "
            + "recordings, log, sessions, stomp, threads, switch, tenants and operators."),
    BadFile(
        "several at once", good + "http:\n  prot: 80\n  host:\nretention:\n  days: 0\nlog: loud\nthreads: many\n",
        "f.yaml:10: http.prot: there is no such setting. Did you mean port.",
        "f.yaml:11: http.host: is empty. Write an address of this machine, such as 127.0.0.1, or leave the line out.",
        "f.yaml:13: retention.days: 0 is out of range. Write 1 to 3650 days.",
        "f.yaml:14: log: \"loud\" is not known here. "
            + "Write trace, debug, info, notice, warning, error or critical.",
        "f.yaml:15: threads: \"many\" is no whole number. Write 1 to 256 threads."),
    BadFile(
        "metrics without a port", good + "metrics:\n  hots: 10.0.0.1\n",
        "f.yaml:10: metrics.hots: there is no such setting. Did you mean host.",
        "f.yaml:10: metrics: port is missing. Add, for example, port: 9750."),
    BadFile(
        "durability mistyped", good + "durability: fsnc\n",
        "f.yaml:9: durability: \"fsnc\" is not known here. Write fsync."),
    BadFile(
        "operators that are no tenant", good + "operators: demo.c\n",
        "f.yaml:9: operators: there is no tenant \"demo.c\". Did you mean demo.cc."),
    BadFile(
        "an anonymous tenant that is none", good + "stomp: {anonymousTenant: demo.c}\n",
        "f.yaml:9: stomp.anonymousTenant: there is no tenant \"demo.c\". Did you mean demo.cc."),
    BadFile(
        "a list for a value", good + "data: [a, b]\n",
        "f.yaml:9: data: is a list, not a value. Write the folder for the journal."),
    BadFile(
        "no tenants", "log: info\n",
        "f.yaml:1: tenants is missing. Add, for example, a list with the tenant demo.cc."),
    BadFile(
        "an empty tenant list", "tenants: []\n",
        "f.yaml:1: tenants: there is no tenant. Add one; `ringside config example` has one."),
    BadFile(
        "a tenant without anything", "tenants:\n  - timeZone: Asia/Shangai\n",
        "f.yaml:2: tenants[0]: namespace is missing. Add, for example, namespace: demo.cc.",
        "f.yaml:2: tenants[0]: devices is missing. Add, for example, a list with - id: 8001-8010.",
        "f.yaml:2: tenants[0]: agents is missing. Add, for example, a list with - id: 5001-5010.",
        "f.yaml:2: tenants[0].timeZone: \"Asia/Shangai\" is no time zone. Did you mean Asia/Shanghai."),
    BadFile(
        "a namespace that is none", good.replacing("demo.cc", with: "demo cc"),
        "f.yaml:2: tenants[0].namespace: \"demo cc\" cannot name a tenant. "
            + "Use at most 64 letters, digits, . - and _, as in demo.cc."),
    BadFile(
        "the same tenant twice", good + good.dropFirst(9),
        "f.yaml:9: tenants[1]: demo.cc is the tenant of line 2 already. Give each its own namespace."),
    BadFile(
        "no password", good.replacing("password: demo", with: "role: boss"),
        "f.yaml:4: tenants[0].agents[0]: nobody can log in without a password. Add password or passwordHash.",
        "f.yaml:5: tenants[0].agents[0].role: \"boss\" is not known here. Write agent, supervisor or admin."),
    BadFile(
        "a hash that is none, and both ways",
        good.replacing(
            "        password: demo",
            with: """
                        passwordHash: geheim
                      - id: 5003
                        password: geheim
                        passwordHash: geheim
                """),
        "f.yaml:5: tenants[0].agents[0].passwordHash: this is no password hash. "
            + "Copy the whole output of ringside hash-password, $scrypt$….",
        "f.yaml:7: tenants[0].agents[1].password: both password and passwordHash are given. Keep passwordHash."),
    BadFile(
        "a hash that commas tear apart", good + "http: {passwordHash: $scrypt$ln=14,r=8,p=1$geheim$geheim}\n",
        "f.yaml:9: http.passwordHash: there is no such setting. "
            + "Known are host, port, cookieNeedsTLS, tls, origins and trustedProxies.",
        "f.yaml:9: http.…: there is no such setting. Known are host, port, cookieNeedsTLS, tls, origins and trustedProxies.",
        "f.yaml:9: http.…: there is no such setting. Known are host, port, cookieNeedsTLS, tls, origins and trustedProxies."
    ),
    BadFile(
        "no origins and no networks",
        good + "http: {origins: [crm.example, \"https://a/\", \"*\"], trustedProxies: [10.0.0.0/33, proxy]}\n",
        "f.yaml:9: http.origins[0]: \"crm.example\" is no origin. Write scheme and host, as in https://crm.example.",
        "f.yaml:9: http.origins[1]: \"https://a/\" is no origin. Write scheme and host, as in https://crm.example.",
        "f.yaml:9: http.origins[2]: \"*\" is no origin. Write scheme and host, as in https://crm.example.",
        "f.yaml:9: http.trustedProxies[0]: \"10.0.0.0/33\" is neither an address nor a network. "
            + "Write 10.0.0.7 or 10.0.0.0/8.",
        "f.yaml:9: http.trustedProxies[1]: \"proxy\" is neither an address nor a network. "
            + "Write 10.0.0.7 or 10.0.0.0/8."),
    BadFile(
        "dialling rules that are none",
        good + "    dialling: {country: +49, allowed: [abc], premium: 0900}\n",
        "f.yaml:9: tenants[0].dialling.country: \"+49\" is no calling code. Write digits alone, such as 86.",
        "f.yaml:9: tenants[0].dialling.allowed[0]: \"abc\" begins no number. "
            + "Write digits, and + before a calling code.",
        "f.yaml:9: tenants[0].dialling.premium: is a single value, not a list. "
            + "Write a list of prefixes, each behind a dash."),
    BadFile(
        "an account cannot be a machine",
        good.replacing("        password: demo", with: "        password: demo\n        role: service"),
        "f.yaml:6: tenants[0].agents[0].role: \"service\" is not known here. Write agent, supervisor or admin."),
    BadFile(
        "bad ranges",
        "tenants:\n  - namespace: a\n    agents: []\n    devices:\n"
            + "      - id: 8010-8001\n      - id: 800-1000\n      - id: 10000-99999\n      - id: eight thousand\n",
        "f.yaml:5: tenants[0].devices[0].id: \"8010-8001\" runs backwards. Write the lower number first.",
        "f.yaml:6: tenants[0].devices[1].id: the ends of \"800-1000\" differ in length. "
            + "Write both with as many digits, as in 8001-8010.",
        "f.yaml:7: tenants[0].devices[2].id: \"10000-99999\" stands for 90000 numbers. A range has at most 10000.",
        "f.yaml:8: tenants[0].devices[3].id: \"eight thousand\" is no number. "
            + "Write a number such as 8001, or a range such as 8001-8010."),
    BadFile(
        "doubles",
        good + "      - id: 8002-8003\n      - id: 8001-8002\n",
        "f.yaml:9: tenants[0].devices[1].id: device 8002 stands in line 7 already. Remove it here or there.",
        "f.yaml:10: tenants[0].devices[2].id: device 8001 (and 1 more) stands in line 7 already. "
            + "Remove it here or there."),
    BadFile(
        "devices that are not there",
        good.replacing("password: demo", with: "{password: demo}").replacing("      - id: 5001-5002\n", with: "")
            .replacing("        {password: demo}", with: "      - {id: 5001, password: demo, devices: [8002-8004, 9]}")
            + "    inbound:\n      4001: 8009\n      4002-4003: 8001\n      4001-4002: 8001-8002\n",
        "f.yaml:4: tenants[0].agents[0].devices[0]: 8003 and 1 more are no devices of this tenant. "
            + "Add it to devices, or name another.",
        "f.yaml:4: tenants[0].agents[0].devices[1]: 9 is no device of this tenant. "
            + "Add it to devices, or name another.",
        "f.yaml:9: tenants[0].inbound.4001: 8009 is no device or split of this tenant. "
            + "Add it to devices or splits, or name another.",
        "f.yaml:10: tenants[0].inbound.4002-4003: 2 numbers cannot lead to 1 devices. Use ranges of the same length.",
        "f.yaml:11: tenants[0].inbound.4001-4002: number 4001 stands in line 9 already. Let it lead to one device."),
    BadFile(
        "trunks",
        good
            + "    trunks:\n      - {group: 1, prefix: 9, endpoint: PJSIP/pstn}\n"
            + "      - {group: 2, prefix: 9, endpoint: a}\n      - {group: 2, prefix: \"\", callerNumber: a b}\n",
        "f.yaml:10: tenants[0].trunks[0].endpoint: \"PJSIP/pstn\" is no endpoint. "
            + "Use letters, digits, . - and _, and leave the technology out: 8001 for PJSIP/8001.",
        "f.yaml:11: tenants[0].trunks[1]: prefix 9 leads to the trunk of line 10 already. Give each trunk its own prefix.",
        "f.yaml:12: tenants[0].trunks[2]: endpoint is missing. Add, for example, endpoint: pstn.",
        "f.yaml:12: tenants[0].trunks[2].callerNumber: \"a b\" is no number. Use digits, + * and #.",
        "f.yaml:12: tenants[0].trunks[2]: group 2 stands in line 11 already. Give each trunk its own group."),
    BadFile(
        "lines of trunks",
        good
            + "    trunks:\n      - {group: 1, prefix: none, endpoint: a, capacity: 0}\n"
            + "      - {group: 2, endpoint: a, further: [{endpoint: b}, {endpoint: a, capacity: x}, {capacity: 1}]}\n"
            + "      - {group: 3, prefix: 8, endpoint: c, selection: balance, further: d}\n",
        "f.yaml:10: tenants[0].trunks[0].capacity: 0 is out of range. "
            + "Write 1 to 10000 calls at once, or leave it out for as many as come.",
        "f.yaml:11: tenants[0].trunks[1].further[1].capacity: \"x\" is no whole number. "
            + "Write 1 to 10000 calls at once, or leave it out for as many as come.",
        "f.yaml:11: tenants[0].trunks[1].further[1]: a stands in line 11 already. Name each endpoint once.",
        "f.yaml:11: tenants[0].trunks[1].further[2]: endpoint is missing. Add, for example, endpoint: pstn.",
        "f.yaml:12: tenants[0].trunks[2].further: is a single value, not a list. "
            + "Write a list of lines, each behind a dash.",
        "f.yaml:12: tenants[0].trunks[2].selection: \"balance\" is not known here. Write balanced."),
    BadFile(
        "outbound routes",
        good
            + "    trunks: [{group: \"1\", prefix: 9, endpoint: a}, {group: main, prefix: none, endpoint: b}]\n"
            + "    outbound:\n      9: main\n      0: {groups: [main, mian, main]}\n      7: {group: 1}\n"
            + "      \"123456789\": \"1\"\n      6: {groups: [], strip: 21, prepend: a b, callerNumber: \"\", barred: [x]}\n",
        "f.yaml:11: tenants[0].outbound.9: prefix 9 leads to trunk group 1 already. "
            + "Write prefix: none in that trunk, or leave this out.",
        "f.yaml:12: tenants[0].outbound.0.groups[1]: there is no trunk group \"mian\". Did you mean main.",
        "f.yaml:12: tenants[0].outbound.0.groups[2]: trunk group main comes twice: "
            + "a call that has found no room there would come back to it. Name each group once.",
        "f.yaml:13: tenants[0].outbound.7.group: there is no such setting. Did you mean groups.",
        "f.yaml:13: tenants[0].outbound.7: groups is missing. Add, for example, groups: [\"1\", \"2\"].",
        "f.yaml:14: tenants[0].outbound.123456789: \"123456789\" is no prefix. "
            + "Use at most 8 digits, or \"\" for none.",
        "f.yaml:15: tenants[0].outbound.6.groups: there is no trunk group. Name one of trunks.",
        "f.yaml:15: tenants[0].outbound.6.strip: 21 is out of range. Write 0 to 20 digits.",
        "f.yaml:15: tenants[0].outbound.6.prepend: \"a b\" is no number. Use digits, + * and #.",
        "f.yaml:15: tenants[0].outbound.6.callerNumber: is empty. Write a number, or leave the line out.",
        "f.yaml:15: tenants[0].outbound.6.barred[0]: \"x\" begins no number. "
            + "Write digits, and + before a calling code."),
    BadFile(
        "splits",
        good
            + "    splits:\n      - {id: 8001, agents: [5001, 5009], strategy: longest}\n"
            + "      - {id: 7000, agents: 5001, overflow: 7001}\n      - {id: 7001, overflow: 7000}\n"
            + "      - {id: 7002, overflow: 7009, ringSeconds: 1}\n      - {id: 7000}\n",
        "f.yaml:10: tenants[0].splits[0].agents[1]: 5009 is no agent of this tenant. Add it to agents, or name another.",
        "f.yaml:10: tenants[0].splits[0].id: 8001 is a device already. Give the split a number of its own.",
        "f.yaml:10: tenants[0].splits[0].strategy: \"longest\" is not known here. Write longest-idle, most-skilled or ring-all.",
        "f.yaml:11: tenants[0].splits[1].overflow: calls would overflow in a circle: 7000 to 7001 to 7000. "
            + "Let the last of them end the calls.",
        "f.yaml:13: tenants[0].splits[3].ringSeconds: 1 is out of range. Write 3 to 600 seconds.",
        "f.yaml:13: tenants[0].splits[3].overflow: 7009 is no split of this tenant. Add it to splits, or name another.",
        "f.yaml:14: tenants[0].splits[4].id: split 7000 stands in line 11 already. Remove it here or there."),
    BadFile(
        "hours",
        good
            + "    hours:\n      office: {mon-fry: 09:00-18:00, sat: [12:00-09:00], holidays: [2026-02-30]}\n"
            + "    inbound:\n      1: {to: 8001, hours: offices, closed: a b}\n      2: {to: 8009}\n"
            + "      3: {to: 8001, closed: 8002, priority: 10}\n"
            + "      4: {to: 8001, hours: office, closed: {sound: ../closed, seconds: 301}}\n"
            + "      5: {to: 8001, hours: office, closed: {sound: closed, number: 8002}}\n",
        "f.yaml:10: tenants[0].hours.office.mon-fry: \"mon-fry\" is no day of the week. "
            + "Write mon, tue, wed, thu, fri, sat or sun, a range such as mon-fri, or holidays.",
        "f.yaml:10: tenants[0].hours.office.sat[0]: \"12:00-09:00\" is no period of a day. "
            + "Write hours and minutes, such as 09:00-18:00.",
        "f.yaml:10: tenants[0].hours.office.holidays[0]: \"2026-02-30\" is no day. "
            + "Write year, month and day, such as 2026-12-25.",
        "f.yaml:12: tenants[0].inbound.1.hours: there are no hours called \"offices\". Did you mean office.",
        "f.yaml:12: tenants[0].inbound.1.closed: \"a b\" is no number. "
            + "Use digits, + * and #, or write {sound: closed, seconds: 12} for an announcement.",
        "f.yaml:13: tenants[0].inbound.2.to: 8009 is no device or split of this tenant. "
            + "Add it to devices or splits, or name another.",
        "f.yaml:14: tenants[0].inbound.3.priority: 10 is out of range. Write 0 to 9 as priority.",
        "f.yaml:14: tenants[0].inbound.3.closed: closed says nothing without hours. Add hours, or leave it out.",
        "f.yaml:15: tenants[0].inbound.4.closed.seconds: 301 is out of range. Write 1 to 300 seconds, as long as the sound is.",
        "f.yaml:15: tenants[0].inbound.4.closed.sound: \"../closed\" is no name of a sound. "
            + "Use letters, digits, - and _, and / between folders, 64 at most.",
        "f.yaml:16: tenants[0].inbound.5.closed.number: there is no such setting. Known are sound and seconds.",
        "f.yaml:16: tenants[0].inbound.5.closed: seconds is missing. Add, for example, seconds: 12."),
    BadFile(
        "a circle",
        good + "    trunks: [{group: a, prefix: 9, endpoint: pstn}]\n    hours: {office: {mon: 09:00-18:00}}\n"
            + "    inbound: {4100: {to: 8001, hours: office, closed: \"94100\"}}\n",
        "f.yaml:11: tenants[0].inbound: number 4100 leads out to 4100 when it is closed, which is one of the tenant's own. "
            + "Let closed lead to a number elsewhere, or to a device."),
    BadFile(
        "limits", good + "    limits:\n      answerSecond: 10\n      maximumCalls: 1000000\n",
        "f.yaml:10: tenants[0].limits.answerSecond: there is no such setting. Did you mean answerSeconds.",
        "f.yaml:11: tenants[0].limits.maximumCalls: 1000000 is out of range. Write 1 to 50000 calls."),
    BadFile(
        "recordings",
        good.replacing("endpoint: \"{number}\"", with: "record: maybe")
            + "    recording:\n      mode: allways\n      keepDays: 0\n      root: /var\nrecordings:\n  rooot: x\n",
        "f.yaml:8: tenants[0].devices[0].record: \"maybe\" is neither true nor false. Write true or false.",
        "f.yaml:10: tenants[0].recording.mode: \"allways\" is not known here. "
            + "Write automatic, on-request or forbidden.",
        "f.yaml:11: tenants[0].recording.keepDays: 0 is out of range. Write 1 to 3650 days.",
        "f.yaml:12: tenants[0].recording.root: there is no such setting. Known are mode and keepDays.",
        "f.yaml:14: recordings.rooot: there is no such setting. Did you mean root."),
    BadFile(
        "a switch without settings", good + "switch: asterisk\n",
        "f.yaml:9: switch: asterisk needs settings. Write asterisk: below switch:, and host, user, … below that."),
    BadFile(
        "an Asterisk without passwords",
        good + "switch:\n  asterisk:\n    host: pbx\n    port: 99999\n    application: a/b\n"
            + "    passwordFile: none\n    manager:\n      user: m\n      passwordEnvironment: NONE\n",
        "f.yaml:11: switch.asterisk: user is missing. Add, for example, user: ringside.",
        "f.yaml:12: switch.asterisk.port: 99999 is out of range. Write 1 to 65535 as the port.",
        "f.yaml:13: switch.asterisk.application: \"a/b\" cannot name an application. "
            + "Use at most 64 letters, digits, - _ and ..",
        "f.yaml:14: switch.asterisk.passwordFile: there is no password in none. "
            + "Write it into the first line, readable for the server.",
        "f.yaml:17: switch.asterisk.manager.passwordEnvironment: the environment has no NONE. "
            + "Set it for the server, or use passwordFile."),
    BadFile(
        "one endpoint for two phones",
        good.replacing("{number}", with: "phone")
            + "switch: {asterisk: {user: u, password: p}}\n",
        "f.yaml:8: tenants[0].devices[0].endpoint: 8002@demo.cc has the endpoint phone of 8001@demo.cc. "
            + "Give each phone its own; {number} in endpoint stands for the device's number."),
]

@Suite("Mistakes in a configuration file")
struct ConfigurationProblemTests {
    @Test("are told with line, path and mend", arguments: badFiles)
    func table(_ file: BadFile) {
        #expect(problems(of: file.text) == file.expected)
    }

    @Test("are bounded")
    func bounded() {
        let lines = (1...150).map { "key\($0): 1\n" }.joined()
        let told = problems(of: good + lines)
        #expect(told.count == 101)
        #expect(told.last == "f.yaml: and 50 more.")
    }

    @Test("never show a password", arguments: badFiles)
    func secrets(_ file: BadFile) {
        #expect(!problems(of: file.text).joined().contains("geheim"))
    }

    @Test("Two tenants cannot take the same incoming calls of one Asterisk")
    func sharedTrunk() {
        func tenant(_ name: String, _ phone: String, inbound: String) -> String {
            """
              - namespace: \(name)
                agents: [{id: 5001, password: p}]
                devices: [{id: 8001, endpoint: \(phone)}]
                trunks: [{group: 1, endpoint: pstn}]
                inbound: {\(inbound)}

            """
        }
        let head = "switch: {asterisk: {user: u, password: p}}\ntenants:\n"
        #expect(
            problems(of: head + tenant("a", "a1", inbound: "1: 8001") + tenant("b", "a1", inbound: "1: 8001")) == [
                "f.yaml:10: tenants[1].devices[0].endpoint: 8001@b has the endpoint a1 of 8001@a. "
                    + "Give each phone its own; {number} in endpoint stands for the device's number.",
                "f.yaml:12: tenants[1].inbound: number 1 of trunk pstn is a's already. Let it lead to one tenant.",
            ])
        #expect(
            problems(of: head + tenant("a", "a1", inbound: "") + tenant("b", "b1", inbound: "")) == [
                "f.yaml:12: tenants[1].inbound: a takes all calls of trunk pstn already. "
                    + "List the numbers of each below inbound."
            ])
        // The sandbox keeps tenants apart by itself.
        let both = tenant("a", "a1", inbound: "1: 8001") + tenant("b", "a1", inbound: "1: 8001")
        #expect(problems(of: "tenants:\n" + both) == [])
    }

    private func problems(of text: String) -> [String] {
        do {
            _ = try ServerConfiguration.parse(text, file: "f.yaml", sources: ConfigurationSources { _ in nil })
            return []
        } catch {
            return String(describing: error).split(separator: "\n").map(String.init)
        }
    }
}
