import CSTA

extension CallEvent.Detail {
    /// Whether two copies may tell of the same thing: what they say is compared with what they should say, not with each other.
    func isOfTheKind(of other: Self) -> Bool {
        switch (self, other) {
        case (.serviceInitiated, .serviceInitiated), (.originated, .originated), (.delivered, .delivered),
            (.established, .established), (.held, .held), (.retrieved, .retrieved), (.transferred, .transferred),
            (.conferenced, .conferenced), (.connectionCleared, .connectionCleared), (.failed, .failed):
            true
        default: false
        }
    }

    /// `localState` (the table of the call events).
    var state: ConnectionState {
        switch self {
        case .serviceInitiated, .originated: .initiate
        case .delivered: .alerting
        case .established, .retrieved, .conferenced: .connect
        case .held: .hold
        case .transferred(let transferred): transferred.primaryOldCall == .none ? .queued : .connect
        case .connectionCleared: .idle
        case .failed: .fail
        }
    }

    /// `deviceId`: the device that changed (E7).
    var device: DeviceID {
        switch self {
        case .serviceInitiated(let device), .held(let device), .retrieved(let device): device
        case .originated(let calling, _): calling
        case .delivered(let delivered): delivered.alertingDevice
        case .established(let established): established.answeringDevice
        case .transferred(let transferred): transferred.transferringDevice
        case .conferenced(let conferenced): conferenced.addedParty
        case .connectionCleared(let releasing, _): releasing
        case .failed(let called, _, _): called
        }
    }
}
