import CSTA
import SwitchDriver

// A call's place in the queue of a split, what its caller hears instead of one, and what a split has counted.
extension StateCoding {
    static func encode(_ queue: QueueEntry, into writer: inout JSONWriter) {
        writer.key("queue")
        writer.beginObject()
        writer.member("split", queue.split.text)
        writer.member("caller", queue.caller.text)
        writer.member("priority", queue.priority)
        writer.member("order", queue.order)
        writer.member("began", queue.began)
        writer.member("entered", queue.entered)
        if queue.isOverdue { writer.member("overdue", true) }
        if queue.isAnswered { writer.member("answered", true) }
        if !queue.visited.isEmpty {
            writer.key("visited")
            writer.beginArray()
            for split in queue.visited { writer.string(split.text) }
            writer.endArray()
        }
        writer.endObject()
    }

    static func queue(_ object: JSONObject) throws(Failure) -> QueueEntry {
        guard let order = object.count("order") else { throw Failure(field: "order") }
        var queue = QueueEntry(
            split: try object.device("split"), caller: try object.device("caller"),
            priority: object.count("priority") ?? 0, order: order, began: try object.instant("began"),
            entered: try object.instant("entered"))
        queue.isOverdue = object["overdue"]?.bool ?? false
        queue.isAnswered = object["answered"]?.bool ?? false
        queue.visited = (object["visited"]?.array ?? []).compactMap { $0.string.flatMap { DeviceID($0) } }
        return queue
    }

    static func encode(_ announcement: Announcement, into writer: inout JSONWriter) {
        writer.key("announcement")
        writer.beginObject()
        writer.member("sound", announcement.sound.text)
        writer.member("seconds", announcement.seconds)
        writer.endObject()
    }

    static func announcement(_ object: JSONObject) throws(Failure) -> Announcement {
        guard let sound = SoundName(try object.text("sound")), let seconds = object.count("seconds"),
            Announcement.allowedSeconds.contains(seconds)
        else { throw Failure(field: "announcement") }
        return Announcement(sound, seconds: seconds)
    }

    static func encode(_ tally: SplitTally) -> [UInt8] {
        var writer = JSONWriter(reserving: 192)
        writer.beginObject()
        writer.member("day", tally.day)
        writer.member("entered", tally.counts.entered)
        writer.member("answered", tally.counts.answered)
        writer.member("answeredInTime", tally.counts.answeredInTime)
        writer.member("abandoned", tally.counts.abandoned)
        writer.member("overflowed", tally.counts.overflowed)
        writer.member("givenUp", tally.counts.givenUp)
        writer.member("answeredWait", Int(tally.counts.answeredWaitMilliseconds))
        writer.member("longestWait", Int(tally.counts.longestWaitMilliseconds))
        writer.member("busy", Int(tally.busyMilliseconds))
        writer.member("staffed", Int(tally.staffedMilliseconds))
        writer.endObject()
        return writer.bytes
    }

    static func tally(_ object: JSONObject) -> SplitTally {
        func count(_ field: String) -> Int { object.count(field) ?? 0 }
        var tally = SplitTally()
        tally.day = count("day")
        tally.counts.entered = count("entered")
        tally.counts.answered = count("answered")
        tally.counts.answeredInTime = count("answeredInTime")
        tally.counts.abandoned = count("abandoned")
        tally.counts.overflowed = count("overflowed")
        tally.counts.givenUp = count("givenUp")
        tally.counts.answeredWaitMilliseconds = Int64(count("answeredWait"))
        tally.counts.longestWaitMilliseconds = Int64(count("longestWait"))
        tally.busyMilliseconds = Int64(count("busy"))
        tally.staffedMilliseconds = Int64(count("staffed"))
        return tally
    }
}
