/// A time of day on a calendar, as `eventTime` shows it: `yyyy.MM.dd HH:mm:ss` in the tenant's time zone (E4).
public struct LocalTime: Hashable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01 00:00:00 on the tenant's clock.
    private let seconds: Int64

    /// The local time of a moment, given in milliseconds since the epoch, at an offset from UTC in seconds.
    public init(milliseconds: Int64, offsetSeconds: Int) {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        // Years 1 to 9999 have four digits; what lies outside is no moment of a call.
        seconds = min(max(quotient - (remainder < 0 ? 1 : 0) + Int64(offsetSeconds), -62_135_596_800), 253_402_300_799)
    }

    /// Reads `yyyy.MM.dd HH:mm:ss`; nil if it is not that, or no such day is on the calendar.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 19 else { return nil }
        var fields: [Int] = []
        var value = 0
        for (index, byte) in bytes.enumerated() {
            switch index {
            case 4, 7, 10, 13, 16:
                guard byte == Self.separators[index] else { return nil }
                fields.append(value)
                value = 0
            default:
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
        }
        fields.append(value)
        guard fields[0] > 0, (1...12).contains(fields[1]), (1...31).contains(fields[2]), fields[3] < 24, fields[4] < 60,
            fields[5] < 60
        else { return nil }
        let days = Self.days(year: fields[0], month: fields[1], day: fields[2])
        guard Self.date(days: days) == (fields[0], fields[1], fields[2]) else { return nil }
        seconds = Int64(days * 86_400 + fields[3] * 3600 + fields[4] * 60 + fields[5])
    }

    /// The day on the tenant's calendar, counted from 1970-01-01.
    public var daysSinceEpoch: Int { Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400) }

    /// Minutes since midnight on the tenant's clock.
    public var minuteOfDay: Int { secondOfDay / 60 }

    /// Seconds since midnight on the tenant's clock.
    public var secondOfDay: Int { Int(seconds) - daysSinceEpoch * 86_400 }

    /// The moment in milliseconds since the epoch at which a clock with this offset from UTC, in seconds, shows it.
    public func milliseconds(offsetSeconds: Int) -> Int64 { (seconds - Int64(offsetSeconds)) * 1000 }

    public var description: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func write(to bytes: inout [UInt8]) {
        let days = daysSinceEpoch
        let second = Int(seconds) - days * 86_400
        let (year, month, day) = Self.date(days: days)
        Self.twoDigits(year / 100, to: &bytes)
        Self.twoDigits(year % 100, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Self.twoDigits(month, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Self.twoDigits(day, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        Self.twoDigits(second / 3600, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.twoDigits(second / 60 % 60, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.twoDigits(second % 60, to: &bytes)
    }

    /// Year, month, day, hour, minute and second, each with its digits: `2017`, `03`, `18`, `14`, `13`, `24`.
    public var parts: [Substring] { description.split { $0 == "." || $0 == " " || $0 == ":" } }

    private static let separators = Array("0000.00.00 00:00:00".utf8)

    private static func twoDigits(_ value: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10))
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    // The proleptic Gregorian calendar in eras of 400 years that begin on 1 March, so that a leap day ends its year.
    private static let daysInEra = 146_097
    private static let daysToEpoch = 719_468

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted / 400 * daysInEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - daysToEpoch
    }

    private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + daysToEpoch
        let dayOfEra = shifted % daysInEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + shifted / daysInEra * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
