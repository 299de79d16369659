import CSTA
public import SwitchDriver

/// Who hears whom.
extension SandboxMachine {
    /// The announcements that are kept; older ones are forgotten. More than any test says in one call.
    public static let maximumAnnouncements = 100

    /// The legs whose voices reach a leg: all talkers of its mix that are up, not muted, and that no phone holds.
    public func hearing(of leg: LegID) -> Set<LegID> {
        guard let mix = legs[leg]?.mix, legs[leg]?.canHear == true else { return [] }
        return members(of: mix).filter { $0 != leg && legs[$0]?.canBeHeard == true }
    }

    /// The legs that a leg's voice reaches.
    public func whoHears(_ leg: LegID) -> Set<LegID> {
        guard let mix = legs[leg]?.mix, legs[leg]?.canBeHeard == true else { return [] }
        return members(of: mix).filter { $0 != leg && legs[$0]?.canHear == true }
    }

    /// Whether anybody in a mix hears anybody.
    func isTalkHeard(in mix: MixID) -> Bool {
        let members = members(of: mix)
        let hearers = members.count { legs[$0]?.canHear == true }
        // A talker does not hear itself, so the only one that hears must be another.
        return members.contains { id in
            guard let leg = legs[id], leg.canBeHeard else { return false }
            return hearers > (leg.canHear ? 1 : 0)
        }
    }

    /// Holds, retrieves or mutes a leg that is up.
    mutating func changeSound(of id: LegID, isHeld: Bool? = nil, isMuted: Bool? = nil) {
        guard let leg = legs[id], case .up(let wasHeld, let wasMuted) = leg.state else { return }
        legs[id]?.state = .up(isHeld: isHeld ?? wasHeld, isMuted: isMuted ?? wasMuted)
        if let mix = leg.mix { soundChanged(in: mix) }
    }

    /// What cannot be said is left: digits, `*` and `#` can.
    mutating func say(_ digits: String, in mix: MixID) {
        let sayable = (1...Announcement.maximumDigits).contains(digits.utf8.count)
        if sayable, digits.utf8.allSatisfy(isSayable) { announce(.digits(digits), in: mix) }
    }

    /// Every sound is there, and is over at once.
    mutating func announce(_ content: Announcement.Content, in mix: MixID) {
        guard let members = mixes[mix]?.members else { return }
        let hearers = members.filter { legs[$0]?.canHear == true }
        if announcements.count >= Self.maximumAnnouncements { announcements.removeFirst() }
        announcements.append(Announcement(content: content, mix: mix, hearers: hearers))
        for leg in hearers {
            if let device = legs[leg]?.device { phones[device]?.announcement = content.text }
        }
    }
}

private func isSayable(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "#")
}
