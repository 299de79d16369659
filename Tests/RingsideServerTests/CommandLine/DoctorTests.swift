import CSTA
import Foundation
import RingsideTesting
import Testing

@Suite("The doctor", .timeLimit(.minutes(2)), .serialized)
struct DoctorTests {
    private static let port = 28774

    private func configuration(in folder: TemporaryFolder, _ more: String = "", host: String = "127.0.0.1") throws
        -> String
    {
        let file = folder.url.appending(path: "ringside.yaml")
        try """
        http: { host: \(host), port: \(Self.port) }
        data: \(folder.path)/data
        tenants:
          - namespace: demo.cc
            timeZone: Asia/Shanghai
            agents: [{ id: 5001, password: secret }]
            devices: [{ id: 8001 }]
        \(more)
        """.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    /// What was found, by the names of the checks; the last of a name counts.
    private func findings(_ arguments: [String]) async throws -> (status: Int32, findings: [String: JSON]) {
        let outcome = try await RingsideProgram.run(["doctor", "--json"] + arguments)
        let json = try JSON.parse(outcome.output)
        #expect(json["isWell"]?.bool == (outcome.status == 0))
        let checks = (json["checks"]?.array ?? []).compactMap { check in check["name"]?.string.map { ($0, check) } }
        return (outcome.status, Dictionary(checks) { $1 })
    }

    @Test("finds nothing wrong with a server that runs, and says so for each thing")
    func well() async throws {
        let folder = try TemporaryFolder()
        let file = try configuration(in: folder)
        let server = try RunningProgram(["serve", "--config", file, "--log", "error"])
        #expect(await server.nextLine() != nil)
        // The link of the sandbox is there at once, but not before the first line.
        var (status, found) = try await findings(["--config", file])
        while found["switch link"] != nil { (status, found) = try await findings(["--config", file]) }
        #expect(status == 0)
        for name in [
            "configuration", "listener", "data folder", "disk space", "clock", "time zone", "server", "version",
            "ready",
            "server's clock",
        ] {
            #expect(found[name]?["finding"]?.string == "good", "\(name): \(String(describing: found[name]))")
        }
        #expect(found["time zone"]?["text"]?.string?.contains("Asia/Shanghai") == true)
        let text = try await RingsideProgram.run(["doctor", "--config", file])
        #expect(text.status == 0 && text.output.contains("ok      server: answers at http://127.0.0.1:\(Self.port)"))
        #expect(server.terminate() == 0)
    }

    @Test("says that no server runs, and how to start it")
    func noServer() async throws {
        let folder = try TemporaryFolder()
        let (status, found) = try await findings(["--config", try configuration(in: folder)])
        #expect(status == 1)
        #expect(found["server"]?["finding"]?.string == "wrong")
        #expect(found["server"]?["mend"]?.string?.contains("systemctl start ringside") == true)
        #expect(found["data folder"]?["text"]?.string?.hasSuffix("is not there yet; the server makes it") == true)
    }

    @Test("finds a folder that cannot be had, and a listener that is open to others")
    func installation() async throws {
        let folder = try TemporaryFolder()
        try Data().write(to: folder.url.appending(path: "data"))
        let file = try configuration(in: folder, "metrics: { port: 9750, host: 0.0.0.0 }", host: "0.0.0.0")
        let (status, found) = try await findings(["--config", file])
        #expect(status == 1)
        #expect(found["data folder"]?["text"]?.string?.hasSuffix("/data is a file") == true)
        #expect(found["listener"]?["finding"]?.string == "warning")
        #expect(found["listener"]?["mend"]?.string?.contains("TLS") == true)
        #expect(found["exposure"]?["text"]?.string?.contains("Metrics are served on 0.0.0.0") == true)
    }

    @Test("tells the mistakes of a file, and looks at nothing else then")
    func file() async throws {
        let folder = try TemporaryFolder()
        let (status, found) = try await findings(["--config", try configuration(in: folder, "colour: blue")])
        #expect(status == 1 && found.count == 1)
        #expect(found["configuration"]?["text"]?.string?.contains("colour: there is no such setting") == true)
        #expect(found["configuration"]?["mend"]?.string?.contains("ringside config check") == true)
    }
}
