import CSTA

/// Measures as lines for people; docs/metrics.md defines them.
enum MeasureLines {
    /// `7000@demo.cc  waiting 2, longest 0:00:31  idle 0  in call 3  after call 1  not ready 0  off 6  entered 12  …`
    static func split(_ split: JSON) -> String {
        var words = [split["splitId"]?.string ?? "?", "waiting \(count(split["waiting"]))"]
        if let longest = split["longestWaitMilliseconds"]?.integer { words[1] += ", longest \(duration(longest))" }
        for (key, word) in [
            ("idle", "idle"), ("inCall", "in call"), ("workingAfterCall", "after call"), ("notReady", "not ready"),
            ("loggedOff", "off"),
        ] {
            words.append("\(word) \(count(split["agents"]?[key]))")
        }
        if let occupancy = split["occupancyPercent"]?.integer { words.append("busy \(occupancy)%") }
        return (words + calls(split)).joined(separator: "  ")
    }

    /// `2026.01.31 09:00:00  entered 12  answered 9, 80% in time, after 0:00:07  abandoned 1  …`
    static func interval(_ interval: JSON) -> String {
        ([interval["beginTime"]?.string ?? "?"] + calls(interval)).joined(separator: "  ")
    }

    private static func calls(_ measures: JSON) -> [String] {
        var answered = "answered \(count(measures["answered"]))"
        if let percent = measures["serviceLevelPercent"]?.integer { answered += ", \(percent)% in time" }
        if let speed = measures["averageSpeedOfAnswerMilliseconds"]?.integer {
            answered += ", after \(duration(speed))"
        }
        let others = [
            ("abandoned", "abandoned"), ("overflowed", "overflowed"), ("givenUp", "given up"),
        ].map { "\($1) \(count(measures[$0]))" }
        return ["entered \(count(measures["entered"]))", answered] + others
    }

    /// `3 Winback  running  split 7000@demo.cc  12 left  1 under way  7 done: answered 5, 11 2`
    static func campaign(_ campaign: JSON) -> String {
        let progress = campaign["progress"]
        let outcomes = (progress?["outcomes"]?.object.map(Array.init) ?? []).map { "\($0.key) \(count($0.value))" }
        return [
            "\(campaign["id"]?.integer.map(String.init) ?? "?") \(campaign["name"]?.string ?? "?")",
            campaign["state"]?.string ?? "?", "split \(campaign["split"]?.string ?? "?")",
            "\(count(progress?["left"])) left", "\(count(progress?["underWay"])) under way",
            "\(count(progress?["done"])) done" + (outcomes.isEmpty ? "" : ": " + outcomes.joined(separator: ", ")),
        ].joined(separator: "  ")
    }

    private static func count(_ json: JSON?) -> String { json?.integer.map(String.init) ?? "?" }

    /// `1:02:03`, rounded down.
    static func duration(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }
}

extension JSON {
    /// On one line.
    var text: String { String(decoding: encoded(), as: UTF8.self) }
}
