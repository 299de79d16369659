import CSTA
import CallCenter

/// Writes records as JSON: times as in events (E4) with their milliseconds since the epoch beside them.
struct RecordJSON {
    let zone: ZoneOffsets

    /// `{"calls":[…],"next":"…"}`
    func calls(_ calls: [VisibleCall], next: String?) -> [UInt8] {
        page("calls", calls, next: next) { write($0, to: &$1) }
    }

    /// `{"times":[…],"next":"…"}`
    func times(_ times: [AgentTime], _ filter: AgentTimeFilter, next: String?) -> [UInt8] {
        page("times", times, until: filter.to, next: next) { write($0, filter, to: &$1) }
    }

    /// `{"agents":[…],"next":"…"}`
    func sums(_ sums: [AgentTimeSum], _ filter: AgentTimeFilter, next: String?) -> [UInt8] {
        page("agents", sums, until: filter.to, next: next) { write($0, to: &$1) }
    }

    private func page<Element>(
        _ key: StaticString, _ elements: [Element], until: Instant? = nil, next: String?,
        _ write: (Element, inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key(key)
        writer.beginArray()
        for element in elements {
            writer.beginObject()
            write(element, &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.moment("untilTime", "untilTimestamp", until, zone)
        writer.member("next", next)
        writer.endObject()
        return writer.bytes
    }

    private func write(_ visible: VisibleCall, to writer: inout JSONWriter) {
        let call = visible.call
        writer.member("callId", call.call.text)
        writer.member("conversationId", call.parts.last?.conversation.text)
        writer.member("callType", call.parts.last?.callType.rawValue)
        writer.member("trunkGroup", call.trunkGroup)
        writer.moment("beginTime", "beginTimestamp", call.began, zone)
        writer.moment("endTime", "endTimestamp", call.ended, zone)
        writer.member("durationMilliseconds", call.durationMilliseconds)
        writer.key("parts")
        writer.beginArray()
        for part in visible.parts {
            writer.beginObject()
            write(part, to: &writer)
            writer.endObject()
        }
        writer.endArray()
    }

    private func write(_ part: CallPart, to writer: inout JSONWriter) {
        writer.member("deviceId", part.device.text)
        writer.member("agentId", part.agent?.text)
        writer.member("callingDevice", part.callingDevice.text)
        writer.member("calledDevice", part.calledDevice.text)
        writer.member("role", part.role)
        writer.member("splitId", part.split?.text)
        writer.key("isInternal")
        writer.bool(part.isInternal)
        writer.moment("beginTime", "beginTimestamp", part.began, zone)
        writer.moment("ringTime", "ringTimestamp", part.offered, zone)
        writer.moment("answerTime", "answerTimestamp", part.answered, zone)
        writer.moment("endTime", "endTimestamp", part.ended, zone)
        writer.member("ringMilliseconds", part.ringMilliseconds)
        writer.member("talkMilliseconds", part.talkMilliseconds)
        writer.member("heldMilliseconds", part.heldMilliseconds)
        if part.isQueued { writer.member("queuedMilliseconds", part.queuedMilliseconds) }
        writer.member("cause", part.cause?.rawValue)
        writer.member("hangupDevice", part.hangupDevice?.text)
        writer.member("transferredToDevice", part.transferredTo?.text)
        writer.member("continuedInCallId", part.continuedIn?.text)
        guard !part.recordings.isEmpty else { return }
        writer.key("recordings")
        writer.value(.array(part.recordings.map(JSON.string)))
    }

    private func write(_ time: AgentTime, _ filter: AgentTimeFilter, to writer: inout JSONWriter) {
        writer.member("agentId", time.agent.text)
        writer.member("deviceId", time.device.text)
        writer.member("agentMode", time.mode.rawValue)
        writer.member("reason", time.reason)
        writer.moment("beginTime", "beginTimestamp", time.began, zone)
        writer.moment("endTime", "endTimestamp", time.ended, zone)
        writer.member("milliseconds", time.milliseconds)
        writer.key("isRunning")
        writer.bool(filter.isRunning(time))
    }

    private func write(_ sum: AgentTimeSum, to writer: inout JSONWriter) {
        writer.member("agentId", sum.agent.text)
        writer.member("loggedInMilliseconds", sum.total)
        writer.key("modes")
        writer.beginArray()
        let modes = Dictionary(grouping: sum.milliseconds) { $0.key.mode.rawValue }
        for (mode, entries) in modes.sorted(by: { $0.key < $1.key }) {
            writer.beginObject()
            writer.member("agentMode", mode)
            writer.member("milliseconds", entries.reduce(0) { $0 + $1.value })
            let reasons = entries.filter { $0.key.reason != nil }.sorted { $0.key < $1.key }
            if !reasons.isEmpty {
                writer.key("reasons")
                writer.beginArray()
                for (key, milliseconds) in reasons {
                    writer.beginObject()
                    writer.member("reason", key.reason)
                    writer.member("milliseconds", milliseconds)
                    writer.endObject()
                }
                writer.endArray()
            }
            writer.endObject()
        }
        writer.endArray()
    }
}

extension CallRecord {
    /// That of the last part that has one: an outgoing call has none before it is dialled.
    var trunkGroup: String? { parts.last { $0.trunkGroup != nil }?.trunkGroup }
    var durationMilliseconds: Int64 { max(0, ended.milliseconds - began.milliseconds) }
}

extension CallPart {
    /// What the device did in the call.
    var role: String { isListener ? "listener" : isCalled ? "called" : "calling" }
    /// Whether it was in a split's queue itself, and was not called from there.
    var isQueued: Bool { split != nil && (agent == nil || queuedMilliseconds > 0) }
}

extension AgentTimeFilter {
    /// Whether a time that was read with this filter is not over.
    func isRunning(_ time: AgentTime) -> Bool { running[time.agent].map { time.began >= $0.began } ?? false }
}

extension ZoneOffsets {
    func text(_ instant: Instant) -> String {
        LocalTime(milliseconds: instant.milliseconds, offsetSeconds: offset(at: instant)).description
    }
}

extension JSONWriter {
    mutating func member(_ key: StaticString, _ number: Int64) {
        self.key(key)
        integer(number)
    }

    mutating func moment(
        _ time: StaticString, _ timestamp: StaticString, _ instant: Instant?, _ zone: ZoneOffsets
    ) {
        guard let instant else { return }
        member(time, zone.text(instant))
        member(timestamp, instant.milliseconds)
    }
}
