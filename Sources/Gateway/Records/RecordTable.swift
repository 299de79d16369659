import CSTA
import CallCenter

/// Writes records as tables: the same values under the same names as in JSON, a row a part or time.
struct RecordTable {
    let zone: ZoneOffsets

    /// A row a part, with what is the call's in front.
    func calls(_ calls: [VisibleCall]) -> [UInt8] {
        var table = CSVWriter(header: [
            "callId", "conversationId", "callType", "trunkGroup", "callBeginTime", "callBeginTimestamp", "callEndTime",
            "callEndTimestamp", "callDurationMilliseconds", "deviceId", "agentId", "callingDevice", "calledDevice",
            "role", "isInternal", "beginTime", "beginTimestamp", "ringTime", "ringTimestamp", "answerTime",
            "answerTimestamp", "endTime", "endTimestamp", "ringMilliseconds", "talkMilliseconds", "heldMilliseconds",
            "cause", "hangupDevice", "transferredToDevice", "continuedInCallId", "recordings", "splitId",
            "queuedMilliseconds",
        ])
        for visible in calls {
            for part in visible.parts {
                write(visible.call, to: &table)
                write(part, to: &table)
                table.endRow()
            }
        }
        return table.bytes
    }

    func times(_ times: [AgentTime], _ filter: AgentTimeFilter) -> [UInt8] {
        var table = CSVWriter(header: [
            "agentId", "deviceId", "agentMode", "reason", "beginTime", "beginTimestamp", "endTime", "endTimestamp",
            "milliseconds", "isRunning",
        ])
        for time in times {
            table.text(time.agent.text)
            table.text(time.device.text)
            table.text(time.mode.rawValue)
            table.text(time.reason)
            moment(time.began, to: &table)
            moment(time.ended, to: &table)
            table.number(time.milliseconds)
            table.text(filter.isRunning(time) ? "true" : "false")
            table.endRow()
        }
        return table.bytes
    }

    /// A row a mode and reason.
    func sums(_ sums: [AgentTimeSum]) -> [UInt8] {
        var table = CSVWriter(header: ["agentId", "agentMode", "reason", "milliseconds", "loggedInMilliseconds"])
        for sum in sums {
            for (key, milliseconds) in sum.milliseconds.sorted(by: { $0.key < $1.key }) {
                table.text(sum.agent.text)
                table.text(key.mode.rawValue)
                table.text(key.reason)
                table.number(milliseconds)
                table.number(sum.total)
                table.endRow()
            }
        }
        return table.bytes
    }

    private func write(_ call: CallRecord, to table: inout CSVWriter) {
        table.text(call.call.text)
        table.text(call.parts.last?.conversation.text)
        table.text(call.parts.last?.callType.rawValue)
        table.text(call.trunkGroup)
        moment(call.began, to: &table)
        moment(call.ended, to: &table)
        table.number(call.durationMilliseconds)
    }

    private func write(_ part: CallPart, to table: inout CSVWriter) {
        table.text(part.device.text)
        table.text(part.agent?.text)
        table.text(part.callingDevice.text)
        table.text(part.calledDevice.text)
        table.text(part.role)
        table.text(part.isInternal ? "true" : "false")
        moment(part.began, to: &table)
        moment(part.offered, to: &table)
        moment(part.answered, to: &table)
        moment(part.ended, to: &table)
        table.number(part.ringMilliseconds)
        table.number(part.talkMilliseconds)
        table.number(part.heldMilliseconds)
        table.text(part.cause?.rawValue)
        table.text(part.hangupDevice?.text)
        table.text(part.transferredTo?.text)
        table.text(part.continuedIn?.text)
        table.text(part.recordings.isEmpty ? nil : part.recordings.joined(separator: "\n"))
        table.text(part.split?.text)
        table.number(part.isQueued ? part.queuedMilliseconds : nil)
    }

    private func moment(_ instant: Instant?, to table: inout CSVWriter) {
        table.text(instant.map(zone.text))
        table.number(instant?.milliseconds)
    }
}

/// A table of comma-separated values (RFC 4180), in UTF-8.
struct CSVWriter {
    private(set) var bytes: [UInt8] = []
    private var isRowBegun = false

    init(header: [String]) {
        for name in header { text(name) }
        endRow()
    }

    /// A cell with text, or an empty one.
    ///
    /// Spreadsheets take what begins with `=`, `+`, `-` or `@` for a formula, and what begins with a tab or a return for
    /// what comes after it: such a text gets an apostrophe in front.
    mutating func text(_ text: String?) {
        separate()
        guard let text, let first = text.utf8.first else { return }
        let isFormula = "=+-@\t\r".utf8.contains(first)
        let isQuoted = text.utf8.contains { "\",\r\n".utf8.contains($0) }
        if isQuoted { bytes.append(UInt8(ascii: "\"")) }
        if isFormula { bytes.append(UInt8(ascii: "'")) }
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        if isQuoted { bytes.append(UInt8(ascii: "\"")) }
    }

    /// A cell with a number, or an empty one.
    mutating func number(_ value: Int64?) {
        separate()
        if let value { bytes.append(contentsOf: String(value).utf8) }
    }

    mutating func endRow() {
        bytes.append(contentsOf: "\r\n".utf8)
        isRowBegun = false
    }

    private mutating func separate() {
        if isRowBegun { bytes.append(UInt8(ascii: ",")) }
        isRowBegun = true
    }
}
