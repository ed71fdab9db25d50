import ArgumentParser
import Spindle

/// `spindle info`.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Tells the version, the instruction sets found and chosen, and the threads.")

  @Flag(help: "Print what the engine plans for the shape that the options below give.")
  var plan = false

  @OptionGroup(title: "Plan")
  var planOptions: PlanOptions

  func run() throws {
    if plan {
      for line in try planOptions.lines() { print(line) }
      return
    }
    let chosen = try ISA.automatic.resolved()
    print("spindle \(spindleVersion)")
    print("instruction sets: \(ISA.supported.map(\.rawValue).joined(separator: ", "))")
    print("chosen: \(chosen.rawValue) (SPINDLE_ISA forces one)")
    print("threads: \(Execution.defaultThreads) (OMP_NUM_THREADS sets them)")
    print("OpenMP runtime: \(Execution.openMPRuntime)")
  }
}
