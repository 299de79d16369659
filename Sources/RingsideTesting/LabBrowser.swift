/// A page of this repository in a real browser, which thinks it comes from another origin than the server.
public struct LabBrowser: Sendable {
    private let helper: LabProcess

    /// - Parameter port: where the page is served.
    public init(page: String, port: Int) async throws {
        helper = try LabProcess("browser.py", [page, String(port)], usesTools: true)
        try await helper.wait(for: "ready", within: .seconds(60))
    }

    public func fill(_ field: String, _ value: String) async throws {
        try helper.say("fill", field, value)
        try await helper.wait(for: "done", within: .seconds(40))
    }

    /// Presses the button with this text, as soon as there is one.
    public func press(_ button: String) async throws {
        helper.forget()
        try helper.say("press", button)
        try await helper.wait(for: "done", within: .seconds(40))
    }

    /// Waits until an element shows a text.
    public func see(_ text: String, in selector: String) async throws {
        helper.forget()
        try helper.say("see", selector, text)
        try await helper.wait(for: "seen", within: .seconds(40))
    }

    /// What an element shows, lines joined by `|`.
    public func read(_ selector: String) async throws -> String {
        helper.forget()
        try helper.say("read", selector)
        return try await helper.wait(for: "is", within: .seconds(40))
    }

    public func end() async { await helper.end() }
}
