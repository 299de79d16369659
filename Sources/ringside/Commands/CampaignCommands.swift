import ArgumentParser
import CSTA
import Foundation
import RingsideClient

struct CampaignsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaigns", abstract: "Have lists of numbers called for the agents of a split; supervisors only.",
        subcommands: [
            List.self, Create.self, Add.self, Start.self, Pause.self, Stop.self, Remove.self,
        ], defaultSubcommand: List.self)

    fileprivate static let path = "/api/csta/campaigns"

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the campaigns, and how far each is.")

        @Flag(help: "Print a JSON object a line, for pipes.")
        var json = false

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await atServer(server) { client, _ in
                guard let campaigns = try await client.get(path)["campaigns"]?.array else {
                    throw ClientError.unintelligible(path: path, what: "no list of campaigns")
                }
                for campaign in campaigns { print(json ? campaign.text : MeasureLines.campaign(campaign).printable) }
                if campaigns.isEmpty { say("There is no campaign.") }
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a campaign, stopped and without contacts, and print its number.",
            discussion: "What else there is to set, hours and retries among it, is in docs/api.md.")

        @Argument(help: "What to call it.")
        var name: String

        @Option(help: "Whose agents talk with the customers, such as 7000.")
        var split: String

        @Option(help: "The dialling prefix of the trunk.")
        var prefix: String?

        @Flag(help: "The agent sees first whom it is to call, and accepts or skips.")
        var preview = false

        @OptionGroup var server: ServerOptions

        func run() async throws {
            var body: JSONObject = ["name": .string(name), "split": .string(split)]
            if let prefix { body["prefix"] = .string(prefix) }
            if preview { body["type"] = .string(CallType.preview.rawValue) }
            try await atServer(server) { client, _ in
                guard let id = try await client.post(path, body)["id"]?.integer else {
                    throw ClientError.unintelligible(path: path, what: "no id")
                }
                print(id)
            }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add the contacts of a file, and tell which of its lines cannot be.",
            discussion: """
                A file .csv has a line of names first, number among them; timeZone is the contact's, all others are its \
                data. Any other file has a JSON object a line. Large files are sent in parts.
                """)

        @OptionGroup var campaign: CampaignChoice

        @Argument(help: "The file.", completion: .file())
        var file: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let list: ContactFile
            do {
                list = try ContactFile(file)
            } catch {
                throw ValidationError("\(file) cannot be read: \(error.localizedDescription)")
            }
            try await atServer(server) { client, _ in
                var (accepted, refused) = (Int64(0), Int64(0))
                for part in list.parts {
                    let result = try await client.post("\(campaign.path)/contacts", text: part.text, type: list.type)
                    accepted += result["accepted"]?.integer ?? 0
                    refused += result["refusedCount"]?.integer ?? 0
                    for line in result["refused"]?.array ?? [] {
                        let number = (line["line"]?.integer).map { String(Int($0) + part.offset) } ?? "?"
                        say("line \(number): \(line["reason"]?.string ?? "?")".printable)
                    }
                    if list.parts.count > 1 { say("\(part.end) of \(list.lineCount) lines sent") }
                }
                print("\(accepted) added, \(refused) refused")
            }
        }
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Have contacts called from now on.")
        @OptionGroup var campaign: CampaignChoice
        @OptionGroup var server: ServerOptions
        func run() async throws { try await campaign.post("start", at: server) }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Call nobody new; what is under way goes on.")
        @OptionGroup var campaign: CampaignChoice
        @OptionGroup var server: ServerOptions
        func run() async throws { try await campaign.post("pause", at: server) }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Call nobody new, and release the agents who are reserved.")
        @OptionGroup var campaign: CampaignChoice
        @OptionGroup var server: ServerOptions
        func run() async throws { try await campaign.post("stop", at: server) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a campaign that is stopped, and its contacts.")
        @OptionGroup var campaign: CampaignChoice
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await atServer(server) { client, _ in
                try await client.delete(campaign.path)
                print("Campaign \(campaign.id) is deleted.")
            }
        }
    }
}

struct CampaignChoice: ParsableArguments {
    @Argument(help: "The campaign's number, as ringside campaigns shows it.")
    var id: Int

    var path: String { "\(CampaignsCommand.path)/\(id)" }

    fileprivate func post(_ verb: String, at server: ServerOptions) async throws {
        try await atServer(server) { client, _ in
            print(MeasureLines.campaign(try await client.post("\(path)/\(verb)")).printable)
        }
    }
}
