import CSTA
import CallCenter
import Logging
import ServiceLifecycle
import SwitchDriver

/// Keeps the switch running and hands its events to the tenants.
struct SwitchLink: Service {
    let telephoneSwitch: any Switch
    let tenants: TenantTable
    let logger: Logger

    func run() async throws {
        let tenants = tenants
        let logger = logger
        let name = telephoneSwitch.name
        try await cancelWhenGracefulShutdown {
            try await telephoneSwitch.run { namespace, event in
                switch event {
                case .linkUp(let snapshot):
                    logger.notice(
                        "the link to the switch is there",
                        metadata: [
                            "switch": "\(name)", "tenant": "\(namespace)", "legs": "\(snapshot.legs.count)",
                            "registered": "\(snapshot.registered.count)",
                        ])
                case .linkDown:
                    logger.warning(
                        "the link to the switch is lost", metadata: ["switch": "\(name)", "tenant": "\(namespace)"])
                default: break
                }
                tenants[namespace]?.receive(event)
            }
        }
    }
}
