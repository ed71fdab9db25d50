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
    .library(name: "Safetensors", targets: ["Safetensors"]),
    .library(name: "SpindleReference", targets: ["SpindleReference"]),
    .executable(name: "spindle", targets: ["SpindleCommand"]),
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
    .target(name: "Safetensors", swiftSettings: strict),
    .target(
      name: "Spindle", dependencies: ["CSpindle", "Safetensors", "SpindleDescription"],
      swiftSettings: strict),
    .target(name: "SpindleReference", dependencies: ["Spindle"], swiftSettings: strict),
    .target(name: "SpindleDescription", dependencies: ["Safetensors"], swiftSettings: strict),
    .target(
      name: "SpindleCrossCheck",
      dependencies: ["Spindle", "SpindleReference", "SpindleDescription", "Safetensors"],
      swiftSettings: strict
    ),
    .target(name: "SpindleReport", dependencies: ["Safetensors"], swiftSettings: strict),
    .target(
      name: "SpindleJob",
      dependencies: ["Spindle", "SpindleDescription", "SpindleReport", "Safetensors"],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "SpindleCommand",
      dependencies: [
        "Spindle", "SpindleJob", "SpindleReport", "SpindleCrossCheck", "Safetensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict
    ),
    // What several test targets share.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "SafetensorsTests", dependencies: ["Safetensors", "TestSupport"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "SpindleDescriptionTests", dependencies: ["SpindleDescription", "Safetensors"],
      swiftSettings: strict),
    .testTarget(
      name: "SpindleCrossCheckTests",
      dependencies: ["SpindleCrossCheck", "Spindle", "Safetensors", "TestSupport"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "SpindleReferenceTests",
      dependencies: ["SpindleReference", "Spindle", "Safetensors", "TestSupport"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "SpindleReportTests", dependencies: ["SpindleReport", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SpindleTests",
      dependencies: ["Spindle", "SpindleReference", "CSpindle", "Safetensors", "TestSupport"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "SpindleJobTests",
      dependencies: ["SpindleJob", "Spindle", "SpindleDescription", "Safetensors", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SpindleCommandTests", dependencies: ["SpindleCommand", "Spindle", "Safetensors"],
      swiftSettings: strict),
  ],
  cLanguageStandard: .gnu17
)
