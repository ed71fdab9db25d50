import ArgumentParser
import Spindle

/// `spindle info`.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Prints the version, the instruction sets found and chosen, and the threads.")

  @Flag(help: "Print what the engine plans for the shape that the options below give.")
  var plan = false

  @OptionGroup(title: "Plan")
  var planOptions: PlanOptions

  func run() throws {
    try exiting {
      guard plan else { return try StandardOutput.print(try Self.summary()) }
      try StandardOutput.print(try planOptions.lines().joined(separator: "\n"))
    }
  }

  private static func summary() throws(SpindleError) -> String {
    let chosen = try ISA.automatic.resolved()
    return """
      spindle \(SpindleCommand.versionText)
      instruction sets: \(ISA.supported.map(\.rawValue).joined(separator: ", "))
      chosen: \(chosen.rawValue) (SPINDLE_ISA forces one)
      threads: \(Execution.defaultThreads) (at most the processors; OMP_NUM_THREADS asks for fewer)
      OpenMP runtime: \(Execution.openMPRuntime)
      """
  }
}
