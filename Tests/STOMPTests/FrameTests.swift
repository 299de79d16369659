import Foundation
import RingsideTesting
import Testing

@testable import STOMP

/// A file of `Frames`, whose name begins with the version that it is read by.
struct FrameFile: Sendable, CustomTestStringConvertible {
    let url: URL
    let version: Version
    let name: String
    var testDescription: String { name }

    static func all(in folder: String) throws -> [FrameFile] {
        let root = try #require(Bundle.module.url(forResource: "Frames", withExtension: nil))
        let files = try FileManager.default.contentsOfDirectory(
            at: root.appending(path: folder), includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "frame" }.sorted { $0.path < $1.path }.map { url in
            let name = url.deletingPathExtension().lastPathComponent
            return FrameFile(
                url: url, version: try #require(Version(rawValue: String(name.prefix { $0 != "-" }))), name: name)
        }
    }

    func bytes() throws -> [UInt8] { Array(try Data(contentsOf: url)) }

    func expected() throws -> String {
        try String(contentsOf: url.deletingPathExtension().appendingPathExtension("expected"), encoding: .utf8)
    }
}

@Suite("Frames")
struct FrameTests {
    /// Elements as the expectations write them, then the error if there is one.
    private func read(_ parts: [ArraySlice<UInt8>], _ version: Version?) -> (
        elements: [FrameParser.Element], FrameError?
    ) {
        var parser = FrameParser()
        parser.version = version
        var elements: [FrameParser.Element] = []
        do throws(FrameError) {
            for part in parts {
                parser.append(part)
                while let element = try parser.next() { elements.append(element) }
            }
            return (elements, nil)
        } catch {
            return (elements, error)
        }
    }

    private func text(_ elements: [FrameParser.Element]) -> String {
        elements.map { element in
            switch element {
            case .heartbeat: "heartbeat\n"
            case .frame(let frame):
                frame.command.rawValue + "\n"
                    + frame.headers.map { "\($0.name)=\(visible(Array($0.value.utf8), isText: true))\n" }.joined()
                    + "body=\(visible(frame.body, isText: false))\n"
            }
        }.joined()
    }

    private func visible(_ bytes: [UInt8], isText: Bool) -> String {
        String(
            decoding: bytes.flatMap { byte -> [UInt8] in
                switch byte {
                case 0: Array("\\0".utf8)
                case 10: Array("\\n".utf8)
                case 13: Array("\\r".utf8)
                case 92: Array("\\\\".utf8)
                case 0x80... where !isText: Array("\\x\(String(byte, radix: 16, uppercase: true))".utf8)
                default: [byte]
                }
            }, as: UTF8.self)
    }

    /// In one piece, byte by byte, and in a hundred random ways.
    private func splits(_ bytes: [UInt8], seed: UInt64) -> [[ArraySlice<UInt8>]] {
        var random = SeededGenerator(seed: seed)
        return [[bytes[...]], bytes.indices.map { bytes[$0...$0] }]
            + (0..<100).map { _ in
                var parts: [ArraySlice<UInt8>] = []
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = Int.random(in: 1...max(1, min(rest.count, bytes.count / 3)), using: &random)
                    parts.append(rest.prefix(count))
                    rest = rest.dropFirst(count)
                }
                return parts
            }
    }

    @Test("are read, however they come", arguments: try FrameFile.all(in: "valid"))
    func valid(file: FrameFile) throws {
        let (bytes, expected) = (try file.bytes(), try file.expected())
        for parts in splits(bytes, seed: 1) {
            let (elements, error) = read(parts, file.version)
            #expect(error == nil, "in parts of \(parts.map(\.count))")
            #expect(text(elements) == expected, "in parts of \(parts.map(\.count))")
        }
    }

    @Test("that are none are told what they are, however they come", arguments: try FrameFile.all(in: "invalid"))
    func invalid(file: FrameFile) throws {
        let expected = try #require(FrameError(rawValue: String(file.name.split(separator: "-")[1])))
        let bytes = try file.bytes()
        for parts in splits(bytes, seed: 2) {
            #expect(read(parts, file.version).1 == expected, "in parts of \(parts.map(\.count).prefix(20))")
        }
    }

    @Test("of each error there is a file")
    func coverage() throws {
        let names = Set(try FrameFile.all(in: "invalid").map { String($0.name.split(separator: "-")[1]) })
        #expect(names == Set(FrameError.allCases.map(\.rawValue)))
    }

    @Test("come back as they were written, whatever their headers and body", arguments: Version.allCases)
    func roundTrip(version: Version) throws {
        var random = SeededGenerator(seed: 3)
        // What 1.0 has no means to say is left out there.
        let letters = Array(version == .v1_0 ? "ab 张\\é" : "ab:\n\\ 张é" + (version == .v1_2 ? "\r" : ""))
        for _ in 0..<500 {
            let value = String(
                (0..<Int.random(in: 0...9, using: &random)).map { _ in
                    letters.randomElement(using: &random) ?? "a"
                })
            let body = (0..<Int.random(in: 0...20, using: &random)).map { _ in UInt8.random(in: 0...3, using: &random) }
            let frame = Frame(
                .message,
                [.init("name" + (version == .v1_0 ? "" : value), value), .init("content-length", "\(body.count)")],
                body: body)
            let read = read([frame.encoded(for: version)[...]], version)
            #expect(read.elements == [.frame(frame)] && read.1 == nil, "\(value.debugDescription)")
        }
    }

    @Test("what is noise is refused or waited for, and never more than a frame is kept")
    func noise() {
        var random = SeededGenerator(seed: 4)
        let words =
            Frame.Command.allCases.map { Array($0.rawValue.utf8) } + [[0], [10], [13, 10], [58], [92, 110], [0xFF]]
            + [Array("content-length:3".utf8), Array("x".utf8)]
        var refused = 0
        for _ in 0..<2_000 {
            let bytes = (0..<30).flatMap { _ in words.randomElement(using: &random) ?? [] }
            if read([bytes[...]], Version.allCases.randomElement(using: &random)).1 != nil { refused += 1 }
        }
        #expect(refused > 1_000)
    }

    @Test(
        "the version is the highest that both know",
        arguments: [
            (nil, Version.v1_0), ("1.0", .v1_0), ("1.0,1.1", .v1_1), ("1.2,1.1,1.0", .v1_2), ("1.1, 1.2", .v1_2),
            ("1.3,1.1", .v1_1), ("2.0", nil), ("", nil),
        ] as [(String?, Version?)])
    func negotiation(offer: String?, agreed: Version?) {
        #expect(Version.negotiate(offer) == agreed)
    }
}
