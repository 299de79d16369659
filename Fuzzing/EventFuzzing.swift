import CSTA

/// Feeds bytes to what reads JSON and events: nothing may trap, and what is read and written is read as the same again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEvents(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    if let json = try? JSON.parse(input) {
        let again = try? JSON.parse(json.encoded())
        precondition(again == json, "JSON changes when it is written")
    }
    if let event = try? Event(json: input) {
        let again = try? Event(json: Array(event.json.utf8))
        precondition(again?.json == event.json, "an event changes when it is written")
    }
    return 0
}
