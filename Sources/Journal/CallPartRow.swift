import CSTA
import CallCenter
import GRDB

/// A part of a call as a row of the table `call_part`.
enum CallPartRow {
    /// In the order in which they are bound and read; the tenant and the end of the call go beside them.
    static let columns = """
        call, conversation, type, device, is_internal, agent, calling_device, called_device, is_called, is_listener, \
        trunk_group, began, offered, answered, held, ended, ends_call, cause, hangup_device, transferred_to, \
        continued_in, recordings, split, queued
        """

    /// Where the end of the call stands that is read after them.
    static let callEndedColumn: Int32 = 24

    /// - Parameter first: the number of the first column's parameter.
    static func bind(_ part: CallPart, to row: RawStatement, from first: Int32) throws {
        var index = first - 1
        func next() -> Int32 {
            index += 1
            return index
        }
        try row.bind(part.call.text, at: next())
        try row.bind(part.conversation == part.call ? nil : part.conversation.text, at: next())
        try row.bind(part.callType.rawValue, at: next())
        try row.bind(part.device.text, at: next())
        try row.bind(part.isInternal, at: next())
        try row.bind(part.agent?.text, at: next())
        try row.bind(part.callingDevice.text, at: next())
        try row.bind(part.calledDevice.text, at: next())
        try row.bind(part.isCalled, at: next())
        try row.bind(part.isListener, at: next())
        try row.bind(part.trunkGroup, at: next())
        try row.bind(part.began.milliseconds, at: next())
        try row.bind(part.offered, at: next())
        try row.bind(part.answered, at: next())
        try row.bind(part.heldMilliseconds, at: next())
        try row.bind(part.ended.milliseconds, at: next())
        try row.bind(part.endsCall, at: next())
        try row.bind(part.cause?.rawValue, at: next())
        try row.bind(part.hangupDevice?.text, at: next())
        try row.bind(part.transferredTo?.text, at: next())
        try row.bind(part.continuedIn?.text, at: next())
        try row.bind(text(part.recordings), at: next())
        try row.bind(part.split?.text, at: next())
        try row.bind(part.split == nil ? nil : Instant(milliseconds: part.queuedMilliseconds), at: next())
    }

    /// - Throws: `DatabaseError` for what no version has written.
    static func read(_ row: RawStatement) throws -> CallPart {
        guard let call = CallID(row.text(0)), let type = CallType(rawValue: row.text(2)),
            let device = DeviceID(row.text(3)), let calling = DeviceID(row.text(6)), let called = DeviceID(row.text(7))
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a part of call \(row.text(0)) is damaged") }
        return CallPart(
            conversation: row.optionalText(1).flatMap { CallID($0) } ?? call, call: call, callType: type,
            device: device, isInternal: row.integer(4) != 0, agent: row.optionalText(5).flatMap { AgentID($0) },
            callingDevice: calling, calledDevice: called, isCalled: row.integer(8) != 0,
            isListener: row.integer(9) != 0, trunkGroup: row.optionalText(10),
            began: Instant(milliseconds: row.integer(11)), offered: row.optionalInstant(12),
            answered: row.optionalInstant(13), heldMilliseconds: row.integer(14),
            ended: Instant(milliseconds: row.integer(15)),
            cause: row.optionalText(17).flatMap(HangupCause.init(rawValue:)),
            hangupDevice: row.optionalText(18).flatMap { DeviceID($0) },
            transferredTo: row.optionalText(19).flatMap { DeviceID($0) },
            continuedIn: row.optionalText(20).flatMap { CallID($0) },
            recordings: recordings(row.optionalText(21)), split: row.optionalText(22).flatMap { DeviceID($0) },
            queuedMilliseconds: row.integer(23), endsCall: row.integer(16) != 0)
    }

    private static func text(_ recordings: [String]) -> String? {
        if recordings.isEmpty { return nil }
        var writer = JSONWriter()
        writer.value(.array(recordings.map(JSON.string)))
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func recordings(_ text: String?) -> [String] {
        guard let text, let array = try? JSON.parse(text).array else { return [] }
        return array.compactMap(\.string)
    }
}

extension RawStatement {
    func bind(_ instant: Instant?, at index: Int32) throws {
        guard let instant else { return try bind(nil as String?, at: index) }
        try bind(instant.milliseconds, at: index)
    }

    func bind(_ flag: Bool, at index: Int32) throws { try bind(flag ? 1 : 0 as Int64, at: index) }

    func optionalInstant(_ column: Int32) -> Instant? {
        isNull(column) ? nil : Instant(milliseconds: integer(column))
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
}
