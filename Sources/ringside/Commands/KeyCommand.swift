import ArgumentParser
import CSTA
import Foundation
import RingsideClient

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, list and revoke the API keys of machines; admins only.",
        subcommands: [Create.self, List.self, Revoke.self], defaultSubcommand: List.self)

    private static let path = "/api/admin/keys"

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, this once.",
            discussion: "It may follow and read the whole namespace. Send it as Authorization: Bearer.")

        @Argument(help: "What to call it, such as the program's name.")
        var name: String

        @Flag(help: "Let it also ask for services, as a supervisor.")
        var control = false

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await atServer(server) { client, _ in
                let scopes: [JSON] = [.string("read")] + (control ? [.string("control")] : [])
                let key = try await client.post(path, ["name": .string(name), "scopes": .array(scopes)])
                guard let text = key["key"]?.string, let id = key["id"]?.string else {
                    throw ClientError.unintelligible(path: path, what: "no key")
                }
                print(text.printable)
                say("The key's id is \(id.printable). The key itself is not shown again.")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys, without themselves.")

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await atServer(server) { client, _ in
                guard let keys = try await client.get(path)["keys"]?.array else {
                    throw ClientError.unintelligible(path: path, what: "no list of keys")
                }
                for key in keys {
                    let scopes = key["scopes"]?.array?.compactMap(\.string).joined(separator: ",") ?? "?"
                    let words = ["id", "name"].map { key[$0]?.string ?? "?" } + [scopes]
                    let use = key["lastUse"]?.string.map { "used \($0)" } ?? "never used"
                    print((words + [use]).joined(separator: "  ").printable)
                }
                if keys.isEmpty { say("There is no key.") }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a key, and its streams of events.")

        @Argument(help: "The key's id, as ringside key list shows it.")
        var id: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await atServer(server) { client, _ in
                try await client.delete("\(path)/\(id.percentEncoded)")
                print("\(id.printable) is revoked.")
            }
        }
    }
}
