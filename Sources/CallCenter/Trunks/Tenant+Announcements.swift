import CSTA
public import SwitchDriver

/// What a caller hears for whom nobody is there, before the call is ended.
public struct Announcement: Hashable, Sendable {
    /// How long one may be, in seconds: a line of a trunk is taken up meanwhile.
    public static let allowedSeconds = 1...300

    public var sound: SoundName
    /// How long the sound is: that long after its beginning the call is ended.
    public var seconds: Int

    public init(_ sound: SoundName, seconds: Int) {
        self.sound = sound
        self.seconds = seconds
    }
}

// Calls whose caller, alone, hears an announcement and is then hung up on. Nobody takes part in them but the caller, who is
// not answered by anybody: so the records say.
extension Tenant {
    /// The caller's line is answered, since what is heard before is not let through by every carrier.
    mutating func begin(_ announcement: Announcement, in call: inout Call, _ step: inout Step) {
        call.announcement = announcement
        step.tell(.answer(call.connections[0].leg))
        setAnnouncementLimit(call, &step)
    }

    /// The caller is on the line.
    func play(in call: borrowing Call, _ step: inout Step) {
        if let announcement = call.announcement { step.tell(.play(announcement.sound, call.mix)) }
    }

    /// Sets when a call with an announcement ends. A line that is not up yet has the time that a phone has to be answered.
    func setAnnouncementLimit(_ call: borrowing Call, _ step: inout Step) {
        guard let announcement = call.announcement else { return }
        let isUp = call.connections[0].legState == .up
        step.set(
            .announcement(call.id),
            afterSeconds: announcement.seconds + (isUp ? 0 : configuration.limits.answerSeconds))
    }

    /// It is time to tell a caller who waits its position, or an announcement is over: whom the customer called hangs up.
    mutating func announcementDue(_ id: CallID, _ step: inout Step) {
        guard var call = calls[id], call.announcement != nil else { return announcePosition(id, &step) }
        calls[id] = nil
        leave(&call, call.connections[0].calledDevice, .normalClearing, &step)
        put(call)
    }
}
