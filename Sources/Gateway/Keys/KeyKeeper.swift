import Logging
public import ServiceLifecycle

/// Writes down when API keys were used last, behind the requests, about once a minute and at the end.
public struct KeyKeeper: Service {
    static let intervalSeconds = 60

    let keys: KeyStore
    let logger: Logger

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(Self.intervalSeconds))
                await write()
            }
        }
        await write()
    }

    private func write() async {
        do {
            try await keys.writeUses()
        } catch {
            logger.warning("the last uses of keys cannot be stored", metadata: ["reason": "\(error)"])
        }
    }
}
