import ServiceLifecycle

/// Has the campaigns looked at, once a second.
struct CampaignService: Service {
    private static let intervalSeconds = 1

    let desk: CampaignDesk

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(Self.intervalSeconds))
                await desk.round()
            }
        }
    }
}
