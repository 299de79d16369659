#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A WAV file: Microsoft, Multimedia Programming Interface and Data Specifications 1.0 (1991), RIFF of PCM, 8 kHz, 16 bits,
/// mono.
struct WaveFile: ~Copyable {
    static let framesPerSecond = 8000
    static let bytesPerFrame = 2
    /// A quarter of full scale: audible, and easy on the ear.
    static let toneAmplitude = 8192.0

    private let descriptor: Int32

    /// Nil if it cannot be had. A link is not followed: it could lead anywhere.
    init?(path: String, flags: Int32) {
        self.init(descriptor: open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | flags, 0o600))
    }

    /// Takes over an open descriptor; nil if it is none.
    init?(descriptor: Int32) {
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    /// Writes the whole file and closes it; false if the disk does not take it.
    consuming func write(_ stretches: [RecordingWork.Stretch], toneHertz: Int) -> Bool {
        let frames = stretches.reduce(0) { $0 + Self.frames($1) }
        var isWritten = put(Self.header(dataBytes: frames * Self.bytesPerFrame))
        if frames > 0 {
            // As many whole periods as there are hertz: one second goes on where the one before ended.
            let tone = Self.second { sin(2 * .pi * Double(toneHertz * $0) / Double(Self.framesPerSecond)) }
            let silence = Self.second { _ in 0 }
            for stretch in stretches where isWritten {
                var rest = Self.frames(stretch) * Self.bytesPerFrame
                while isWritten, rest > 0 {
                    isWritten = put((stretch.isTone ? tone : silence).prefix(rest))
                    rest -= tone.count
                }
            }
        }
        // A network's file system may tell only now that the disk is full.
        return close(descriptor) == 0 && isWritten
    }

    private static func frames(_ stretch: RecordingWork.Stretch) -> Int {
        Int(stretch.milliseconds) * framesPerSecond / 1000
    }

    private static func second(_ sample: (_ frame: Int) -> Double) -> ArraySlice<UInt8> {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(framesPerSecond * bytesPerFrame)
        for frame in 0..<framesPerSecond {
            let value = Int16(sample(frame) * toneAmplitude)
            bytes.append(UInt8(truncatingIfNeeded: value))
            bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        }
        return bytes[...]
    }

    static func header(dataBytes: Int) -> ArraySlice<UInt8> {
        var bytes: [UInt8] = []
        func number(_ value: Int, _ count: Int) {
            for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        }
        bytes += Array("RIFF".utf8)
        number(36 + dataBytes, 4)
        bytes += Array("WAVEfmt ".utf8)
        number(16, 4)
        number(1, 2)  // PCM
        number(1, 2)  // mono
        number(framesPerSecond, 4)
        number(framesPerSecond * bytesPerFrame, 4)
        number(bytesPerFrame, 2)
        number(bytesPerFrame * 8, 2)
        bytes += Array("data".utf8)
        number(dataBytes, 4)
        return bytes[...]
    }

    private func put(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { wrote($0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func wrote(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
