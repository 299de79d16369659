import Synchronization

/// What the rules have to look at, in the order in which it came, from any thread.
final class Mailbox: Sendable {
    /// Commands and messages that wait. At 50,000 inputs a second the rules are two seconds behind when it is full.
    static let maximumInputs = 100_000

    let inputs: AsyncStream<ARIStateMachine.Input>
    private let continuation: AsyncStream<ARIStateMachine.Input>.Continuation
    private let state = Mutex((waiting: 0, overflowed: false))

    init() {
        (inputs, continuation) = AsyncStream.makeStream()
    }

    /// False if it is full: the input is lost, and the link has to be made anew, so that a snapshot tells what is up.
    /// Replies, alarms, the link's own inputs and wishes for a snapshot are always taken: each has a request, a link
    /// or a tenant that waits for it behind it.
    @discardableResult
    func post(_ input: ARIStateMachine.Input) -> Bool {
        if input.isBounded {
            let admitted = state.withLock { state in
                guard state.waiting < Self.maximumInputs else {
                    state.overflowed = true
                    return false
                }
                state.waiting += 1
                return true
            }
            guard admitted else { return false }
        }
        continuation.yield(input)
        return true
    }

    func taken(_ input: ARIStateMachine.Input) {
        if input.isBounded { state.withLock { $0.waiting -= 1 } }
    }

    /// Whether an input has been lost since the last time this was asked.
    func takeOverflow() -> Bool {
        state.withLock { state in
            defer { state.overflowed = false }
            return state.overflowed
        }
    }
}

extension ARIStateMachine.Input {
    fileprivate var isBounded: Bool {
        switch self {
        case .command, .message: true
        case .reply, .alarm, .linkUp, .linkDown, .audit, .resynchronise, .lines: false
        }
    }
}
