import ArgumentParser
import Foundation
import SpindleCrossCheck
import SpindleFiles

/// `spindle golden`: fills in what a case expects.
struct GoldenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "golden",
    abstract: "Computes the expectations of a case that has network, input, weights and target.",
    discussion: """
      The reference in Swift computes one step of training in Double and rounds it to float32: the \
      file that a kernel on other hardware is tested against. Expectations that the case has \
      already are replaced. A potential that lies so close to its threshold that float32 may \
      decide the spike otherwise is warned of, in hidden layers too: closer than what rounding can \
      do, which grows with the number of terms in the sums and with the decay (the bound stands in \
      RoundingBound.swift).

      Exit status: 0 written, 2 bad input.
      """)

  @Argument(help: "The case to read.")
  var network: String

  @Option(name: .shortAndLong, help: "The case to write.")
  var output: String

  @Flag(help: "Replace the output if it exists.")
  var force = false

  func run() throws {
    let expectations: Int
    do throws(CaseError) {
      let file = try CaseFile(contentsOf: network)
      guard force || !FileManager.default.fileExists(atPath: output) else {
        throw .fileExists(path: output)
      }
      let golden = try rethrowing(try Golden(of: file)) { (error: CaseError) in
        CaseError.inFile(path: network, error)
      }
      for warning in golden.warnings { StandardError.print("\(network): warning: \(warning)") }
      try golden.file.write(to: output)
      expectations = golden.file.results.count
    } catch {
      StandardError.print("\(error)")
      throw ExitCode(2)
    }
    try StandardOutput.print("\(output): \(expectations) expectations")
  }
}
