import Foundation
import TestSupport
import Testing

@testable import Spindle

/// Exported C. Scripts/check_export.sh compiles what `writeNetworks` writes, by several compilers
/// for several processors; here some are compiled as the machine's C compiler does, where it has one.
struct CExportTests {
  private static let compiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  /// Where networks are written for the script.
  private static let folder = ProcessInfo.processInfo.environment["SPINDLE_EXPORT_FOLDER"]

  @Test(.enabled(if: compiler != nil, "no C compiler"), arguments: [7000, 7001, 7002] as [UInt64])
  func givesTheSameNumbers(seed: UInt64) throws {
    try withTemporaryDirectory { try compileAndRun(seed, in: $0) }
  }

  private func compileAndRun(_ seed: UInt64, in folder: String) throws {
    try RandomExport(seed: seed).write(to: folder, seed: seed)
    for kind in ["integer", "float"] {
      let path = "\(folder)/\(kind)-\(seed)"
      let compiled = try run(
        try #require(Self.compiler),
        ["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-o", "\(path)/test"]
          + ["network.c", "test_network.c"].map { "\(path)/\($0)" } + ["-lm"])
      try #require(compiled == 0, "\(kind)-\(seed) does not compile")
      #expect(try run("\(path)/test", []) == 0, "\(kind)-\(seed) gives other numbers")
    }
  }

  @Test(.enabled(if: folder != nil, "SPINDLE_EXPORT_FOLDER names no folder"))
  func writeNetworks() throws {
    let folder = try #require(Self.folder)
    for seed in 0..<100 as Range<UInt64> {
      try RandomExport(seed: 8000 + seed).write(to: folder, seed: seed)
    }
  }

  private func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
