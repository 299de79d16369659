import CSTA
import CallCenter

/// Moments as clients write them.
enum Moment {
    /// What a calendar with four digits for the year can show, in milliseconds.
    private static let milliseconds: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    /// Reads `yyyy.MM.dd HH:mm:ss` (E4) in the tenant's time zone, with `T` or `+` instead of the space if need be; a day alone,
    /// which is its beginning; or milliseconds since the epoch.
    static func read(_ text: String, in zone: ZoneOffsets) -> Instant? {
        if let number = Int64(text) {
            return milliseconds.contains(number) ? Instant(milliseconds: number) : nil
        }
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == " " || $0 == "T" || $0 == "+" }
        return LocalTime("\(parts[0]) \(parts.count > 1 ? parts[1] : "00:00:00")").map(zone.instant(of:))
    }
}
