import CSTA
import CallCenter
import GRDB
import Testing

@testable import Journal

@Suite("Campaigns in the journal")
struct CampaignTests {
    private let now = Instant(milliseconds: 1_795_341_600_000)

    private var settings: CampaignSettings { named(device(7000)) }

    private func named(_ split: DeviceID) -> CampaignSettings {
        var settings = CampaignSettings(split: split)
        settings.name = "Winback"
        return settings
    }

    private func add(_ numbers: [String], to campaign: Campaign, of journal: SQLiteJournal) async throws -> [Bool] {
        try await journal.add(numbers.map { NewContact(number: $0) }, to: campaign.id, at: now)
    }

    private func take(
        _ campaign: Campaign, of journal: SQLiteJournal, at now: Instant, _ limit: Int = 10
    ) async throws -> [Contact] {
        try await journal.takeDue(of: campaign, at: now, limit: limit, called: { [$0.number] }) { _ in nil }
    }

    private func end(
        _ contact: Contact, _ outcome: OutboundOutcome, in journal: SQLiteJournal, dials: Int = 1
    ) async throws {
        let result = OutboundResult(
            contact: contact.id, outcome: outcome, dials: dials, agent: agent(5001), call: CallID("c-1"), ended: now)
        let last = try await journal.load(demo).lastSerial
        try await journal.append(
            JournalBatch(namespace: demo, events: [], state: [], records: [.outbound(result)], lastSerial: last))
    }

    @Test("Taken in their order, once; a number twice is refused")
    func order() async throws {
        try await withJournal { journal in
            let campaign = try await journal.addCampaign(settings, in: demo)
            #expect(try await add(["1", "2", "1", "3"], to: campaign, of: journal) == [true, true, false, true])
            #expect(try await add(["2", "4"], to: campaign, of: journal) == [false, true])
            #expect(try await take(campaign, of: journal, at: now, 2).map(\.number) == ["1", "2"])
            #expect(try await take(campaign, of: journal, at: now).map(\.number) == ["3", "4"])
            #expect(try await take(campaign, of: journal, at: now).isEmpty)
            let progress = try await journal.progress(of: campaign.id)
            #expect(progress.underWay == 4 && progress.contacts == 4)
        }
    }

    @Test(
        "Those who may not be called do not stand before those who may; the list is asked for what the carrier gets too"
    )
    func lookedOver() async throws {
        try await withJournal { journal in
            let campaign = try await journal.addCampaign(settings, in: demo)
            let barred = (100..<200).map { "9\($0)" }
            _ = try await add(barred + (200..<300).map(String.init) + ["7"], to: campaign, of: journal)
            try await journal.addDoNotCall((100..<200).map(String.init), in: demo)
            let later = now.advanced(bySeconds: 3600)
            let taken = try await journal.takeDue(
                of: campaign, at: now, limit: 1, called: { [String($0.number.dropFirst())] }
            ) { $0.number == "7" ? nil : later }
            #expect(taken.map(\.number) == ["7"])
            let progress = try await journal.progress(of: campaign.id)
            #expect(progress.underWay == 1 && progress.left == 100, "\(progress)")
        }
    }

