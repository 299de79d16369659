import CSTA
import CallCenter
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// `/api/csta/recordings`: which there are, and their sound. Not there without an archive.
enum RecordingRoutes {
    /// What is read of a file at once: half a second of a disk's work, and of telephone sound four.
    private static let chunkBytes = 64 * 1024

    static func add(to routes: inout RouteTable, _ recordings: Recordings) {
        routes.on(.get, "/api/csta/recordings") { try await list($0, recordings) }
        routes.on(.get, "/api/csta/recordings/{recordId}") { try await download($0, recordings) }
    }

    // MARK: List

    private static func list(_ request: APIRequest, _ recordings: Recordings) async throws -> Response {
        let requester = try request.requester()
        let zone = await (try request.services.tenant(of: requester)).read { $0.configuration.zone }
        let query = QueryFields(try request.query(), in: requester.agent.namespace, zone: zone)
        let filter = try filter(query, for: requester)
        var position: RecordingPosition?
        if let text = query.text("after") {
            position = RecordingPosition(text)
            guard position != nil else { throw APIError.malformed("after", "not the next of an answer before.") }
        }
        let limit = try query.limit()
        let page: RecordingPage
        do {
            page = try await recordings.archive.recordings(
                in: requester.agent.namespace, matching: filter, after: position, limit: limit)
        } catch {
            throw APIError.recordingsAway
        }
        return .json(encoded(page, zone))
    }

    /// An agent gets what was recorded while it was logged in on the device, a supervisor everything of the namespace.
    private static func filter(
        _ query: QueryFields, for requester: Requester
    ) throws(APIError) -> RecordingFilter {
        RecordingFilter(
            agent: try query.agent(for: requester), device: try query.address("device"), call: try query.call("call"),
            conversation: try query.call("conversation"), from: try query.moment("from"), to: try query.moment("to"))
    }

    private static func encoded(_ page: RecordingPage, _ zone: ZoneOffsets) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("recordings")
        writer.beginArray()
        for recording in page.recordings {
            writer.beginObject()
            writer.member("recordId", recording.id)
            writer.member("callId", recording.call.text)
            writer.member("conversationId", recording.conversation?.text)
            writer.member("deviceId", recording.device.text)
            writer.member("agentId", recording.agent?.text)
            writer.member("fileName", recording.fileName)
            writer.time("startTime", recording.started, zone)
            if case .ended(let moment, let isSuccess) = recording.state {
                writer.time("stopTime", moment, zone)
                writer.key("isSuccess")
                writer.bool(isSuccess)
            }
            writer.endObject()
        }
        writer.endArray()
        if !page.isLast { writer.member("next", page.recordings.last?.position.description) }
        writer.endObject()
        return writer.bytes
    }

    // MARK: Download

    private static func download(_ request: APIRequest, _ recordings: Recordings) async throws -> Response {
        let requester = try request.requester()
        let namespace = requester.agent.namespace
        let id = try request.parameter("recordId")
        let found: StoredRecording?
        do {
            found = try await recordings.archive.recording(id, in: namespace)
        } catch {
            throw APIError.recordingsAway
        }
        // Somebody else's is as unknown as one that is not there.
        guard let recording = found, requester.role.supervises || recording.agent == requester.agent else {
            throw APIError.noSuchRecording
        }
        guard recording.state != .running else { throw APIError.recordingRuns }
        let file: RecordingFile
        do {
            file = try await recordings.folder.open(recording.fileName, in: namespace)
        } catch {
            throw failure(error, of: recording, request)
        }
        return response(to: request, file, of: recording)
    }

    private static func failure(
        _ failure: RecordingFolder.Failure, of recording: StoredRecording, _ request: APIRequest
    ) -> APIError {
        var metadata: Logger.Metadata = ["recording": "\(recording.id)", "reason": "\(failure)"]
        // The device's number is part of the name.
        if !request.services.accounts.policy(of: recording.device.namespace).masksNumbers {
            metadata["file"] = "\(recording.fileName)"
        }
        request.services.logger.error("a recording cannot be read", metadata: metadata)
        return switch failure {
        case .notThere, .outside: .noRecordingFile
        case .noRoot, .system: .recordingsAway
        }
    }

    private static func response(
        to request: APIRequest, _ file: RecordingFile, of recording: StoredRecording
    ) -> Response {
        // What is complete does not change any more.
        let tag = "\"\(recording.id)\""
        var headers: HTTPFields = [
            .contentType: "audio/wav", .acceptRanges: "bytes", .eTag: tag, .cacheControl: "private, no-cache",
            .contentDisposition: "attachment; filename=\"\(name(of: recording))\"", .xContentTypeOptions: "nosniff",
        ]
        var range = ByteRange.whole
        let condition = request.request.headers[.ifRange]
        // Range is of GET alone (RFC 9110 §14.2).
        if request.request.method == .get, condition == nil || condition == tag {
            range = ByteRange(request.request.headers[.range], of: file.byteCount)
        }
        switch range {
        case .whole: return Response(status: .ok, headers: headers, body: body(file, 0..<file.byteCount))
        case .part(let part):
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.byteCount)"
            return Response(status: .partialContent, headers: headers, body: body(file, part))
        case .unsatisfiable:
            var response = APIError.rangeNotSatisfiable.response
            response.headers[.contentRange] = "bytes */\(file.byteCount)"
            return response
        }
    }

    /// The file's own name, if a header may hold it.
    private static func name(of recording: StoredRecording) -> String {
        let name = recording.fileName.split(separator: "/").last.map(String.init) ?? ""
        let isPlain = name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") && $0 != 0x5c }
        return isPlain && !name.isEmpty ? name : "recording.wav"
    }

    private static func body(_ file: RecordingFile, _ range: Range<Int64>) -> ResponseBody {
        ResponseBody(contentLength: Int(range.count)) { writer in
            var position = range.lowerBound
            while position < range.upperBound {
                let bytes = try await file.read(
                    Int(min(Int64(chunkBytes), range.upperBound - position)), from: position)
                // Somebody has cut the file: the connection ends before its announced length.
                guard !bytes.isEmpty else { throw RecordingFolder.Failure.notThere }
                try await writer.write(ByteBuffer(bytes: bytes))
                position += Int64(bytes.count)
            }
            try await writer.finish(nil)
        }
    }
}

extension HTTPField.Name {
    /// RFC 6266; the fetch standard.
    fileprivate static var xContentTypeOptions: HTTPField.Name { .init("X-Content-Type-Options") ?? .contentType }
}

extension APIError {
    fileprivate static let noSuchRecording = APIError(404, "noSuchRecording", "There is no such recording.")
    fileprivate static let noRecordingFile = APIError(
        404, "noRecordingFile", "The recording's file is not there: it failed, or somebody has removed it.")
    fileprivate static let recordingRuns = APIError(
        409, "recordingRuns", "The recording is not over: wait for recordStopped.", ["state": .string("Running")])
    fileprivate static let rangeNotSatisfiable = APIError(
        416, "rangeNotSatisfiable", "The recording has nothing in this range: Content-Range says how long it is.")
    fileprivate static let recordingsAway: APIError = {
        var error = APIError(503, "recordingsAway", "The recordings cannot be reached now: try again.")
        error.retryAfterSeconds = 5
        return error
    }()
}
