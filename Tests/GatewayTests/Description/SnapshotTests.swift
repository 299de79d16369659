import CSTA
import Foundation
import Testing

@testable import Gateway

/// The interface as clients know it, in Tests/Interface.
///
/// `RINGSIDE_RECORD_INTERFACE=1 swift test --filter SnapshotTests` writes it anew and fails, so that a recording never passes
/// for a test. What breaks clients is recorded only with a new major version.
@Suite("The interface that clients know")
struct SnapshotTests {
    private static let documents: [(name: String, json: JSON)] = [
        ("openapi", Described.openAPI), ("asyncapi", InterfaceDescription.asyncAPI),
    ]

    @Test("goes on as it is: what changes it is recorded on purpose")
    func unchanged() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Interface")
        let isRecording = ProcessInfo.processInfo.environment["RINGSIDE_RECORD_INTERFACE"] == "1"
        for (name, json) in Self.documents {
            let file = folder.appending(path: "\(name).json")
            let known = try? JSON.parse(Array(try Data(contentsOf: file)))
            let breaks = known.map { Compatibility.breaks(from: $0, to: json) } ?? []
            let isNewMajor = known.map { Self.major($0) != Self.major(json) } ?? true
            guard breaks.isEmpty || isNewMajor else {
                Issue.record(
                    """
                    this breaks clients of \(name).json: \(breaks.joined(separator: "; ")).
                    Take it back, or raise the major version in InterfaceDescription.version and record it.
                    """)
                continue
            }
            if isRecording {
                try Self.pretty(json).write(to: file)
                Issue.record("recorded \(name).json; run again without recording")
            } else {
                #expect(
                    known.map(Self.sorted) == Self.sorted(json),
                    "\(name).json is not what is served. Record it with RINGSIDE_RECORD_INTERFACE=1, see git diff.")
            }
        }
    }

    private static func major(_ document: JSON) -> Substring? {
        document["info"]?["version"]?.string?.prefix { $0 != "." }
    }

    private static func pretty(_ json: JSON) throws -> Data {
        let object = try JSONSerialization.jsonObject(with: Data(json.encoded()))
        return try JSONSerialization.data(
            withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) + Data("\n".utf8)
    }

    /// With the members of all objects by their names: the file has them so.
    private static func sorted(_ json: JSON) -> JSON {
        switch json {
        case .array(let elements): return .array(elements.map(sorted))
        case .object(let object):
            var result = JSONObject()
            for (key, value) in object.sorted(by: { $0.key < $1.key }) { result[key] = sorted(value) }
            return .object(result)
        default: return json
        }
    }

    @Test(
        "is broken by these",
        arguments: [
            (
                #""message":{"type":"string"}"#, #""msg":{"type":"string"}"#,
                "paths./a.post.responses.400.content.json.schema.properties.message is gone"
            ),
            (#""status":{"type":"integer"}"#, #""status":{"type":"string"}"#, "status.type was integer, is string"),
            (#""required":["status","message"]"#, #""required":["status"]"#, "required: message may be left out"),
            (#""required":["from"]"#, #""required":["from","to"]"#, "required: to has to be sent"),
            (#""enum":["x","y"]"#, #""enum":["x"]"#, "enum has no y"),
            (
                #"{"name":"q","in":"query","required":false}"#, #"{"name":"p","in":"query","required":true}"#,
                "p has to be sent"
            ),
            (#""post":"#, #""put":"#, "paths./a.post is gone"),
        ])
    func breaking(old: String, new: String, expected: String) throws {
        #expect(Self.document.contains(old))
        let breaks = Compatibility.breaks(
            from: try JSON.parse(Self.document), to: try JSON.parse(Self.document.replacing(old, with: new)))
        #expect(breaks.contains { $0.hasSuffix(expected) }, "\(breaks)")
    }

    @Test(
        "is not broken by these",
        arguments: [
            (
                #""message":{"type":"string"}"#,
                #""message":{"type":"string","description":"text"},"more":{"type":"string"}"#
            ),
            (#""required":["from"]"#, #""required":[]"#),
            (#""required":["status","message"]"#, #""required":["status","message","more"]"#),
            (#""enum":["x","y"]"#, #""enum":["x","y","z"]"#),
            (#""parameters":["#, #""parameters":[{"name":"new","in":"query","required":false},"#),
        ])
    func harmless(old: String, new: String) throws {
        #expect(Self.document.contains(old))
        #expect(
            Compatibility.breaks(
                from: try JSON.parse(Self.document), to: try JSON.parse(Self.document.replacing(old, with: new))) == [])
    }

    private static let document = #"""
        {"paths":{"/a":{"post":{"parameters":[{"name":"q","in":"query","required":false}],
        "requestBody":{"content":{"json":{"schema":{"properties":{"from":{"enum":["x","y"]},"to":{}},"required":["from"]}}}},
        "responses":{"400":{"content":{"json":{"schema":{"properties":{"status":{"type":"integer"},
        "message":{"type":"string"}},"required":["status","message"]}}}}}}}}}
        """#
}
