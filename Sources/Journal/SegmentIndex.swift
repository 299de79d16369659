import CSTA
import CallCenter
import GRDB

/// Finds the events of one agent or device among the 1024 of a segment.
///
/// An index that SQLite keeps would be written at a different place for each event. This one is written once, when the
/// segment is complete, from what is stored; until then the segment's events are scanned.
enum SegmentIndex {
    /// Whose events are looked for. Hashes may coincide, so what is found is checked against the event itself.
    struct Key: Hashable {
        /// The lowest 16 bits are for the serial.
        let hash: UInt64

        init(_ agent: AgentID) { self.init(.agent, agent.text) }
        init(_ device: DeviceID) { self.init(.device, device.text) }

        private init(_ kind: Kind, _ text: String) {
            var text = text
            hash = text.withUTF8 { SegmentIndex.hash(kind, UnsafeRawBufferPointer($0)) }
        }
    }

    fileprivate enum Kind: UInt8 {
        case agent = 1
        case device = 2
    }

    /// Indexes a segment whose last event has been stored in this transaction.
    static func build(_ segment: Segment, in db: Database) throws {
        let events = try RawStatement("SELECT id, agent, device FROM event WHERE id BETWEEN ?1 AND ?2", in: db)
        try events.bind(segment.first.value, at: 1)
        try events.bind(segment.last.value, at: 2)
        var keys: [UInt64] = []
        keys.reserveCapacity(2 * Int(Segment.events))
        while try events.step() {
            let offset = UInt64(events.integer(0) & (Segment.events - 1))
            if !events.isNull(1) { keys.append(events.withBytes(1) { hash(.agent, $0) } | offset) }
            keys.append(events.withBytes(2) { hash(.device, $0) } | offset)
        }
        events.reset()
        keys.sort()
        for index in keys.indices { keys[index] = keys[index].littleEndian }
        let insert = try RawStatement("INSERT OR REPLACE INTO segment VALUES (?1, ?2)", in: db)
        try insert.bind(segment.value, at: 1)
        try insert.run(with: keys.withUnsafeBytes { Array($0) }, at: 2)
    }

    /// The events of a segment that may be the key's, in order; nil if the segment has no index yet.
    static func events(of key: Key, in segment: Segment, _ db: Database) throws -> [EventID]? {
        let select = try RawStatement("SELECT keys FROM segment WHERE id = ?1", in: db)
        defer { select.reset() }
        try select.bind(segment.value, at: 1)
        guard try select.step() else { return nil }
        return select.withBytes(0) { blob in
            let count = blob.count / 8
            func entry(_ index: Int) -> UInt64 {
                UInt64(littleEndian: blob.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            }
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                if entry(middle) < key.hash { low = middle + 1 } else { high = middle }
            }
            var found: [EventID] = []
            while low < count, entry(low) & ~0xFFFF == key.hash {
                found.append(EventID(value: segment.first.value | Int64(entry(low) & 0xFFFF)))
                low += 1
            }
            return found
        }
    }

    /// FNV-1a, because it has to be the same in every process and version.
    private static func hash(_ kind: Kind, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        hash = (hash ^ UInt64(kind.rawValue)) &* 0x100_0000_01B3
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash & ~0xFFFF
    }
}
