import ArgumentParser
import Foundation
import Gateway

struct HashPasswordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash-password",
        abstract: "Read a password from standard input, print what may stand in a configuration as passwordHash.",
        discussion: "Each call gives another text for the same password: it holds a random salt.")

    func run() throws {
        if isatty(STDIN_FILENO) == 1 { say("Type the password and press return; it is shown while you type.") }
        guard let password = readLine(), !password.isEmpty else {
            throw ValidationError("There is no password on standard input.")
        }
        guard let hash = PasswordHasher.hash(password) else {
            say("ringside: there is not enough memory to hash the password")
            throw ExitCode.failure
        }
        print(hash)
    }
}
