import CSTA
import Testing

@testable import CallCenter

@Suite("Campaigns")
struct CampaignTests {
    private static let split = Desk.device(7000)

    private static func campaign(_ change: (inout CampaignSettings) -> Void = { _ in }) -> Campaign {
        var settings = CampaignSettings(split: split)
        settings.name = "Winback"
        change(&settings)
        return Campaign(id: CampaignID(1), namespace: Demo.namespace, state: .running, settings: settings)
    }

    @Test(
        "E19: what becomes of a contact after an outcome",
        arguments: [
            (OutboundOutcome.answered, 1, nil), (.failed(.busyNow), 1, 5), (.failed(.busyNow), 2, 5),
            (.failed(.busyNow), 3, nil), (.failed(.doesNotExist), 1, nil), (.failed(.notAnswer), 1, 60),
            (.skipped, 1, nil), (.abandoned, 1, nil), (.expired, 1, 5), (.released, 2, 1),
        ] as [(OutboundOutcome, Int, Int?)])
    func plan(outcome: OutboundOutcome, attempts: Int, minutes: Int?) {
        let plan = Self.campaign().plan(after: outcome, attempts: attempts, at: Demo.start)
        #expect(plan == minutes.map { .again(at: Demo.start.advanced(bySeconds: $0 * 60)) } ?? .done)
    }

    @Test("A contact's order: its prefix, its data, and as many calls as it may be dialled")
    func order() {
        let campaign = Self.campaign {
            $0.prefix = "9"
            $0.dials = 3
            $0.isPreview = true
        }
        let contact = Contact(
            id: ContactID(5), number: "13800000001", data: UserData(["name": .string("Li")]) ?? UserData())
        var calls = 0
        let order = campaign.order(for: contact) {
            calls += 1
            return CallID("x-\(calls)") ?? .none
        }
        #expect(order.number == "913800000001" && order.calls.count == 3 && Set(order.calls).count == 3)
        #expect(order.isPreview && order.userData["name"] == "Li" && order.contact == contact.id)
        #expect(order.limitSeconds == 150 && order.redialledAfter.contains(.busyNow))
        #expect(!order.redialledAfter.contains(.doesNotExist))
    }

    @Test("One contact for each free agent, and none unless the campaign runs")
    func pacing() {
        var campaign = Self.campaign()
        let dialler = ReservingDialler()
        #expect([0, 3, 500].map { dialler.contacts(for: campaign, freeAgents: $0) } == [0, 3, 50])
        campaign.state = .paused
        #expect(dialler.contacts(for: campaign, freeAgents: 3) == 0)
    }

