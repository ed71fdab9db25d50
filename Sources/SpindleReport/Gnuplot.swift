import Foundation

/// gnuplot as a subprocess: found through PATH, fed with a file, stopped after a while.
struct Gnuplot {
  /// Names another program than `gnuplot`, as a path or to be found in PATH.
  static let variable = "SPINDLE_GNUPLOT"

  /// The name that was looked for.
  let name: String
  /// Where it is; nil if it is not.
  let path: String?
  /// How long one run may take, in seconds.
  var timeLimit = 60.0

  /// Looks for gnuplot as a shell would.
  init(environment: [String: String]) {
    let named = environment[Self.variable] ?? ""
    let name = named.isEmpty ? "gnuplot" : named
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    let candidates = name.contains("/") ? [name] : folders.map { "\($0)/\(name)" }
    self.name = name
    path = candidates.first(where: Self.isProgram)
  }

  private static func isProgram(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && !isDirectory.boolValue && FileManager.default.isExecutableFile(atPath: path)
  }

  /// Runs scripts side by side in a directory, in which their files appear; nil, or what went
  /// wrong.
  func run(_ scripts: [String], in directory: String) -> String? {
    guard let path else { return "\(name) was not found" }
    let deadline = DispatchTime.now() + timeLimit
    var runs: [Run] = []
    var problem: String?
    for (index, script) in scripts.enumerated() where problem == nil {
      do {
        let run = try Run(path, script, in: directory, base: "script_\(index)")
        runs.append(run)
      } catch {
        problem = "\(path): \(error.localizedDescription)"
      }
    }
    // Every process started is waited for, also after a failure: its directory will be removed.
    for run in runs {
      let failure = run.finish(by: deadline, limit: timeLimit)
      problem = problem ?? failure
    }
    return problem
  }
}

/// One gnuplot process.
private struct Run {
  let process = Process()
  let ended = DispatchSemaphore(value: 0)
  let messages: String

  /// Starts it.
  ///
  /// Script and messages pass through files: no pipe can fill up and stop both sides.
  init(_ path: String, _ script: String, in directory: String, base: String) throws {
    let input = "\(directory)/\(base).gp"
    messages = "\(directory)/\(base).txt"
    try Data(script.utf8).write(to: URL(fileURLWithPath: input))
    try Data().write(to: URL(fileURLWithPath: messages))
    process.executableURL = URL(fileURLWithPath: path)
    // Without the user's own settings, which could change any figure.
    process.arguments = ["--default-settings"]
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: messages))
    process.terminationHandler = { [ended] _ in ended.signal() }
    try process.run()
  }

  /// Waits for its end and stops it at the deadline; nil, or what went wrong.
  func finish(by deadline: DispatchTime, limit: Double) -> String? {
    guard ended.wait(timeout: deadline) == .success else {
      kill(process.processIdentifier, SIGKILL)
      ended.wait()
      return "it took more than \(Numbers.significant(limit)) s and was stopped"
    }
    if process.terminationReason == .exit, process.terminationStatus == 0 { return nil }
    let text = (try? String(contentsOfFile: messages, encoding: .utf8)) ?? ""
    return "it ended with status \(process.terminationStatus). " + Self.end(of: text)
  }

  /// The end of gnuplot's messages, where the error stands.
  private static func end(of text: String) -> String {
    String(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").suffix(1000))
  }
}
