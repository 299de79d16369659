import Foundation

/// Who is heard, by the tone that each scripted phone says.
public enum LabTone {
    /// Names of what is no phone: a customer on the trunk, the ringing tone, and anything that is none of the tones.
    public static let customer = "customer"
    public static let ringback = "ringback"
    public static let other = "other"

    /// Loudness of a phone's tone in a recording, of 32767, and the part of it from which on it counts as heard.
    static let loudness = 6000.0
    static let heardPart = 0.08

    /// The frequency of a phone's tone: 410 Hz for 8001, 110 Hz more for each one after it.
    public static func hertz(of name: String) -> Int {
        name == customer ? 1510 : 410 + 110 * ((Int(name) ?? 8001) - 8001)
    }

    static let names = (8001...8009).map(String.init) + [customer]

    /// As the phones' helper is told them. The ringing tone is that of the lab's indications.conf.
    static var words: String {
        (names.map { "\($0)=\(hertz(of: $0))" } + ["\(ringback)=440+480"]).joined(separator: " ")
    }
}

extension LabPhone {
    /// Who is heard in half a second from now on in the call that the phone does not hold: numbers of scripted phones,
    /// and names of ``LabTone``.
    public func hears() async throws -> Set<String> {
        try helper.say("hears", LabTone.words)
        return Set(try await helper.wait(for: "heard").split(separator: " ").map(String.init))
    }

    /// Waits until just these are heard. What is ``LabTone/other`` counts only if it is wanted: a tone that begins or ends
    /// meanwhile leaves some of it.
    public func waitUntilHears(_ wanted: Set<String>) async throws {
        let deadline = ContinuousClock.now + LabProcess.patience
        while true {
            var heard = try await hears()
            if !wanted.contains(LabTone.other) { heard.remove(LabTone.other) }
            if heard == wanted { return }
            guard ContinuousClock.now < deadline else {
                throw LabProcess.Failure(description: "heard are \(heard.sorted()), not \(wanted.sorted())")
            }
        }
    }

    /// Asks by REFER for its first call to be led to a number.
    public func transfer(to number: String) throws { try helper.say("refer", number) }

    /// Asks by REFER with Replaces for its first call to be led to whom it talks to in its last one.
    public func transferToLast() throws { try helper.say("replace") }

    /// Waits until it is told what became of its transfer, by a SIP status.
    public func transferStatus() async throws -> Int {
        while true {
            let status = Int(try await helper.wait(for: "referred")) ?? 0
            if status >= 200 { return status }
        }
    }
}

/// A WAV file that Asterisk has written: one channel, 8000 samples a second of 16 bits.
public struct LabRecording: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    private static let rate = 8000
    /// Length of what is looked at as a whole: a quarter of a second.
    private static let windowSamples = rate / 4

    private let samples: [Int16]

    public init(contentsOf path: String) throws {
        guard let bytes = FileManager.default.contents(atPath: path).map([UInt8].init) else {
            throw Failure(description: "there is no \(path)")
        }
        let head = String(decoding: bytes.prefix(4), as: UTF8.self)
        guard head == "RIFF", let start = Self.data(in: bytes) else {
            throw Failure(description: "\(path) is no WAV file")
        }
        samples = stride(from: start.lowerBound, to: start.upperBound - 1, by: 2).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
    }

    /// Where the samples are: behind a head of chunks, each with a name and a length.
    private static func data(in bytes: [UInt8]) -> Range<Int>? {
        var position = 12
        while position + 8 <= bytes.count {
            let length = (0..<4).reduce(0) { $0 | Int(bytes[position + 4 + $1]) << (8 * $1) }
            let start = position + 8
            guard start + length <= bytes.count else { return nil }
            if bytes[position..<position + 4].elementsEqual("data".utf8) { return start..<start + length }
            position = start + length + length % 2
        }
        return nil
    }

    public var seconds: Double { Double(samples.count) / Double(Self.rate) }

    /// Whose tones are in it anywhere.
    public var heard: Set<String> {
        var heard: Set<String> = []
        for start in stride(from: 0, to: samples.count - Self.windowSamples, by: Self.windowSamples) {
            let window = samples[start..<start + Self.windowSamples]
            for name in LabTone.names where !heard.contains(name) {
                if Self.amplitude(in: window, hertz: LabTone.hertz(of: name)) > LabTone.heardPart * LabTone.loudness {
                    heard.insert(name)
                }
            }
        }
        return heard
    }

    /// Goertzel's: of the part that has this frequency.
    private static func amplitude(in samples: ArraySlice<Int16>, hertz: Int) -> Double {
        let turn = 2 * cos(2 * Double.pi * Double(hertz) / Double(rate))
        var (last, before) = (0.0, 0.0)
        for sample in samples { (last, before) = (Double(sample) + turn * last - before, last) }
        let power = last * last + before * before - turn * last * before
        return 2 * max(0, power).squareRoot() / Double(samples.count)
    }
}
