import ArgumentParser
import RingsideServer

@main
struct Ringside: AsyncParsableCommand {
    static let version = RingsideServer.version

    static let configuration = CommandConfiguration(
        commandName: "ringside",
        abstract: "A CTI event server, and a telephone in the terminal to try it with.",
        discussion: """
            Without a configuration the server runs a demo: tenant demo.cc, agents 5001 to 5010, devices 8001 to 8010, \
            everybody's password is demo.

            In one terminal:   ringside serve
            In a second:       ringside tail --agent 5009
            In a third:        ringside login 8001 --agent 5001
                               ringside login 8002 --agent 5002
                               ringside call 8001 8002 --agent 5001
                               ringside answer --agent 5002
                               ringside hangup --agent 5001
            """,
        version: "ringside \(version)",
        groupedSubcommands: [
            CommandGroup(
                name: "Server",
                subcommands: [
                    ServeCommand.self, ConfigCommand.self, DoctorCommand.self, HashPasswordCommand.self,
                    KeyCommand.self,
                    SimulateCommand.self,
                ]),
            CommandGroup(name: "Events", subcommands: [TailCommand.self, ShowCommand.self]),
            CommandGroup(
                name: "Agent",
                subcommands: [
                    LoginCommand.self, LogoutCommand.self, ReadyCommand.self, NotReadyCommand.self, StateCommand.self,
                ]),
            CommandGroup(
                name: "Calls",
                subcommands: [
                    CallCommand.self, AnswerCommand.self, HangUpCommand.self, HoldCommand.self, RetrieveCommand.self,
                    TransferCommand.self, ConsultCommand.self, ConferenceCommand.self, CancelConsultCommand.self,
                    JoinCommand.self, ListenCommand.self, CallsCommand.self,
                ]),
            CommandGroup(name: "Recordings", subcommands: [RecordCommand.self, RecordingsCommand.self]),
            CommandGroup(name: "Reports", subcommands: [SplitsCommand.self, RecordsCommand.self]),
            CommandGroup(name: "Outbound", subcommands: [CampaignsCommand.self]),
        ])
}
