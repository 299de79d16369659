extension Dictionary {
    /// Changes a value where it lies; `dictionary[key]?.change()` takes it out and puts it back. Does nothing without one.
    mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
        guard let index = index(forKey: key) else { return }
        change(&values[index])
    }
}
