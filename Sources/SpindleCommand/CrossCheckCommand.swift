import ArgumentParser
import Spindle
import SpindleCrossCheck
import SpindleFiles

/// `spindle crosscheck`: runs cases on the engines and compares with what the cases expect.
struct CrossCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crosscheck",
    abstract: "Runs cases on the C engine and on the reference and compares.",
    discussion: """
      For each engine and tensor the table has the largest absolute difference, the same relative \
      to the tensor's largest expected number, and its place. Spikes must be equal; the loss, \
      potentials, membranes and gradients must be within the tolerance; NaN and infinity fail. \
      A difference that rounding to float32 explains on this very network is "ill-conditioned: \
      float32 differs by x" (x is relative, as above) and no failure: there the definition in \
      Double is as far from what is expected, and from what the engine computed, as evaluations \
      in float32 of parameters moved by a unit in the last place are. \
      "equal" means the same float32 to the last bit. The row "bits" says whether all runs of an \
      engine, over instruction sets and threads, gave the same bits.

      Exit status: 0 all agree, 1 a difference, 2 bad input.

      --json prints one document: "format", "tolerance" and "cases", each with \
      "path", "status" (agrees, differs, error), "error" (a text or absent) and "report": \
      "batch", "steps", "neurons", "loss", "expected_loss" and "engines", each with "engine", \
      "first_difference_of_bits" (a tensor's name or absent) and "outcomes", one for each set of \
      bits: "runs" ("isa", "threads"), "loss" and "tensors": "name", "shape", "status" (equal, \
      close, ill_conditioned, different, not_finite, no_expectation), "max_absolute", \
      "max_relative", "index", "float32_spread" (where numbers differ), and for spikes "differing_spikes" and "first_differing_spike" ("index", "distance" from the \
      threshold). What does not apply is absent; numbers that are not finite are texts.
      """)

  @Argument(help: "Cases to check.")
  var cases: [String]

  @Option(help: "c, swift (the reference, in Double and in Float) or all.")
  var engine = "all"

  @Option(help: "The C engine's instruction set: a name, auto, or all that this processor has.")
  var isa = "auto"

  @Option(help: "Numbers of threads, as in 1,2,5. (default: the processors)")
  var threads: String?

  @Option(help: "The largest difference, relative to the tensor's largest expected number.")
  var tolerance = CrossCheck.defaultTolerance

  @Flag(help: "Print one JSON document instead of tables.")
  var json = false

  func validate() throws { _ = try makeCheck() }

  func run() throws {
    let check = try makeCheck()
    var summary = CheckSummary(tolerance: check.tolerance)
    for path in cases {
      let report: CaseReport
      do throws(CaseError) {
        report = try check(try CaseFile(contentsOf: path), at: path)
      } catch {
        summary.add(path, error)
        StandardError.print("\(error)")
        continue
      }
      summary.add(path, report)
      if !json { try StandardOutput.print(report.table(title: path)) }
    }
    try StandardOutput.print(json ? try summary.json() : summary.line)
    if summary.exitCode != 0 { throw ExitCode(summary.exitCode) }
  }

  private func makeCheck() throws -> CrossCheck {
    guard tolerance >= 0, tolerance.isFinite else {
      throw ValidationError("--tolerance must be a number from 0, got \(tolerance)")
    }
    return CrossCheck(
      engines: try parseEngines(), isas: try parseISAs(), threads: try parseThreads(),
      tolerance: tolerance)
  }

  private func parseEngines() throws -> [CrossCheck.Engine] {
    if engine == "all" { return CrossCheck.Engine.allCases }
    guard let chosen = CrossCheck.Engine(rawValue: engine) else {
      throw ValidationError("--engine must be c, swift or all, got \"\(engine)\"")
    }
    return [chosen]
  }

  private func parseISAs() throws -> [ISA] {
    if isa == "all" { return ISA.supported }
    if isa == "auto" || isa == ISA.automatic.rawValue {
      do {
        return [try ISA.automatic.resolved()]
      } catch {
        throw ValidationError("\(error)")
      }
    }
    guard let chosen = ISA(rawValue: isa), ISA.supported.contains(chosen) else {
      let supported = ISA.supported.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--isa must be auto, all or one of \(supported), got \"\(isa)\"")
    }
    return [chosen]
  }

  private func parseThreads() throws -> [Int?] {
    guard let threads else { return [nil] }
    var counts: [Int?] = []
    for part in threads.split(separator: ",", omittingEmptySubsequences: false) {
      guard let count = Int(part), (1...Execution.maximumThreads).contains(count) else {
        throw ValidationError(
          "--threads must be numbers from 1 to \(Execution.maximumThreads) with commas between "
            + "them, got \"\(threads)\"")
      }
      counts.append(count)
    }
    return counts
  }
}

extension CrossCheck {
  /// The check of a file, its errors with the file's path.
  fileprivate func callAsFunction(
    _ file: CaseFile, at path: String
  ) throws(CaseError) -> CaseReport {
    try rethrowing(try check(file)) { (error: CaseError) in CaseError.inFile(path: path, error) }
  }
}
