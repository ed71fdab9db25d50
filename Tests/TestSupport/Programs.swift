import Foundation

/// Programs that some tests need and not every machine has.
package enum Programs {
  /// Whether the search path has a program.
  package static func has(_ name: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }

  /// The interpreter of Python, SPINDLE_PYTHON or python3: one with more packages runs more tests.
  package static let python =
    ProcessInfo.processInfo.environment["SPINDLE_PYTHON"] ?? "python3"

  /// Whether Python is there, with a module.
  package static func pythonHas(_ module: String) -> Bool {
    (try? run(python, ["-c", "import \(module)"]))?.status == 0
  }

  /// Runs a program of the search path to its end in a folder.
  ///
  /// - Parameters:
  ///   - name: the program.
  ///   - arguments: what it is given.
  ///   - folder: where it runs; nil for here.
  /// - Returns: its exit status, and what it printed to both outputs.
  package static func run(
    _ name: String, _ arguments: [String], in folder: String? = nil
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
