import Logging
import RingsideServer
try await ServerStart.run(.demo(), logger: Logger(label: "ringside")) { print($0.url) }