    @Test("A number is one contact with a + and without")
    func plus() async throws {
        try await withJournal { journal in
            let campaign = try await journal.addCampaign(settings, in: demo)
            #expect(
                try await add(["+86138", "86138", "86139", "+86139"], to: campaign, of: journal) == [
                    true, false, true, false,
                ])
        }
    }

    @Test("New hours bring back whom the old ones put off, and those to be called again no sooner than that")
    func newHours() async throws {
        try await withJournal { journal in
            let campaign = try await journal.addCampaign(settings, in: demo)
            _ = try await add(["1", "2", "3"], to: campaign, of: journal)
            let taken = try await take(campaign, of: journal, at: now, 2)
            try await end(taken[0], .failed(.busyNow), in: journal)
            try await end(taken[1], .failed(.notAnswer), in: journal)
            _ = try await journal.settle(campaign)
            // Five minutes and an hour later they are due; all are put off by a week.
            let (hour, week) = (now.advanced(bySeconds: 3600), now.advanced(bySeconds: 7 * 86_400))
            #expect(
                try await journal.takeDue(of: campaign, at: hour, limit: 9, called: { [$0.number] }) { _ in week }
                    .isEmpty)
            #expect(try await take(campaign, of: journal, at: hour).isEmpty)
            let soon = now.advanced(bySeconds: 600)
            try await journal.bringBack(campaign, at: soon)
            #expect(Set(try await take(campaign, of: journal, at: soon).map(\.number)) == ["1", "3"])
            #expect(try await take(campaign, of: journal, at: hour).map(\.number) == ["2"])
        }
    }

    @Test("A result is stored with the batch that tells it, once, and settled by the campaign's rules")
    func results() async throws {
        try await withJournal { journal in
            let campaign = try await journal.addCampaign(settings, in: demo)
            _ = try await add(["1", "2", "3"], to: campaign, of: journal)
            let taken = try await take(campaign, of: journal, at: now)
            #expect(taken.map(\.attempts) == [1, 1, 1])
            try await end(taken[0], .answered, in: journal)
            try await end(taken[0], .failed(.busyNow), in: journal)
            try await end(taken[1], .failed(.busyNow), in: journal, dials: 2)
            #expect(try await journal.settle(campaign), "one is under way")
            var progress = try await journal.progress(of: campaign.id)
            #expect(progress.outcomes == ["answered": 1] && progress.left == 1 && progress.underWay == 1)
            try await end(taken[2], .failed(.doesNotExist), in: journal)
            #expect(try await !journal.settle(campaign))
            #expect(try await take(campaign, of: journal, at: now.advanced(bySeconds: 299)).isEmpty)
            let again = try await take(campaign, of: journal, at: now.advanced(bySeconds: 300))
            #expect(again.map(\.number) == ["2"] && again.map(\.attempts) == [2])
            progress = try await journal.progress(of: campaign.id)
            #expect(progress.outcomes == ["answered": 1, "8": 1])
        }
    }

    @Test("Put back, a contact counts as if it had not been taken")
    func putBack() async throws {
        try await withJournal { journal in
            let campaign = try await journal.addCampaign(settings, in: demo)
            _ = try await add(["1", "2"], to: campaign, of: journal)
            let taken = try await take(campaign, of: journal, at: now)
            try await end(taken[1], .answered, in: journal)
            #expect(try await journal.underWay(in: campaign.id) == [taken[0].id])
            try await journal.putBack(taken.map(\.id))
            #expect(try await take(campaign, of: journal, at: now) == [taken[0]])
        }
    }

    @Test("Numbers that are not to be called are done, however they are written; those of other tenants are called")
    func doNotCall() async throws {
        try await withJournal { journal in
            let campaign = try await journal.addCampaign(settings, in: demo)
            let other = try await journal.addCampaign(settings, in: namespace("other.cc"))
            try await journal.addDoNotCall(["86-138", "+86139", "86139"], in: demo)
            for campaign in [campaign, other] {
                _ = try await add(["+86138", "86139", "5"], to: campaign, of: journal)
            }
            #expect(try await take(campaign, of: journal, at: now).map(\.number) == ["5"])
            #expect(try await take(other, of: journal, at: now).count == 3)
            #expect(try await journal.progress(of: campaign.id).outcomes == ["doNotCall": 2])
            #expect(try await journal.doNotCall(in: demo, after: "", limit: 10) == ["86138", "86139"])
            #expect(try await journal.doNotCall(in: demo, after: "86138", limit: 10) == ["86139"])
            #expect(try await journal.removeDoNotCall("+86 139", in: demo))
            #expect(try await !journal.removeDoNotCall("86139", in: demo))
        }
    }

    @Test("A contact that may not be called now is due when it may")
    func postponed() async throws {
        try await withJournal { journal in
            let campaign = try await journal.addCampaign(settings, in: demo)
            let zones = ["Asia/Shanghai", nil, "Europe/London"]
            let list = zones.enumerated().map { NewContact(number: "\($0)", timeZone: $1) }
            _ = try await journal.add(list, to: campaign.id, at: now)
            #expect(try await journal.timeZones(in: campaign.id).sorted() == ["Asia/Shanghai", "Europe/London"])
            let later = now.advanced(bySeconds: 60)
            let taken = try await journal.takeDue(of: campaign, at: now, limit: 10, called: { [$0.number] }) {
                $0.timeZone == nil ? nil : later
            }
            #expect(taken.map(\.number) == ["1"])
            #expect(try await take(campaign, of: journal, at: now).isEmpty)
            #expect(try await take(campaign, of: journal, at: later).map(\.number) == ["0", "2"])
        }
    }

    @Test("A deleted tenant leaves no list behind, and another's stay")
    func forgotten() async throws {
        try await withJournal { journal in
            let gone = try await journal.addCampaign(settings, in: demo)
            let other = namespace("other.cc")
            let stays = try await journal.addCampaign(named(device(7000, in: other)), in: other)
            for campaign in [gone, stays] { _ = try await add(["1", "2"], to: campaign, of: journal) }
            try await journal.addDoNotCall(["3"], in: demo)
            try await journal.pool.write { db in try CampaignSchema.forget(demo, in: db) }
            #expect(try await journal.campaigns(atMost: 10) == [stays])
            #expect(try await journal.progress(of: gone.id).contacts == 0)
            #expect(try await journal.progress(of: stays.id).contacts == 2)
            #expect(try await journal.doNotCall(in: demo, after: "", limit: 1).isEmpty)
        }
    }

    @Test("Everything is there after a restart, also what was under way; what is removed is gone, and its id with it")
    func restart() async throws {
        try await withDirectory { directory in
            var journal = try open(directory)
            var campaign = try await journal.addCampaign(settings, in: demo)
            campaign.state = .running
            campaign.settings.dials = 2
            try await journal.store(campaign)
            let data = UserData(["name": .string("李")]) ?? UserData()
            _ = try await journal.add([NewContact(number: "1", data: data)], to: campaign.id, at: now)
            let gone = try await journal.addCampaign(settings, in: demo)
            _ = try await add(["1", "2"], to: gone, of: journal)
            try await journal.removeCampaign(gone.id)
            #expect(try await journal.progress(of: gone.id).contacts == 0)
            let taken = try await take(campaign, of: journal, at: now)
            #expect(taken.map(\.data) == [data])
            try await journal.close()
            journal = try open(directory)
            #expect(try await journal.campaigns(atMost: 10) == [campaign])
            #expect(try await journal.underWay(in: campaign.id) == taken.map(\.id))
            #expect(try await journal.addCampaign(settings, in: demo).id.value > gone.id.value)
            try await journal.close()
        }
    }
}
