import Foundation

/// What the process takes of its machine, as the operating system tells.
struct ProcessStatistics: Sendable {
    var cpuSeconds: Double
    /// Nil where there is no `/proc`.
    var residentBytes: Int?
    var openFiles: Int?
    var maximumOpenFiles: Int

    static func current() -> ProcessStatistics {
        var usage = rusage()
        #if canImport(Glibc)
            getrusage(RUSAGE_SELF.rawValue, &usage)
        #else
            getrusage(RUSAGE_SELF, &usage)
        #endif
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        return ProcessStatistics(
            cpuSeconds: usage.ru_utime.inSeconds + usage.ru_stime.inSeconds,
            residentBytes: pages.flatMap { $0.count > 1 ? Int($0[1]) : nil }.map {
                $0 * Int(sysconf(Int32(_SC_PAGESIZE)))
            },
            openFiles: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count,
            maximumOpenFiles: OpenFiles.limit)
    }
}

/// The bound of files and sockets that the operating system sets.
public enum OpenFiles {
    /// How many the process may have open.
    public static var limit: Int {
        var limit = rlimit()
        #if canImport(Glibc)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #else
            getrlimit(RLIMIT_NOFILE, &limit)
        #endif
        return Int(clamping: limit.rlim_cur)
    }
}

extension timeval {
    fileprivate var inSeconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
