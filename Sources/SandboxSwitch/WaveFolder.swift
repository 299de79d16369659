#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The folder in which the files of recordings stand. Files and folders are their owner's only: what is recorded is private.
struct WaveFolder: Sendable {
    let path: String

    /// Does what is to be done, and returns whether that succeeded.
    func carryOut(_ work: RecordingWork) -> Bool {
        let file = "\(path)/\(work.path)"
        switch work.task {
        case .begin:
            makeFolders(of: file)
            // A file that is there is another recording's.
            guard let wave = WaveFile(path: file, flags: O_CREAT | O_EXCL) else { return false }
            return remove(file, unless: wave.write([], toneHertz: 0))
        case .complete(let stretches, let hertz):
            guard let wave = WaveFile(path: file, flags: 0) else { return false }
            return remove(file, unless: wave.write(stretches, toneHertz: hertz))
        }
    }

    /// What cannot be made shows when the file is opened.
    private func makeFolders(of file: String) {
        for index in file.indices.dropFirst() where file[index] == "/" { mkdir(String(file[..<index]), 0o700) }
    }

    /// Half a file is worse than none: it looks like a recording.
    private func remove(_ file: String, unless isWritten: Bool) -> Bool {
        if !isWritten { unlink(file) }
        return isWritten
    }
}
