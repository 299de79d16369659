public import CSTA
public import CallCenter

/// The campaigns of this server's tenants, as the gateway needs them.
public protocol CampaignPort: Sendable {
    /// Oldest first.
    func campaigns(in namespace: Namespace) async throws(CampaignError) -> [CampaignStatus]
    func campaign(_ id: CampaignID, in namespace: Namespace) async throws(CampaignError) -> CampaignStatus
    /// Makes a campaign, which is stopped and has no contacts.
    func create(_ settings: JSONObject, in namespace: Namespace) async throws(CampaignError) -> CampaignStatus
    /// Changes the fields that are there; it counts from the next contact on.
    func change(
        _ id: CampaignID, _ settings: JSONObject, in namespace: Namespace
    ) async throws(CampaignError) -> CampaignStatus
    /// Deletes a campaign with its contacts, if it is stopped and nothing of it is under way.
    func remove(_ id: CampaignID, in namespace: Namespace) async throws(CampaignError)
    /// Stopping releases all agents who are reserved for it.
    func set(
        _ id: CampaignID, to state: Campaign.State, in namespace: Namespace
    ) async throws(CampaignError) -> CampaignStatus
    /// - Returns: for each contact why it was refused; nil: it was added.
    func add(
        _ contacts: [NewContact], to id: CampaignID, in namespace: Namespace
    ) async throws(CampaignError) -> [ContactRefusal?]

    func doNotCall(
        in namespace: Namespace, after number: String, limit: Int
    ) async throws(CampaignError) -> [String]
    func addDoNotCall(_ numbers: [String], in namespace: Namespace) async throws(CampaignError)
    /// - Returns: whether it was there.
    func removeDoNotCall(_ number: String, in namespace: Namespace) async throws(CampaignError) -> Bool
}

/// A campaign with how far it is.
public struct CampaignStatus: Hashable, Sendable {
    public var campaign: Campaign
    public var progress: CampaignProgress

    public init(campaign: Campaign, progress: CampaignProgress) {
        self.campaign = campaign
        self.progress = progress
    }
}

/// Why a contact was not added to a campaign.
public enum ContactRefusal: Hashable, Sendable {
    /// The campaign has this number already.
    case repeated
    case unknownTimeZone
    case tooManyContacts
}

/// Why nothing came of what was asked for.
public enum CampaignError: Error, Hashable, Sendable {
    case noSuchCampaign
    case field(CampaignFieldError)
    /// It runs, or something of it is under way.
    case notStopped
    case tooMany
    /// The journal does not take or give anything now.
    case unavailable
}
