import AsyncHTTPClient
import CSTA
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import RingsideClient

/// What a server that runs says of itself.
struct ServerChecks {
    let url: String
    /// Whether a certificate that leads to no trusted one is no matter: the server is this machine's, and is told no secret.
    let trustsAnyCertificate: Bool

    private static let timeoutSeconds: Int64 = 5
    private static let maximumBodyBytes = 64 * 1024
    /// A clock that is off by more makes records and agents' times wrong.
    private static let maximumClockDifferenceSeconds: TimeInterval = 5

    private struct Answer {
        var status: Int
        var json: JSON?
        var date: Date?
    }

    func all() async -> [DoctorCheck] {
        let health: Answer
        do {
            health = try await get("/healthz")
        } catch {
            return [
                DoctorCheck(
                    "server", .wrong, "no server answers at \(url): \(networkWords(for: error))",
                    mend: "Start it: systemctl start ringside; its log says why if it does not stay up.")
            ]
        }
        guard health.status == 200, health.json?["status"]?.string == "ok" else {
            return [
                DoctorCheck(
                    "server", .wrong, "what answers at \(url) is no Ringside server",
                    mend: "See what listens there, and name the server's own address with --url.")
            ]
        }
        var checks = [DoctorCheck("server", .good, "answers at \(url)"), version(health)]
        checks += await readiness()
        if let date = health.date { checks.append(clock(date)) }
        return checks
    }

    private func version(_ health: Answer) -> DoctorCheck {
        let version = health.json?["version"]?.string ?? "an unknown version"
        guard version == Ringside.version else {
            return DoctorCheck(
                "version", .warning, "the server is \(version), this program \(Ringside.version)",
                mend: "Start the server anew, so that what is installed runs.")
        }
        return DoctorCheck("version", .good, version)
    }

    private func readiness() async -> [DoctorCheck] {
        guard let answer = try? await get("/readyz") else {
            return [DoctorCheck("ready", .wrong, "/readyz does not answer", mend: "See the server's log.")]
        }
        if answer.status == 200 {
            return [DoctorCheck("ready", .good, "each tenant has its switch, and the journal takes events")]
        }
        let reasons = (answer.json?["reasons"]?.array ?? []).compactMap(\.string)
        guard !reasons.isEmpty else {
            return [DoctorCheck("ready", .wrong, "/readyz answers \(answer.status)", mend: "See the server's log.")]
        }
        return reasons.map { reason in
            let isSwitch = reason.contains("switch")
            return DoctorCheck(
                isSwitch ? "switch link" : "journal", .wrong, reason,
                mend: isSwitch
                    ? "See whether the switch runs, and whether host, port, user and password of switch: are right."
                    : "Make room on the disk, or see what the server's log says of the journal.")
        }
    }

    private func clock(_ date: Date) -> DoctorCheck {
        let difference = abs(date.timeIntervalSinceNow)
        guard difference > Self.maximumClockDifferenceSeconds else {
            return DoctorCheck("server's clock", .good, "shows the same time as this machine's")
        }
        return DoctorCheck(
            "server's clock", .warning, "is \(Int(difference)) s off this machine's",
            mend: "Keep both clocks set: timedatectl set-ntp true.")
    }

    private func get(_ path: String) async throws -> Answer {
        let http = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: .init(certificateVerification: trustsAnyCertificate ? .none : .fullVerification))
        do {
            let response = try await http.execute(
                HTTPClientRequest(url: url + path), timeout: .seconds(Self.timeoutSeconds))
            let body = try await response.body.collect(upTo: Self.maximumBodyBytes)
            try await http.shutdown()
            return Answer(
                status: Int(response.status.code), json: try? JSON.parse(body.readableBytesView),
                date: response.headers.first(name: "Date").flatMap(Self.date))
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// RFC 9110 §5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text)
    }
}
