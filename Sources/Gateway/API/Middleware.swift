import CSTA
import CallCenter
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// A line for each request: method, path as a template, status, milliseconds; and, where they are known, the session as a short
/// hash, its agent, and the call. Nothing else that a client has written gets into it, so neither does a secret.
struct RequestLog: RouterMiddleware {
    let logger: Logger
    let now: @Sendable () -> Instant
    let masked: @Sendable (Namespace) -> Bool

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let began = now()
        let response = try await next(request, context)
        let level: Logger.Level = response.status.code >= 500 ? .warning : .info
        var metadata: Logger.Metadata = [
            "method": .string(request.method.known),
            "path": .string(context.endpointPath ?? "NotFound"),
            "status": .stringConvertible(response.status.code),
            "milliseconds": .stringConvertible(now().milliseconds - began.milliseconds),
        ]
        for (key, value) in context.notes.fields(masking: masked) { metadata[key] = .string(value) }
        logger.log(level: level, "request", metadata: metadata)
        return response
    }
}

/// Makes a JSON body of every error.
struct ErrorBodies: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPParserError {
            // The server answers 400 and closes: what comes next on this socket cannot be told apart.
            throw error
        } catch {
            return response(to: error)
        }
    }

    private func response(to error: any Error) -> Response {
        switch error {
        case let error as APIError:
            return error.response
        case is NIOTooManyBytesError:
            return APIError.bodyTooLarge.response
        case let error as HTTPError where error.status == .notFound:
            return APIError.noSuchPath.response
        case let error as any HTTPResponseError where (400..<500).contains(error.status.code):
            return APIError(error.status.code, "refused", error.status.reasonPhrase).response
        case let error as any HTTPResponseError where error.status == .serviceUnavailable:
            return APIError(503, "refused", error.status.reasonPhrase).response
        default:
            // The type alone: a description may repeat what the client has sent.
            logger.error("request failed", metadata: ["error": .string(String(reflecting: type(of: error)))])
            return APIError.unexpected.response
        }
    }
}
