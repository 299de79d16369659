import Foundation
public import Logging
import NIOSSL
public import ServiceLifecycle
import Synchronization

/// The certificate that the server shows, with its key, as files that may be changed while it runs.
///
/// A connection begun keeps the certificate that it was begun with.
public final class TLSCertificate: Service {
    /// Where the files are; both in PEM.
    public struct Files: Hashable, Sendable {
        /// The certificate, and behind it those that lead to a trusted one.
        public var certificate: String
        public var key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    private struct State {
        var context: NIOSSLContext
        var read: [Date?]
    }

    public let files: Files
    private let logger: Logger
    private let state: Mutex<State>
    /// How long a new certificate waits to be noticed.
    private static let interval = Duration.seconds(60)

    /// Reads the files.
    ///
    /// - Throws: what is wrong with them.
    public init(_ files: Files, logger: Logger) throws {
        self.files = files
        self.logger = logger
        let dates = Self.dates(files)
        state = Mutex(State(context: try Self.context(files), read: dates))
    }

    var context: NIOSSLContext { state.withLock(\.context) }

    /// Looks for new files once a minute.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                self.reload()
            }
        }
    }

    /// Takes new files, if there are any and they are good; else it goes on with what it has.
    public func reload() {
        let dates = Self.dates(files)
        guard state.withLock({ $0.read }) != dates else { return }
        do {
            let context = try Self.context(files)
            state.withLock { $0 = State(context: context, read: dates) }
            logger.notice("a new certificate is shown", metadata: ["file": "\(files.certificate)"])
        } catch {
            // They may be in the middle of being written: looked at again next time.
            logger.warning(
                "the new certificate cannot be used; the one before it is shown",
                metadata: ["file": "\(files.certificate)", "reason": "\(error)"])
        }
    }

    private static func context(_ files: Files) throws -> NIOSSLContext {
        let certificates = try NIOSSLCertificate.fromPEMFile(files.certificate).map {
            NIOSSLCertificateSource.certificate($0)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates, privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    private static func dates(_ files: Files) -> [Date?] {
        [files.certificate, files.key].map {
            // Of the file that a link leads to: it may change, and the link not.
            let path = URL(filePath: $0).resolvingSymlinksInPath().path
            return (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
        }
    }
}
