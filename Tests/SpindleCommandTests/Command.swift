import Foundation
import Testing

/// The built `spindle`, run as a user runs it.
struct Command {
  let output: String
  let error: String
  let status: Int32
  /// Ended by a signal: a crash, unless the test sent it.
  let wasKilled: Bool

  /// Beside the test runner in the build folder.
  static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("spindle")

  /// Runs to the end.
  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    try self.init(arguments, environment: environment, afterStart: { _ in })
  }

  /// Runs a line of the shell, in which "$SPINDLE" is the command.
  init(shell line: String, environment: [String: String] = [:]) throws {
    try self.init(
      ["-c", line], environment: environment.merging(["SPINDLE": Self.path.path]) { old, _ in old },
      program: URL(fileURLWithPath: "/bin/sh"), afterStart: { _ in })
  }

  /// Runs to the end; `afterStart` may disturb it.
  init(
    _ arguments: [String], environment: [String: String] = [:], program: URL = Self.path,
    afterStart: (Process) throws -> Void
  ) throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    var all = ProcessInfo.processInfo.environment
    all["COLUMNS"] = "80"
    process.environment = all.merging(environment) { _, new in new }
    // Files rather than pipes: nothing can fill up while the test waits.
    let folder = try Scratch()
    let paths = [folder.path("output"), folder.path("error")]
    for path in paths { try Data().write(to: URL(fileURLWithPath: path)) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[0]))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[1]))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    try afterStart(process)
    try Self.wait(for: process)
    output = try String(contentsOfFile: paths[0], encoding: .utf8)
    error = try String(contentsOfFile: paths[1], encoding: .utf8)
    status = process.terminationStatus
    wasKilled = process.terminationReason == .uncaughtSignal
  }

  /// A test that hangs would tell nothing.
  private static func wait(for process: Process) throws {
    let deadline = Date(timeIntervalSinceNow: 180)
    while process.isRunning, Date() < deadline { usleep(5_000) }
    if process.isRunning {
      Issue.record("still running after 180 s: \(process.arguments ?? [])")
      kill(process.processIdentifier, SIGKILL)
    }
    process.waitUntilExit()
  }

  /// Expects success and an empty standard error.
  func expectSuccess(_ location: SourceLocation = #_sourceLocation) {
    #expect(!wasKilled && status == 0, "status \(status): \(error)", sourceLocation: location)
    #expect(error.isEmpty, sourceLocation: location)
  }

  /// Expects a refusal: no crash, a status that is not zero, nothing on standard output, and one
  /// sentence on standard error that names what is wrong.
  func expectRefusal(_ words: String, _ location: SourceLocation = #_sourceLocation) {
    #expect(!wasKilled && status != 0, "status \(status): \(error)", sourceLocation: location)
    #expect(output.isEmpty, sourceLocation: location)
    let lines = error.split(separator: "\n").filter {
      !$0.hasPrefix("Usage:") && !$0.hasPrefix("  See ") && !$0.hasPrefix("Help:")
    }
    #expect(lines.count == 1, "\(error)", sourceLocation: location)
    #expect(error.hasPrefix("Error: "), "\(error)", sourceLocation: location)
    #expect(error.contains(words), "\(error)", sourceLocation: location)
  }
}

/// A folder of a test's own, removed when the test is done with it.
final class Scratch: Sendable {
  private let folder: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("spindle-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { folder + "/" + name }
}
