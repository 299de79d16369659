import CSTA
import CallCenter
import Synchronization

@testable import Gateway

/// One campaign, 1 of `one.cc`, and whether anybody has touched it.
final class TestCampaigns: CampaignPort {
    let touched = Mutex(0)

    private func require(_ id: CampaignID, in namespace: Namespace) throws(CampaignError) {
        guard id == CampaignID(1), namespace.name == "one.cc" else { throw .noSuchCampaign }
        touched.withLock { $0 += 1 }
    }

    func campaigns(in namespace: Namespace) async throws(CampaignError) -> [CampaignStatus] {
        namespace.name == "one.cc" ? [try await campaign(CampaignID(1), in: namespace)] : []
    }

    func campaign(_ id: CampaignID, in namespace: Namespace) async throws(CampaignError) -> CampaignStatus {
        try require(id, in: namespace)
        guard let split = DeviceID("7000", in: namespace) else { throw .unavailable }
        return CampaignStatus(
            campaign: Campaign(id: id, namespace: namespace, settings: CampaignSettings(split: split)),
            progress: CampaignProgress())
    }

    func create(_ settings: JSONObject, in namespace: Namespace) async throws(CampaignError) -> CampaignStatus {
        do throws(CampaignFieldError) {
            _ = try CampaignSettings(settings, in: namespace)
        } catch {
            throw .field(error)
        }
        throw .tooMany
    }

    func change(
        _ id: CampaignID, _ settings: JSONObject, in namespace: Namespace
    ) async throws(CampaignError) -> CampaignStatus { try await campaign(id, in: namespace) }

    func remove(_ id: CampaignID, in namespace: Namespace) async throws(CampaignError) {
        try require(id, in: namespace)
        throw .notStopped
    }

    func set(
        _ id: CampaignID, to state: Campaign.State, in namespace: Namespace
    ) async throws(CampaignError) -> CampaignStatus { try await campaign(id, in: namespace) }

    func add(
        _ contacts: [NewContact], to id: CampaignID, in namespace: Namespace
    ) async throws(CampaignError) -> [ContactRefusal?] {
        try require(id, in: namespace)
        return contacts.map { _ in .repeated }
    }

    func doNotCall(
        in namespace: Namespace, after number: String, limit: Int
    ) async throws(CampaignError) -> [String] { namespace.name == "one.cc" ? ["13800000000"] : [] }

    func addDoNotCall(_ numbers: [String], in namespace: Namespace) async throws(CampaignError) { throw .unavailable }

    func removeDoNotCall(_ number: String, in namespace: Namespace) async throws(CampaignError) -> Bool {
        namespace.name == "one.cc"
    }
}
