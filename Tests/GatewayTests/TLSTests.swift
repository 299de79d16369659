import Foundation
import NIOSSL
import RingsideTesting
import Testing

@testable import Gateway

@Suite("TLS")
struct TLSTests {
    /// Trusts one of the certificates of this folder, `first` or `second`, and nothing else.
    private func trust(in name: String) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMFile(try url(name, "pem").path))
        return try NIOSSLContext(configuration: configuration)
    }

    private func url(_ name: String, _ type: String) throws -> URL {
        try #require(Bundle.module.url(forResource: name, withExtension: type, subdirectory: "Certificates"))
    }

    /// Shows one of them from now on.
    private func install(_ name: String, in folder: TemporaryFolder) throws -> TLSCertificate.Files {
        let files = TLSCertificate.Files(
            certificate: folder.url.appending(path: "cert.pem").path, key: folder.url.appending(path: "key.pem").path)
        for (path, type) in [(files.certificate, "pem"), (files.key, "key")] {
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(at: try url(name, type), to: URL(filePath: path))
        }
        return files
    }

    private func status(_ port: Int, _ context: NIOSSLContext?) async throws -> Int {
        try await ClientSocket.with(port: port, tls: context) { socket async throws in
            try await socket.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return try await socket.readHead().status
        }
    }

    @Test("is spoken to requests and WebSockets; a new certificate is shown as soon as its files are there")
    func spoken() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let world = try World()
        let certificate = try TLSCertificate(try install("first", in: folder), logger: world.log.logger)
        try await LiveWorld.with(world, certificate: certificate) { live in
            let (first, second) = (try trust(in: "first"), try trust(in: "second"))
            #expect(try await status(live.port, first) == 200)
            await #expect(throws: (any Error).self) { try await status(live.port, second) }
            await #expect(throws: (any Error).self) { try await status(live.port, nil) }

            let session = try world.session(of: "5001", in: live.services)
            try await ClientSocket.with(port: live.port, tls: first) { socket async throws in
                try await socket.upgrade("/events", ["Authorization": "Bearer \(session)"])
                // Written in the middle: the key is not that of the certificate.
                try FileManager.default.removeItem(atPath: certificate.files.key)
                try FileManager.default.copyItem(
                    at: try url("second", "key"), to: URL(filePath: certificate.files.key))
                certificate.reload()
                #expect(try await status(live.port, first) == 200)
                _ = try install("second", in: folder)
                certificate.reload()
                #expect(try await status(live.port, second) == 200)
                await #expect(throws: (any Error).self) { try await status(live.port, first) }
                // The connection that was there goes on.
                try await socket.sendFrame(first: 0x89, [1, 2])
                #expect(try await socket.nextFrame() == ClientSocket.Frame(opcode: 0xA, payload: [1, 2]))
            }
        }
    }

    @Test("needs files that belong together")
    func badFiles() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let world = try World()
        let files = TLSCertificate.Files(
            certificate: try url("first", "pem").path, key: try url("second", "key").path)
        #expect(throws: (any Error).self) { try TLSCertificate(files, logger: world.log.logger) }
        let nowhere = TLSCertificate.Files(certificate: folder.path + "/none.pem", key: folder.path + "/none.key")
        #expect(throws: (any Error).self) { try TLSCertificate(nowhere, logger: world.log.logger) }
    }
}
