import CSTA

private func made<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a fixture is not valid") }
    return value
}

let namespaceOfTests = made(Namespace("zhen04.cc"))
func device(_ number: String) -> DeviceID { made(DeviceID(number, in: namespaceOfTests)) }
