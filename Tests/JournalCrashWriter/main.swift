import CSTA
import CallCenter
import Foundation
import Journal
import Logging

// Appends to the journal of a directory until it is killed, and prints `namespace serial` for each event once its
// append has returned. Several tenants append at once, each with batches whose size depends on the serial alone, so
// that the test knows what any last serial must have left.

/// Writes a line with one system call, so that it is there or not.
@Sendable func report(_ lines: String) {
    FileHandle.standardOutput.write(Data(lines.utf8))
}

func batch(_ namespace: Namespace, _ device: DeviceID, _ agent: AgentID, after last: Int64) -> JournalBatch {
    let count = last % 7 + 1
    let end = last + count
    return JournalBatch(
        namespace: namespace,
        events: (last + 1...end).map { serial in
            EncodedEvent(
                serial: Serial(serial), name: "held", device: device, agent: serial % 2 == 0 ? agent : nil, call: nil,
                timestamp: serial, json: Array(#"{"serial":\#(serial)}"#.utf8))
        },
        state: [
            StateEntry(key: "call:\(last)", value: nil),
            StateEntry(key: "call:\(end)", value: Array("\(end)".utf8)),
            StateEntry(key: "tenant", value: Array("\(end)".utf8)),
        ],
        records: (last + 1...end).map { serial in
            .passage(SplitPassage(split: device, at: Instant(milliseconds: serial * 60_000), kind: .entered))
        },
        lastSerial: Serial(end))
}

guard CommandLine.arguments.count == 3, let tenants = Int(CommandLine.arguments[2]) else {
    FileHandle.standardError.write(Data("usage: JournalCrashWriter DIRECTORY TENANTS\n".utf8))
    exit(64)
}
let journal = try SQLiteJournal(
    JournalConfiguration(directory: CommandLine.arguments[1]), logger: Logger(label: "crash-writer"))
try await withThrowingTaskGroup(of: Void.self) { group in
    for tenant in 0..<tenants {
        guard let namespace = Namespace("tenant\(tenant).cc"), let device = DeviceID("8001", in: namespace),
            let agent = AgentID("5001", in: namespace)
        else { exit(64) }
        group.addTask {
            var last = try await journal.load(namespace).lastSerial.value
            while true {
                let next = batch(namespace, device, agent, after: last)
                try await journal.append(next)
                last = next.lastSerial.value
                report(next.events.map { "\(namespace) \($0.serial)\n" }.joined())
            }
        }
    }
    try await group.waitForAll()
}
