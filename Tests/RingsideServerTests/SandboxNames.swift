import SandboxSwitch

// The sandbox's module has a class of its own name, so that this name cannot be written out where another module has it too.
typealias SandboxButton = PhoneButton
