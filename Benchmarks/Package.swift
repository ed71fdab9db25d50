// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is held to: as in the package that is measured.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
  .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
  name: "spindle-benchmarks",
  products: [.executable(name: "spindle-bench", targets: ["spindle-bench"])],
  traits: [.trait(name: "MPI", description: "spindle-bench under mpirun.")],
  dependencies: [
    .package(
      name: "spindle", path: "..",
      traits: [.trait(name: "MPI", condition: .when(traits: ["MPI"]))]),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
  ],
  targets: [
    .target(name: "CPeak", cSettings: [.enableWarning("all"), .enableWarning("extra")]),
    .target(
      name: "CMeasure",
      dependencies: [.product(name: "CSpindle", package: "spindle")],
      cSettings: [.enableWarning("all"), .enableWarning("extra")]),
    .executableTarget(
      name: "stepper-bench",
      dependencies: [.product(name: "CSpindle", package: "spindle")],
      path: "Sources/StepperBench",
      cSettings: [.enableWarning("all"), .enableWarning("extra")]),
    .target(name: "SwiftBaseline", swiftSettings: strict),
    .executableTarget(
      name: "spindle-bench",
      dependencies: [
        "CMeasure", "CPeak", "SwiftBaseline",
        .product(name: "CSpindle", package: "spindle"),
        .product(name: "Spindle", package: "spindle"),
        .product(name: "SpindleReference", package: "spindle"),
        .product(name: "SpindleTensors", package: "spindle"),
        .product(name: "SpindleMPI", package: "spindle", condition: .when(traits: ["MPI"])),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/SpindleBench",
      resources: [.embedInCode("workloads.json")],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "KernelBenchmarks",
      dependencies: [
        "CMeasure",
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "CSpindle", package: "spindle"),
        .product(name: "Spindle", package: "spindle"),
      ],
      path: "Benchmarks/KernelBenchmarks",
      swiftSettings: strict,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
    ),
  ],
  cLanguageStandard: .gnu17
)
