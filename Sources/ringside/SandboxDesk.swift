import CSTA
import Gateway
import RingsideServer
import SandboxSwitch
import SwitchDriver

/// The sandbox's phones and customers, as the gateway's sandbox interface presses and sends them.
struct SandboxDesk: SandboxPort {
    let sandbox: SandboxSwitch

    init(_ sandbox: SandboxSwitch) { self.sandbox = sandbox }

    func press(button: String, device: DeviceID, number: String?) -> SandboxOutcome {
        guard let button = Self.button(button, number: number) else { return .notFound("there is no such button") }
        return outcome { () throws(SandboxError) in try sandbox.press(button, on: device) }
    }

    func customerCalls(from: String, to: String, in namespace: Namespace) -> SandboxOutcome {
        // Nobody may call another tenant's customers in.
        guard sandbox.lines(of: namespace)?.inboundNumbers.contains(to) == true else {
            return .notFound("no customer reaches anybody by this number: see inbound of the tenant")
        }
        return outcome { () throws(SandboxError) in try sandbox.customerCalls(from: from, to: to) }
    }

    func phones(in namespace: Namespace) -> [SandboxPhone] {
        sandbox.phones(in: namespace).map {
            SandboxPhone(
                device: $0.device, isRegistered: $0.isRegistered, isMuted: $0.isMuted, state: $0.state.rawValue,
                display: $0.display?.number, transfer: $0.transfer?.rawValue, announcement: $0.announcement)
        }
    }

    private static func button(_ name: String, number: String?) -> PhoneButton? {
        switch name {
        case "dial": number.map(PhoneButton.dial)
        case "transfer": .transfer(number)
        case "answer": .answer
        case "reject": .reject
        case "hangup": .hangup
        case "hold": .hold
        case "retrieve": .retrieve
        case "unregister": .unregister
        case "register": .register
        case "mute": .mute
        default: nil
        }
    }

    private func outcome<Value>(_ body: () throws(SandboxError) -> Value) -> SandboxOutcome {
        do throws(SandboxError) {
            _ = try body()
            return .done
        } catch {
            switch error {
            case .unknownDevice: return .notFound("there is no such phone")
            case .unknownLeg: return .notFound("there is no such customer")
            case .invalidNumber: return .notFound("that is no number")
            case .unknownNumber, .noTrunk: return .notFound("no customer reaches anybody by this number")
            case .notRegistered: return .notPossible(state: "unregistered", "the phone is not registered")
            case .notPossible(let state): return .notPossible(state: state.rawValue, "not while the phone is so")
            case .tooManyLegs: return .tooMany
            case .alreadyRunning: return .notPossible(state: "running", "the sandbox runs already")
            }
        }
    }
}
