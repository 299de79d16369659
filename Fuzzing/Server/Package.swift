// swift-tools-version: 6.2
import PackageDescription

// A package of its own: all that it depends on is built with what a fuzzer needs. Scripts/fuzz.sh links it.
let package = Package(
    name: "ServerFuzzing",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "ringside", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(
            name: "ServerFuzzing",
            dependencies: [
                .product(name: "RingsideServer", package: "ringside"),
                .product(name: "SandboxSwitch", package: "ringside"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ])
    ]
)
