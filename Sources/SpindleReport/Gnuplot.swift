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
  /// wrong. True of `shouldStop`, which is asked many times a second, stops them.
  func run(
    _ scripts: [String], in directory: String, shouldStop: () -> Bool = { false }
  ) -> String? {
    guard let path else { return "\(name) was not found" }
    let deadline = ContinuousClock.now + .seconds(timeLimit)
    var runs: [Run] = []
    var problem: String?
    for (index, script) in scripts.enumerated() where problem == nil {
      switch Run.start(
        path, script, in: directory, base: "script_\(index)",
        processorSeconds: Int(timeLimit.rounded(.up)))
      {
      case .success(let run): runs.append(run)
      case .failure(let failure): problem = "\(path): \(failure.reason)"
      }
    }
    // Every process started is waited for, also after a failure: its directory will be removed.
    for run in runs {
      let failure = run.finish(by: deadline, limit: timeLimit, isNeeded: problem == nil, shouldStop)
      problem = problem ?? failure
    }
    return problem
  }
}

/// One gnuplot process, the leader of a process group of its own: what it starts is stopped with it.
private struct Run {
  /// Why a process could not be started.
  struct Failure: Error {
    let reason: String
  }

  let process: pid_t
  let messages: String

  /// Starts it.
  ///
  /// Script and messages pass through files: no pipe can fill up and stop both sides.
  static func start(
    _ path: String, _ script: String, in directory: String, base: String, processorSeconds: Int
  ) -> Result<Run, Failure> {
    let input = "\(directory)/\(base).gp"
    let messages = "\(directory)/\(base).txt"
    do {
      try Data(script.utf8).write(to: URL(fileURLWithPath: input))
    } catch {
      return .failure(Failure(reason: error.localizedDescription))
    }
    // Without the user's own settings, which could change any figure.
    let arguments = [path, "--default-settings"]
    var process: pid_t = 0
    let code = Spawn.start(
      &process, arguments, in: directory, input: input, errors: messages,
      processorSeconds: processorSeconds)
    guard code == 0 else {
      return .failure(Failure(reason: unsafe String(cString: strerror(code))))
    }
    return .success(Run(process: process, messages: messages))
  }

  /// Waits for its end, and stops it with all that it started at the deadline or where it is no longer
  /// needed; nil, or what went wrong.
  func finish(
    by deadline: ContinuousClock.Instant, limit: Double, isNeeded: Bool, _ shouldStop: () -> Bool
  ) -> String? {
    var reason: String?
    var status: Int32 = 0
    while true {
      let ended = unsafe waitpid(process, &status, WNOHANG)
      if ended == process { break }
      if ended < 0 && errno != EINTR { return "its end could not be waited for" }
      if reason == nil {
        if shouldStop() {
          reason = "it was interrupted"
        } else if ContinuousClock.now >= deadline {
          reason = "it took more than \(Numbers.significant(limit)) s and was stopped"
        } else if !isNeeded {
          reason = "another one failed"
        }
        if reason != nil { kill(-process, SIGKILL) }
      }
      usleep(5000)
    }
    if let reason { return reason }
    // The low seven bits are the signal that ended it, the next eight its status.
    if status == 0 { return nil }
    let text = (try? String(contentsOfFile: messages, encoding: .utf8)) ?? ""
    let end =
      status & 0x7F == 0 ? "with status \(status >> 8 & 0xFF)" : "by signal \(status & 0x7F)"
    return "it ended \(end). " + Self.end(of: text)
  }

  /// The end of gnuplot's messages, where the error stands.
  private static func end(of text: String) -> String {
    String(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").suffix(1000))
  }
}
