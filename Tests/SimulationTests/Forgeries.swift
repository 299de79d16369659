import CSTA
import CallCenter

extension Forgery {
    static let all: [Forgery] = [
        Forgery(rule: "E5", description: "a serial left out") { effects in
            effects.changingFirst { copy, _ in copy.event.serial = copy.event.serial.next }
        },
        Forgery(rule: "E7", description: "another state") { effects in
            effects.changingFirst("held") { _, call in call.state = .connect }
        },
        Forgery(rule: "E9", description: "a copy that is missing") { effects in
            effects.dropping { calls, index in calls[index].detail.isEstablished && calls.tells(index, twice: true) }
        },
        Forgery(rule: "E9", description: "a copy too much") { effects in
            effects.insertingAfter { calls, index in
                guard case .held = calls[index].detail, let other = DeviceID("8999@t0.cc") else { return nil }
                var copy = calls[index]
                copy.source = other
                return copy
            }
        },
        Forgery(rule: "E9", description: "two copies in the wrong order") { effects in
            effects.swapping { calls, index in calls[index].detail.isEstablished && calls.tells(index, twice: true) }
        },
        Forgery(rule: "E10", description: "another calling device once it is established") { effects in
            effects.changingFirst("established") { _, call in
                guard case .established(var established) = call.detail else { return }
                established.callingDevice = established.calledDevice
                call.detail = .established(established)
            }
        },
        Forgery(rule: "E10", description: "another called device of who is transferred to") { effects in
            effects.changingFirst("delivered") { copy, call in
                guard case .delivered(var delivered) = call.detail else { return }
                delivered.calledDevice = delivered.callingDevice
                call.detail = .delivered(delivered)
            }
        },
        Forgery(rule: "E11", description: "user data that is lost") { effects in
            effects.changingFirst("delivered") { _, call in
                guard case .delivered(var delivered) = call.detail else { return }
                delivered.userData = nil
                call.detail = .delivered(delivered)
            }
        },
        Forgery(rule: "E14", description: "another one who hung up") { effects in
            effects.changingFirst("connectionCleared") { _, call in
                guard case .connectionCleared(let releasing, let hangup) = call.detail, releasing != hangup,
                    call.source == releasing
                else { return }
                call.detail = .connectionCleared(releasingDevice: releasing, hangupDevice: releasing)
            }
        },
        Forgery(rule: "E15", description: "the other one of two is not released") { effects in
            guard effects.cleared.count == 2, !effects.tells("transferred") else { return nil }
            return effects.withoutClears(after: 1)
        },
        Forgery(rule: "E16", description: "a conference goes on without who formed it") { effects in
            // Several agents who miss a split's call at once are no conference.
            guard effects.cleared.count > 2, !effects.tells("transferred"),
                effects.lastClear?.copy.event.json.contains("NORMAL_CLEARING") == true
            else { return nil }
            return effects.withoutClears(after: 1)
        },
        // Whoever is released may be recorded, and the recording has not been stopped.
        Forgery(
            rule: "E16", alsoBreaks: "E18", description: "somebody is released with one who leaves a conference"
        ) { effects in
            guard effects.cleared.count == 1, !effects.tells("transferred"), let last = effects.lastClear else {
                return nil
            }
            let others = last.receivers.filter { $0 != last.leaver }
            guard others.count > 1, last.copy.event.json.contains("NORMAL_CLEARING") else { return nil }
            return effects.clearing(others[0], like: last, for: others)
        },
        Forgery(rule: "E17", description: "held and active call exchanged in a transfer") { effects in
            effects.changingAll("transferred") { call in
                guard case .transferred(var transferred) = call.detail, transferred.primaryOldCall != .none else {
                    return false
                }
                let primary = transferred.primaryOldCall
                transferred.primaryOldCall = transferred.secondaryOldCall
                transferred.secondaryOldCall = primary
                call.detail = .transferred(transferred)
                return true
            }
        },
        Forgery(rule: "E17", description: "held and active call exchanged in a conference") { effects in
            effects.changingAll("conferenced") { call in
                guard case .conferenced(var conferenced) = call.detail, conferenced.primaryOldCall != .none else {
                    return false
                }
                let primary = conferenced.primaryOldCall
                conferenced.primaryOldCall = conferenced.secondaryOldCall
                conferenced.secondaryOldCall = primary
                call.detail = .conferenced(conferenced)
                return true
            }
        },
        Forgery(rule: "E18", description: "a recording that is not told as stopped") { effects in
            guard let index = effects.firstIndex(where: { $0.isEvent("recordStopped") }),
                effects.contains(where: { $0.isEvent("connectionCleared") })
            else { return nil }
            var result = effects
            result.remove(at: index)
            return result
        },
        Forgery(rule: "hold", alsoBreaks: "records", description: "held twice") { effects in
            guard effects.contains(where: { $0.isEvent("retrieved") }) else { return nil }
            return effects.filter { !$0.isEvent("retrieved") }
        },
        Forgery(rule: "records", description: "a part that has no record") { effects in
            guard effects.contains(where: { $0.isEvent("connectionCleared") }) else { return nil }
            let result = effects.filter { if case .record(.part) = $0 { false } else { true } }
            return result.count < effects.count ? result : nil
        },
    ]
}

/// Who has left, as the copies tell.
struct Clear {
    var leaver: DeviceID
    var receivers: [DeviceID]
    var copy: EventCopy
    var index: Int
}

extension CallEvent.Detail {
    var isEstablished: Bool { if case .established = self { true } else { false } }
}

extension Effect {
    func isEvent(_ name: String) -> Bool { if case .event(let copy) = self { copy.event.name == name } else { false } }
}
