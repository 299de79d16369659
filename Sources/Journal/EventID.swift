import CSTA

/// The key of an event's row: its tenant above its serial, so that the one tree of the table holds each tenant's events
/// together and in order, and needs no second one to find them.
struct EventID: Hashable {
    /// 1.7e13 events of a tenant: 11 years at 50,000 a second.
    static let serialBits: Int64 = 44
    static let maximumSerial: Int64 = 1 << serialBits - 1
    /// What is left of a positive 64-bit number.
    static let maximumTenant: Int64 = 1 << (63 - serialBits) - 1

    let value: Int64

    init(tenant: Int64, serial: Int64) { value = tenant << Self.serialBits | serial & Self.maximumSerial }

    init(value: Int64) { self.value = value }

    var serial: Serial { Serial(value & Self.maximumSerial) }

    var segment: Segment { Segment(value: value >> Segment.bits) }
}

/// 1024 serials of a tenant, indexed together once the last of them is stored.
struct Segment: Hashable {
    /// Larger ones are fewer to look up when a reader comes from far back; smaller ones have less to scan while they
    /// are not complete.
    static let bits: Int64 = 10
    static let events: Int64 = 1 << bits

    let value: Int64

    var first: EventID { EventID(value: value << Self.bits) }
    var last: EventID { EventID(value: value << Self.bits | (Self.events - 1)) }
}
