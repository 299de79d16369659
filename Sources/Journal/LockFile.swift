#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that one process holds locked, so that no second one uses the journal beside it.
///
/// SQLite's own locks let several processes write in turn; here a second writer would give serials twice. The lock goes
/// with the process however it ends.
final class LockFile: Sendable {
    enum Failure: Error {
        case held
        case system(String)
    }

    private let descriptor: Int32

    init(path: String) throws(Failure) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK { throw .held }
            throw .system(String(cString: strerror(code)))
        }
        self.descriptor = descriptor
    }

    /// Lets another one open the journal; the file stays.
    func release() { flock(descriptor, LOCK_UN) }

    deinit { close(descriptor) }
}
