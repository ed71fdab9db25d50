// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is held to.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
  .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
  name: "spindle",
  products: [
    .library(name: "Spindle", targets: ["Spindle"]),
    .library(name: "CSpindle", targets: ["CSpindle"]),
    .library(name: "SpindleTensors", targets: ["SpindleTensors", "SpindleJSON", "SpindleFiles"]),
    .library(name: "SpindleReference", targets: ["SpindleReference"]),
    .library(name: "SpindleHDF5", targets: ["SpindleHDF5"]),
    .library(name: "SpindleNIR", targets: ["SpindleNIR", "SpindleHDF5"]),
    .library(name: "SpindleMPI", targets: ["SpindleMPI"]),
    .executable(name: "spindle", targets: ["SpindleCommand"]),
  ],
  traits: [
    .trait(
      name: "MPI",
      description: "Training in many processes: SpindleMPI, and spindle under mpirun. Needs MPI.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    .target(
      name: "CSpindle",
      path: "CSources/CSpindle",
      cSettings: [.enableWarning("all"), .enableWarning("extra")],
      linkerSettings: [
        .linkedLibrary("omp5", .when(platforms: [.linux])),
        .linkedLibrary("m", .when(platforms: [.linux])),
      ]
    ),
    .target(name: "SpindleFiles", swiftSettings: strict),
    .target(name: "SpindleJSON", swiftSettings: strict),
    .target(
      name: "SpindleTensors", dependencies: ["SpindleFiles", "SpindleJSON"],
      swiftSettings: strict),
    // zlib, which Swift itself needs on Linux. The library Spindle does without.
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "SpindleHDF5",
      dependencies: ["CZlib", "SpindleFiles", "SpindleJSON", "SpindleTensors"],
      swiftSettings: strict),
    .target(
      name: "Spindle",
      dependencies: ["CSpindle", "SpindleFiles", "SpindleJSON", "SpindleTensors"],
      swiftSettings: strict),
    .target(
      name: "SpindleNIR",
      dependencies: ["Spindle", "SpindleHDF5", "SpindleFiles", "SpindleJSON", "SpindleTensors"],
      swiftSettings: strict),
    // Nothing looks for MPI without the trait: the module is then empty.
    .systemLibrary(name: "CMPI", pkgConfig: "mpi-c", providers: [.apt(["libopenmpi-dev"])]),
    .target(
      name: "SpindleMPI",
      dependencies: ["Spindle", .target(name: "CMPI", condition: .when(traits: ["MPI"]))],
      swiftSettings: strict),
    .target(name: "SpindleReference", dependencies: ["Spindle"], swiftSettings: strict),
    .target(
      name: "SpindleCrossCheck",
      dependencies: ["Spindle", "SpindleReference", "SpindleJSON", "SpindleTensors"],
      swiftSettings: strict
    ),
    .target(name: "SpindleReport", dependencies: ["SpindleFiles"], swiftSettings: strict),
    .target(
      name: "SpindleJob",
      dependencies: [
        "Spindle", "SpindleHDF5", "SpindleReport", "SpindleFiles", "SpindleJSON", "SpindleTensors",
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "SpindleCommand",
      dependencies: [
        "Spindle", "SpindleJob", "SpindleNIR", "SpindleReport", "SpindleCrossCheck",
        "SpindleFiles", "SpindleJSON", "SpindleTensors",
        .target(name: "SpindleMPI", condition: .when(traits: ["MPI"])),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict,
      plugins: ["RecordCommit"]
    ),
    // The commit in `spindle --version`.
    .plugin(name: "RecordCommit", capability: .buildTool()),
    // What several test targets share.
    .target(
      name: "TestSupport", dependencies: ["Spindle"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .testTarget(
      name: "SpindleFilesTests", dependencies: ["SpindleFiles", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SpindleJSONTests", dependencies: ["SpindleJSON", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SpindleTensorsTests",
      dependencies: ["SpindleTensors", "SpindleFiles", "TestSupport"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "SpindleHDF5Tests", dependencies: ["SpindleHDF5", "SpindleTensors", "TestSupport"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "SpindleNIRTests",
      dependencies: [
        "SpindleNIR", "SpindleHDF5", "Spindle", "SpindleJSON", "SpindleTensors", "TestSupport",
      ],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "SpindleCrossCheckTests",
      dependencies: [
        "SpindleCrossCheck", "Spindle", "SpindleJSON", "SpindleTensors", "TestSupport",
      ],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "SpindleMPITests", dependencies: ["SpindleMPI", "Spindle", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SpindleReferenceTests",
      dependencies: ["SpindleReference", "Spindle", "TestSupport"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "SpindleReportTests", dependencies: ["SpindleReport", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SpindleTests",
      dependencies: [
        "Spindle", "SpindleReference", "CSpindle", "SpindleFiles", "SpindleJSON",
        "SpindleTensors", "TestSupport",
      ],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "SpindleJobTests",
      dependencies: [
        "SpindleJob", "Spindle", "SpindleFiles", "SpindleHDF5", "SpindleJSON", "SpindleTensors",
        "TestSupport",
      ],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "SpindleCommandTests",
      dependencies: [
        "SpindleCommand", "Spindle", "SpindleJSON", "SpindleNIR", "SpindleTensors", "TestSupport",
      ],
      swiftSettings: strict),
  ],
  cLanguageStandard: .gnu17
)

// The README of a module is for those who read it.
for target in package.targets where target.path?.hasPrefix("Tests/") != true {
  if target.type == .regular || target.type == .executable { target.exclude.append("README.md") }
}
