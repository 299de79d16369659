// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// Which target may import which is checked by Tests/ArchitectureTests; docs/architecture.md says why.
let package = Package(
    name: "ringside",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "CSTA", targets: ["CSTA"]),
        .library(name: "CallCenter", targets: ["CallCenter"]),
        .library(name: "SwitchDriver", targets: ["SwitchDriver"]),
        .library(name: "SandboxSwitch", targets: ["SandboxSwitch"]),
        .library(name: "Journal", targets: ["Journal"]),
        .library(name: "STOMP", targets: ["STOMP"]),
        .library(name: "Gateway", targets: ["Gateway"]),
        .library(name: "RingsideClient", targets: ["RingsideClient"]),
        .library(name: "RingsideServer", targets: ["RingsideServer"]),
        .library(name: "Simulation", targets: ["Simulation"]),
        .executable(name: "ringside", targets: ["ringside"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "CSTA", swiftSettings: settings),
        .target(name: "SwitchDriver", dependencies: ["CSTA"], swiftSettings: settings),
        .target(
            name: "CallCenter",
            dependencies: [
                "CSTA", "SwitchDriver",
                .product(name: "Collections", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .target(name: "SandboxSwitch", dependencies: ["CSTA", "SwitchDriver"], swiftSettings: settings),
        .target(
            name: "AsteriskSwitch",
            dependencies: [
                "CSTA", "SwitchDriver",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Journal",
            dependencies: [
                "CSTA", "CallCenter",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(name: "STOMP", swiftSettings: settings),
        .target(
            name: "Gateway",
            dependencies: [
                "CSTA", "CallCenter", "STOMP",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RingsideServer",
            dependencies: [
                "CSTA", "CallCenter", "SwitchDriver", "Journal", "Gateway",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RingsideClient",
            dependencies: [
                "CSTA",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(name: "Simulation", dependencies: ["CSTA", "CallCenter", "SwitchDriver"], swiftSettings: settings),
        .executableTarget(
            name: "ringside",
            dependencies: [
                "RingsideServer", "RingsideClient", "SandboxSwitch", "AsteriskSwitch", "CSTA", "SwitchDriver",
                "Gateway",
                "Simulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ringside-example", dependencies: ["RingsideClient", "CSTA"], path: "examples/swift",
            swiftSettings: settings),
        .target(
            name: "RingsideTesting",
            dependencies: [
                "CSTA", "CallCenter", "SwitchDriver",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CSTATests", dependencies: ["CSTA"], resources: [.copy("Fixtures")], swiftSettings: settings),
        .testTarget(
            name: "CallCenterTests", dependencies: ["CallCenter", "CSTA", "SwitchDriver", "RingsideTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation", "CallCenter", "CSTA", "SwitchDriver"],
            swiftSettings: settings),
        .testTarget(
            name: "SandboxSwitchTests", dependencies: ["SandboxSwitch", "CSTA", "SwitchDriver", "RingsideTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "AsteriskSwitchTests",
            dependencies: [
                "AsteriskSwitch", "CSTA", "SwitchDriver", "RingsideTesting",
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("Captures")],
            swiftSettings: settings),
        .testTarget(
            name: "JournalTests",
            dependencies: [
                "Journal", "JournalCrashWriter", "CSTA", "CallCenter", "RingsideTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "JournalCrashWriter",
            dependencies: ["Journal", "CSTA", "CallCenter", .product(name: "Logging", package: "swift-log")],
            path: "Tests/JournalCrashWriter",
            swiftSettings: settings
        ),
        .testTarget(
            name: "STOMPTests", dependencies: ["STOMP", "RingsideTesting"], resources: [.copy("Frames")],
            swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "STOMP", "CSTA", "CallCenter", "SwitchDriver", "RingsideTesting",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            resources: [.copy("Certificates")],
            swiftSettings: settings),
        .testTarget(name: "RingsideClientTests", dependencies: ["RingsideClient", "CSTA"], swiftSettings: settings),
        .testTarget(
            name: "RingsideServerTests",
            dependencies: [
                "RingsideServer", "RingsideClient", "ringside-example", "SandboxSwitch", "AsteriskSwitch", "CSTA",
                "CallCenter", "Gateway", "Journal", "SwitchDriver", "RingsideTesting",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .testTarget(name: "ArchitectureTests", swiftSettings: settings),
    ]
)
