public import CSTA
public import CallCenter
public import SwitchDriver

/// One thing that somebody does, or that happens: what a run is made of.
///
/// It names all it is about, so that a run from which others were dropped is still one.
public struct Action: Hashable, Sendable {
    /// Whose it is: which tenant.
    public var site: Int
    /// How long nothing but what was under way has happened before.
    public var waitMilliseconds: Int64
    public var deed: Deed
}

public enum Deed: Hashable, Sendable {
    case asks(Command, Requester)
    case presses(Button, DeviceID)
    /// Somebody dials on a phone that is idle, or holds its one call.
    case dials(String, DeviceID, leg: LegID, call: CallID)
    case customerCalls(String, to: String, leg: LegID, call: CallID)
    case outsideHangsUp(LegID)
    case registers(DeviceID, Bool)
    /// The operator sets something up otherwise.
    case configures(Setup)
    case fault(Fault)
    /// An event that makes no sense.
    case stray(SwitchEvent)
    /// A timer that nobody has set.
    case strayTimer(TimerID)
    case nothing
}

/// What an operator changes. Only what was there at the beginning comes back.
public enum Setup: Hashable, Sendable {
    case agent(AgentID, isThere: Bool)
    case agentDisabled(AgentID, Bool)
    case device(DeviceID, isThere: Bool)
    case deviceUsable(DeviceID, Bool)
}

/// What somebody does at a phone.
public enum Button: Hashable, Sendable {
    case answer
    case reject
    /// The call that is not held.
    case hangUp
    case hold
    /// The held call; with two calls the other one is put on hold.
    case retrieve
    case blindTransfer(String)
    /// - isFromSecond: the request names the first leg as the one to be replaced.
    case attendedTransfer(isFromSecond: Bool)
}

/// What goes wrong between switch and server.
public enum Fault: Hashable, Sendable {
    /// The next event does not arrive.
    case lost
    /// The next event arrives, and a second time after so many milliseconds.
    case doubled(Int64)
    /// The next event is overtaken by those of the next milliseconds.
    case late(Int64)
    /// The next timer that ends something does not fire: a sweep has to find that.
    case timerLost
    /// The link is cut for so many milliseconds. What is under way is lost; commands may be.
    case linkCut(Int64, losesCommands: Bool)
    /// The server is killed, and comes back with its journal.
    case killed(Int64, losesCommands: Bool)
}

extension Action: CustomStringConvertible {
    public var description: String { "+\(waitMilliseconds) ms, tenant \(site): \(deed)" }
}

extension Deed: CustomStringConvertible {
    public var description: String {
        switch self {
        case .asks(let command, let requester):
            "\(requester.agent.number) (\(requester.role)) asks \(Self.plain("\(command)"))"
        case .presses(let button, let device): "phone \(device.number): \(button)"
        case .dials(let number, let device, let leg, let call):
            "phone \(device.number) dials \(number), leg \(leg), call \(call)"
        case .customerCalls(let number, let to, let leg, let call):
            "customer \(number) calls \(to), leg \(leg), call \(call)"
        case .outsideHangsUp(let leg): "outside, leg \(leg) hangs up"
        case .registers(let device, let isRegistered):
            "phone \(device.number) \(isRegistered ? "can be reached" : "is away")"
        case .configures(let setup): "set up: \(Self.plain("\(setup)"))"
        case .fault(let fault): "fault: \(fault)"
        case .stray(let event): "stray \(Self.plain("\(event)"))"
        case .strayTimer(let timer): "stray timer \(Self.plain("\(timer)"))"
        case .nothing: "nothing"
        }
    }

    /// Without the names of modules, which only make it longer.
    static func plain(_ text: String) -> String {
        var result = text
        for module in ["CallCenter.", "CSTA.", "SwitchDriver.", "Simulation."] { result = result.without(module) }
        return result
    }
}

extension String {
    fileprivate func without(_ word: String) -> String {
        var result = ""
        var rest = self[...]
        while let range = rest.firstRange(of: word) {
            result += rest[..<range.lowerBound]
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}