    @Test("Calling hours by the clock where the contact is, and when they begin next")
    func hours() throws {
        // 2026-11-23 03:30 UTC, a Monday.
        let now = Instant(milliseconds: 1_795_404_600_000)
        let hours = OpeningHours(periods: [.monday: [540..<720, 780..<1080], .wednesday: [540..<600]])
        let shanghai = ZoneOffsets(offsetSeconds: 8 * 3600)
        let london = ZoneOffsets.utc
        func local(_ instant: Instant?, _ zone: ZoneOffsets) -> String? {
            instant.map {
                LocalTime(milliseconds: $0.milliseconds, offsetSeconds: zone.offset(at: $0)).description
            }
        }
        #expect(local(now, shanghai) == "2026.11.23 11:30:00")
        #expect(hours.isOpen(at: LocalTime(milliseconds: now.milliseconds, offsetSeconds: 8 * 3600)))
        #expect(!hours.isOpen(at: LocalTime(milliseconds: now.milliseconds, offsetSeconds: 0)))
        #expect(local(hours.nextOpening(after: now, in: london), london) == "2026.11.23 09:00:00")
        #expect(local(hours.nextOpening(after: now, in: shanghai), shanghai) == "2026.11.23 13:00:00")
        let evening = now.advanced(bySeconds: 8 * 3600)
        #expect(local(hours.nextOpening(after: evening, in: shanghai), shanghai) == "2026.11.25 09:00:00")
        // Overlapping periods are one; on a holiday nobody is called.
        var busy = OpeningHours(periods: [.monday: [540..<720, 600..<800], .tuesday: [540..<600]])
        #expect(busy.isOpen(at: LocalTime(milliseconds: now.milliseconds + 3_600_000 * 7, offsetSeconds: 0)))
        #expect(local(busy.nextOpening(after: now, in: london), london) == "2026.11.23 09:00:00")
        busy.holidays = [try #require(OpeningHours.holiday("2026-11-23"))]
        #expect(!busy.isOpen(at: LocalTime(milliseconds: now.milliseconds + 3_600_000 * 7, offsetSeconds: 0)))
        #expect(local(busy.nextOpening(after: now, in: london), london) == "2026.11.24 09:00:00")
        #expect(OpeningHours(periods: [:]).nextOpening(after: now, in: london) == nil)
    }

    @Test("Settings are written as they are read")
    func settings() throws {
        let text = """
            {"name":"Winback","split":"7000@demo.cc","type":"PreView","prefix":"9","callerNumber":"4000",\
            "ringSeconds":20,"limitSeconds":60,"dials":2,"attempts":5,"retries":{"1":5,"11":60,"released":1},\
            "hours":{"mon":["09:00-12:00","13:00-24:00"],"sun":["00:00-00:30"],"holidays":["2026-12-25"]},"timeZone":"Asia/Shanghai",\
            "autoAnswer":true}
            """
        let settings = try CampaignSettings(try #require(try JSON.parse(text).object), in: Demo.namespace)
        #expect(String(decoding: JSON.object(settings.json).encoded(), as: UTF8.self) == text)
        #expect(settings.retryMinutes == [.failed(.busyNow): 5, .failed(.notAnswer): 60, .released: 1])
        #expect(settings.hours?.periods[.monday] == [540..<720, 780..<1440])
    }

    @Test(
        "The first field that is wrong is named, and nothing is changed",
        arguments: [
            (#"{"split":"7001@other.cc"}"#, "split"), (#"{"name":""}"#, "name"), (#"{"type":"Inbound"}"#, "type"),
            (#"{"dials":6}"#, "dials"), (#"{"dials":"2"}"#, "dials"), (#"{"retries":{"12":5}}"#, "retries.12"),
            (#"{"retries":{"answered":5}}"#, "retries.answered"), (#"{"retries":{"1":0}}"#, "retries.1"),
            (#"{"hours":{"mon":["18:00-09:00"]}}"#, "hours.mon"), (#"{"hours":{"holiday":[]}}"#, "hours.holiday"),
            (#"{"hours":{"mon":[1]}}"#, "hours.mon"), (#"{"hours":{"holidays":["25.12."]}}"#, "hours.holidays"),
            (#"{"hours":{"mon":["00:00-99999999999999999999:00"]}}"#, "hours.mon"),
            (#"{"ringSeconds":30,"colour":"red"}"#, "colour"), (#"{"prefix":"a b"}"#, "prefix"),
            (#"{"callerNumber":7}"#, "callerNumber"), (#"{"autoAnswer":"yes"}"#, "autoAnswer"),
        ])
    func wrong(text: String, field: String) throws {
        var settings = Self.campaign().settings
        let before = settings
        let object = try #require(try JSON.parse(text).object)
        let error = #expect(throws: CampaignFieldError.self) { try settings.change(object, in: Demo.namespace) }
        #expect(error?.field == field)
        #expect(settings == before)
    }

    @Test("Each outcome has a word, and is found by it")
    func outcomes() {
        for outcome in OutboundOutcome.allCases { #expect(OutboundOutcome(outcome.text) == outcome) }
        for word in ["", "12", "01", "+1", "doNotCall"] { #expect(OutboundOutcome(word) == nil) }
    }
}
