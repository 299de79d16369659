import Synchronization

/// Pauses between tries, until somebody says that there is no time for more.
final class Patience: Sendable {
    private struct State {
        var isOver = false
        var pause: Task<Void, Never>?
    }

    private let state = Mutex(State())

    var isOver: Bool { state.withLock(\.isOver) }

    /// Ends the pause that is, and lets none begin.
    func end() {
        state.withLock { state in
            state.isOver = true
            state.pause?.cancel()
        }
    }

    /// Returns after that time, or before when the task is cancelled or ``end()`` is called.
    func pause(milliseconds: Int) async {
        let pause = state.withLock { state in
            let pause = Task<Void, Never> { try? await Task.sleep(for: .milliseconds(milliseconds)) }
            if state.isOver { pause.cancel() }
            state.pause = pause
            return pause
        }
        await withTaskCancellationHandler {
            await pause.value
        } onCancel: {
            pause.cancel()
        }
    }
}
