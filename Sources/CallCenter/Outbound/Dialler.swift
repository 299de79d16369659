/// How many contacts a campaign calls, and when: the part of a dialler that differs from one kind to another.
///
/// Who is called next, what becomes of a contact afterwards and how calls are placed is the same for all. A predictive dialler
/// would ask for more calls than agents are free.
public protocol Dialler: Sendable {
    /// How many contacts to take now for a campaign.
    ///
    /// - Parameter freeAgents: agents of the campaign's split who are Ready, and for whom nobody waits.
    func contacts(for campaign: Campaign, freeAgents: Int) -> Int
}

/// Preview and preoccupied: a contact for each free agent, who is reserved before anybody is called.
public struct ReservingDialler: Dialler {
    /// Taken at once: the rest of a large split gets its contacts a second later.
    static let maximumContacts = 50

    public init() {}

    public func contacts(for campaign: Campaign, freeAgents: Int) -> Int {
        campaign.state == .running ? min(max(freeAgents, 0), Self.maximumContacts) : 0
    }
}
