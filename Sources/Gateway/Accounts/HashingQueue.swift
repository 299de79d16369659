import NIOCore
import NIOPosix

/// Lets a few password computations run at once, off the event loops, and a bounded number wait.
actor HashingQueue {
    /// Two at a time take 32 MiB, and leave the machine its other cores.
    static let maximumRunning = 2
    /// At some 50 ms each the last of these waits about six seconds, less than clients do.
    static let maximumWaiting = 256

    private let maximumWaiting: Int
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(maximumWaiting: Int = HashingQueue.maximumWaiting) {
        self.maximumWaiting = maximumWaiting
    }

    /// Nil if too many wait already, or the process ends.
    nonisolated func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
        guard await enter() else { return nil }
        let value = try? await NIOSingletons.posixBlockingThreadPool.runIfActive(body)
        await leave()
        return value
    }

    private func enter() async -> Bool {
        if running < Self.maximumRunning {
            running += 1
            return true
        }
        guard waiting.count < maximumWaiting else { return false }
        await withCheckedContinuation { waiting.append($0) }
        return true
    }

    private func leave() {
        // The place goes over to who waits longest, so that `running` stays as it is.
        if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
    }
}
