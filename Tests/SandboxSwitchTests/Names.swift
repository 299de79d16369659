import SandboxSwitch

/// The conformance suite has a `PhoneButton` too, and a type named like its module cannot be used to tell them apart.
typealias SandboxButton = PhoneButton
