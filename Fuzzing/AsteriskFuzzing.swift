import CSTA

/// Feeds bytes to what reads Asterisk's events: nothing may trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAsterisk(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    _ = ARIMessage(input)
    return 0
}
