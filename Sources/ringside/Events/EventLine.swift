import CSTA

/// An event as a line for people: `    12  13:14:55  8001    delivered   8001 rings: 8002 → 8001, Internal  [call 1f0c6d1a]`.
struct EventLine {
    let event: Event
    let isColored: Bool

    var text: String {
        let serial = event.serial.description.padded(to: 8, atStart: true)
        let time = event.time.description.suffix(8)
        let columns = "\(device.padded(to: 6))  \(paint(event.name.printable.padded(to: 21)))"
        return "\(dim("\(serial)  \(time)"))  \(columns)  \(sentence.printable)\(dim(call))"
    }

    /// Whose copy it is.
    private var device: String {
        switch event.body {
        case .agent(let agent): short(agent.device)
        case .call(let call): short(call.source)
        case .recording(let recording): short(recording.device)
        case .unrecognized: "-"
        }
    }

    private var call: String {
        switch event.body {
        case .call(let call): "  [call \(call.call.text.prefix(8))]"
        case .agent, .recording, .unrecognized: ""
        }
    }

    private var sentence: String {
        switch event.body {
        case .agent(let agent): sentence(agent)
        case .call(let call): sentence(call)
        case .recording(let recording): sentence(recording)
        case .unrecognized: event.unknownFields.map { "\($0.key)=\(text(of: $0.value))" }.joined(separator: " ")
        }
    }

    private func sentence(_ event: AgentEvent) -> String {
        let agent = "agent \(short(event.agent))"
        let reason = event.reason.map { ", reason \($0)" } ?? ""
        return switch event.kind {
        case .loggedOn: "\(agent) logs on, \(event.mode.rawValue)"
        case .loggedOff: "\(agent) logs off"
        case .ready: "\(agent) is ready\(reason)"
        case .notReady: "\(agent) is not ready\(reason)"
        case .workingAfterCall: "\(agent) works after a call"
        case .allocated: "\(agent) is reserved for a call"
        }
    }

    private func sentence(_ event: CallEvent) -> String {
        switch event.detail {
        case .serviceInitiated(let device): return "\(short(device)) lifts"
        case .originated(let calling, let called): return "\(short(calling)) dials \(short(called))"
        case .delivered(let delivered):
            let type = delivered.callType.map { ", \($0.rawValue)" } ?? ""
            let queue = delivered.split.map { ", from queue \(short($0))" } ?? ""
            let trunk = delivered.trunkGroup.map { ", by trunk \($0)\(delivered.trunkMember.map { "/\($0)" } ?? "")" }
            return "\(short(delivered.alertingDevice)) rings: \(short(delivered.callingDevice)) → "
                + "\(short(delivered.calledDevice))\(type)\(queue)\(trunk ?? "")"
        case .established(let established): return "\(short(established.answeringDevice)) answers"
        case .held(let device): return "\(short(device)) holds"
        case .retrieved(let device): return "\(short(device)) takes the call back"
        case .transferred(let transfer):
            return "\(short(transfer.transferringDevice)) transfers to \(short(transfer.transferredToDevice))"
        case .conferenced(let conference):
            return "\(short(conference.conferencingDevice)) adds \(short(conference.addedParty))"
        case .connectionCleared(let releasing, let hangup):
            let cause = event.cause.map { $0 == .hangup(.normalClearing) ? "" : ", \($0.text)" } ?? ""
            return "\(short(releasing)) leaves" + (hangup == releasing ? "" : ", \(short(hangup)) hung up") + cause
        case .failed(let called, let code, let message):
            return "the call to \(short(called)) fails: \(code.rawValue) \(message)"
        }
    }

    private func sentence(_ event: RecordingEvent) -> String {
        switch event.detail {
        case .started(_, let fileName):
            event.isSuccess ? "recording \(event.recording) starts: \(fileName)" : "the recording cannot start"
        case .stopped:
            event.isSuccess ? "recording \(event.recording) stops" : "recording \(event.recording) has failed"
        }
    }

    /// The number; with its namespace if that is another than the event's.
    private func short<Role>(_ address: Address<Role>) -> String {
        address.isIn(event.namespace) ? String(address.number) : address.text
    }

    private func text(of json: JSON) -> String { json.string ?? String(decoding: json.encoded(), as: UTF8.self) }

    // MARK: Colours

    private func paint(_ text: String) -> String {
        let color =
            switch event.body {
            case .agent: 36
            case .recording: 34
            case .unrecognized: 35
            case .call(let call):
                switch call.detail {
                case .serviceInitiated, .originated, .delivered: 33
                case .established, .retrieved: 32
                case .held, .transferred, .conferenced: 35
                case .failed: 31
                case .connectionCleared: 90
                }
            }
        return isColored ? "\u{1B}[\(color)m\(text)\u{1B}[0m" : text
    }

    private func dim(_ text: String) -> String { isColored && !text.isEmpty ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}

extension String {
    fileprivate func padded(to width: Int, atStart: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - count))
        return atStart ? spaces + self : self + spaces
    }
}
