public import CallCenter
public import Foundation

extension ZoneOffsets {
    /// Years for which the changes of a zone's offset are looked up. Events of other years get the nearest known offset.
    static let years = 2020...2045

    /// Looks up when a zone changes its offset, to the second.
    ///
    /// Reads the offset of every day and searches within the days where it differs, so it finds changes of the standard
    /// time as well as those of summer time.
    public init(_ timeZone: TimeZone) {
        let day: Int64 = 86_400
        // 1 January 1970 to that of the first year: 365 days a year and the leap days between.
        func start(of year: Int) -> Int64 { Int64((year - 1970) * 365 + (year - 1969) / 4) * day }
        func offset(_ second: Int64) -> Int {
            timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second)))
        }

        let first = start(of: Self.years.lowerBound)
        let last = start(of: Self.years.upperBound + 1)
        var transitions = [Transition(start: first, offsetSeconds: offset(first))]
        var current = transitions[0].offsetSeconds
        for second in stride(from: first + day, through: last, by: Int(day)) {
            let next = offset(second)
            guard next != current else { continue }
            var before = second - day
            var after = second
            while after - before > 1 {
                let middle = (before + after) / 2
                if offset(middle) == current { before = middle } else { after = middle }
            }
            transitions.append(Transition(start: after, offsetSeconds: next))
            current = next
        }
        self.init(transitions)
    }
}
