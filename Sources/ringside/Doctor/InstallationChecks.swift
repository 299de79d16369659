import Foundation
import Gateway
import NIOSSL
import RingsideServer

/// What can be seen of an installation without asking the server.
struct InstallationChecks {
    let configuration: ServerConfiguration

    /// Below it the journal of a busy day may not fit.
    private static let littleSpaceBytes: Int64 = 1 << 30
    /// Below it writing is about to fail.
    private static let noSpaceBytes: Int64 = 64 << 20
    /// An agent's sockets, its supervisor's and the browser's: with fewer a centre of some hundred agents runs out.
    private static let fewFiles = 4096
    /// 2024-01-01: a clock that shows less was never set.
    private static let earliestSeconds: TimeInterval = 1_704_067_200

    func all() -> [DoctorCheck] {
        let warnings = configuration.warnings.map {
            DoctorCheck("exposure", .warning, $0, mend: "See docs/operations.md, Configuration.")
        }
        return warnings + [
            listener, folder("data folder", configuration.dataDirectory), space, openFiles, clock,
        ] + certificate + recordings + timeZones
    }

    /// How long a certificate has to be good still, in days: time to see this and to get another one.
    private static let certificateDays = 14

    private var certificate: [DoctorCheck] {
        guard let tls = configuration.http.tls else { return [] }
        do {
            guard let certificate = try NIOSSLCertificate.fromPEMFile(tls.certificate).first else {
                throw CocoaError(.fileReadCorruptFile)
            }
            let rest = TimeInterval(certificate.notValidAfter) - Date().timeIntervalSince1970
            let days = Int(rest / 86_400)
            guard days < Self.certificateDays else {
                return [DoctorCheck("certificate", .good, "\(tls.certificate) is good for \(days) days")]
            }
            return [
                DoctorCheck(
                    "certificate", rest < 0 ? .wrong : .warning,
                    rest < 0 ? "\(tls.certificate) is over" : "\(tls.certificate) is over in \(days) days",
                    mend: "Put a new one there, with its key: it is taken without a restart.")
            ]
        } catch {
            return [
                DoctorCheck(
                    "certificate", .wrong, "\(tls.certificate) cannot be read: \(error)",
                    mend: "Put the certificate there in PEM, for the server's user to read.")
            ]
        }
    }

    private var listener: DoctorCheck {
        let http = configuration.http
        let place = "\(http.host):\(http.port)"
        if http.isLoopback {
            return DoctorCheck("listener", .good, "\(place), for this machine and a proxy on it")
        }
        if http.tls != nil { return DoctorCheck("listener", .good, "\(place), with TLS") }
        if http.cookieNeedsTLS {
            return DoctorCheck(
                "listener", .warning, "\(place) is open to other machines, without TLS of its own",
                mend: "Let only the TLS proxy reach it, or set http.host: 127.0.0.1 and put the proxy on this machine.")
        }
        return DoctorCheck(
            "listener", .warning, "\(place) is open to other machines; passwords and sessions go over it in clear text",
            mend: "Set http.tls, or http.host: 127.0.0.1 with a proxy with TLS before it and http.cookieNeedsTLS: true."
        )
    }

    private func folder(_ name: String, _ path: String) -> DoctorCheck {
        var isFolder: ObjCBool = false
        let manager = FileManager.default
        guard manager.fileExists(atPath: path, isDirectory: &isFolder) else {
            let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
            guard manager.isWritableFile(atPath: parent) else {
                return DoctorCheck(
                    name, .wrong, "\(path) is not there, and cannot be made in \(parent)",
                    mend: "Make it, owned by the user that the server runs as.")
            }
            return DoctorCheck(name, .good, "\(path) is not there yet; the server makes it")
        }
        guard isFolder.boolValue else {
            return DoctorCheck(name, .wrong, "\(path) is a file", mend: "Move it away, or name another folder.")
        }
        guard manager.isWritableFile(atPath: path), manager.isReadableFile(atPath: path) else {
            return DoctorCheck(
                name, .wrong, "\(path) may not be written", mend: "Give it to the user that the server runs as: chown.")
        }
        return DoctorCheck(name, .good, "\(path) may be written")
    }

    private var space: DoctorCheck {
        var path = URL(fileURLWithPath: configuration.dataDirectory)
        while path.path != "/", !FileManager.default.fileExists(atPath: path.path) { path.deleteLastPathComponent() }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path.path)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value else {
            return DoctorCheck("disk space", .warning, "it cannot be told how much is free at \(path.path)")
        }
        let text = "\(free >> 20) MB free at \(path.path)"
        if free < Self.noSpaceBytes {
            return DoctorCheck(
                "disk space", .wrong, text, mend: "Make room: while the journal takes nothing, everything waits.")
        }
        if free < Self.littleSpaceBytes {
            return DoctorCheck("disk space", .warning, text, mend: "Make room, or lower retention.megabytes.")
        }
        return DoctorCheck("disk space", .good, text)
    }

    private var openFiles: DoctorCheck {
        let limit = OpenFiles.limit
        let text = "\(limit) for this user; each client is one"
        return limit < Self.fewFiles
            ? DoctorCheck("open files", .warning, text, mend: "Raise it: LimitNOFILE=65536 in the unit, or ulimit -n.")
            : DoctorCheck("open files", .good, text)
    }

    private var clock: DoctorCheck {
        let now = Date()
        guard now.timeIntervalSince1970 >= Self.earliestSeconds else {
            return DoctorCheck(
                "clock", .wrong, "it shows \(now)", mend: "Set it, and keep it set: timedatectl set-ntp true.")
        }
        return DoctorCheck("clock", .good, "it shows \(now)")
    }

    private var recordings: [DoctorCheck] {
        guard configuration.tenants.contains(where: { !$0.recording.isForbidden }) else { return [] }
        return [folder("recordings", configuration.recordingsRoot)]
    }

    private var timeZones: [DoctorCheck] {
        configuration.tenants.map { tenant in
            let formatter = DateFormatter()
            formatter.timeZone = tenant.timeZone
            formatter.dateFormat = "yyyy.MM.dd HH:mm:ss"
            return DoctorCheck(
                "time zone", .good,
                "\(tenant.namespace) is in \(tenant.timeZoneName), where it is \(formatter.string(from: Date()))")
        }
    }
}
