// Prints an agent's events: swift run ringside-example http://127.0.0.1:8750 5001@demo.cc demo
import CSTA
import RingsideClient

var words = CommandLine.arguments.dropFirst().makeIterator()
let url = words.next() ?? "http://127.0.0.1:8750"
let client = try Client(url: url, agent: words.next() ?? "5001@demo.cc", password: words.next() ?? "demo")
for try await followed in client.events() {
    switch followed {
    case .snapshot(let now): print("after", now.serial)
    case .event(let event): print(event.serial, event.name)
    case .measures(let measures): print("\(measures.kind): \(measures.entries.count)")
    case .messagesLost(_, let reason, let now): print("lost, going on after \(now.serial): \(reason)")
    case .connected, .disconnected, .unreadable: break
    }
}
