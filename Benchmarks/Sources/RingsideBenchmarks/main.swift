import Foundation

/// What can be measured, by name. A benchmark is a function in a file of its own that prints one table.
let benchmarks: [(name: String, run: () async throws -> Void)] = [
    ("rules", rulesBenchmark),
    ("parties", partiesBenchmark),
    ("splits", splitsBenchmark),
    ("encoding", encodingBenchmark),
    ("journal", journalBenchmark),
    ("journal-replay", journalReplayBenchmark),
    ("journal-layouts", journalLayoutBenchmark),
    ("fan-out", fanOutBenchmark),
    ("fan-out-load", fanOutLoad),
    ("journal-binding", journalBindingBenchmark),
    ("end-to-end", endToEndBenchmark),
    ("soak", soakBenchmark),
    ("soak-server", soakServer),
    ("soak-clients", soakClients),
]

let wanted = CommandLine.arguments.dropFirst()
let chosen = benchmarks.filter { wanted.contains($0.name) }
if chosen.isEmpty {
    print("usage: RingsideBenchmarks NAME..., with NAME one of", benchmarks.map(\.name).joined(separator: ", "))
}
for benchmark in chosen {
    print("## \(benchmark.name)")
    do {
        try await benchmark.run()
    } catch {
        print("failed: \(error)")
        exit(1)
    }
}
