import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// Serves `/metrics` on an address of its own, so that what clients and their proxies reach does not show it.
///
/// It has nothing to do with calls: when it cannot listen, the server goes on without it.
struct MetricsServer: Service {
    let settings: MetricsSettings
    let metrics: ServerMetrics
    let logger: Logger

    /// Those who scrape are few; more wait.
    private static let maximumSockets = 16

    func run() async throws {
        do {
            try await application.run()
        } catch {
            logger.error(
                "metrics are not served",
                metadata: ["host": "\(settings.host)", "port": "\(settings.port)", "reason": "\(error)"])
            try? await gracefulShutdown()
        }
    }

    private var application: some ApplicationProtocol {
        let router = Router()
        let metrics = metrics
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: MetricsText.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: await metrics.text())))
        }
        return Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumSockets)),
            logger: logger)
    }
}
