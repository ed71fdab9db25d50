import ArgumentParser
import Spindle
import SpindleJob

/// `spindle quantize`.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Puts the weights of a trained network on a grid, as a chip holds them.",
    discussion: """
      With --bits the network of a network file or of a checkpoint is written to --output: its \
      weights on the grid, and the grid in its description. With --sweep-bits 8..2 the network of a \
      checkpoint is measured with each number of bits, without training; --set may change \
      \(EvalCommand.changeable.joined(separator: ", ")).

      Warnings say in plain words what may make a chip compute something else. To train with the \
      grid, give layers a key hardware.quantize.

      Exit status: 0 done, 2 bad input.
      """)

  @Argument(help: ArgumentHelp("A run that was saved, or a network file.", valueName: "file"))
  var network: String

  @OptionGroup var grid: GridOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("The network file.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Print a table of accuracy by bits, as in 8..2.", valueName: "from..to"))
  var sweepBits: String?

  @Option(help: "The samples of the table. (default: test, else validation, else train)")
  var part: EvaluatedPart?

  @Flag(help: "Print the table as one JSON document.")
  var json = false

  @OptionGroup var options: JobOptions
  @OptionGroup var choice: ChoiceOptions

  func run() throws {
    try exiting {
      guard sweepBits != nil || output != nil else {
        throw JobError.configuration("expected --output for the network, or --sweep-bits")
      }
      if let sweepBits { try printTable(try Self.bits(sweepBits)) }
      guard let output else { return }
      try checkWritable(output)
      try write(to: output)
    }
  }

  private func write(to output: String) throws {
    guard let grid = try grid.grid() else {
      throw JobError.configuration("expected --bits for the network that is written")
    }
    let network = try Network(contentsOf: network, choice.choice).quantized(grid)
    for warning in try network.gridWarnings() { StandardError.print("warning: \(warning)") }
    try network.effective().save(to: output)
  }

  private func printTable(_ bits: [Int]) throws {
    let overrides = try options.overrides()
    try Override.check(overrides, allowed: EvalCommand.changeable, by: "quantize")
    let (saved, configuration) = try readCheckpoint(network, overrides: overrides)
    let job = try Job(configuration)
    let sweep = try job.sweep(
      saved, choice.choice, on: part, grid: try grid.grid(bits: grid.bits ?? 8), bits: bits)
    try StandardOutput.print(json ? sweep.json.prettyText : sweep.text)
  }

  /// The numbers of "8..2", both ends included, or of "5".
  static func bits(_ text: String) throws(JobError) -> [Int] {
    let ends = text.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = ends.compactMap { Int($0) }
    let possible = Quantization.possibleBits
    let isRange = ends.count == 3 && ends[1].isEmpty && numbers.count == 2
    guard isRange || ends.count == 1 && numbers.count == 1, numbers.allSatisfy(possible.contains)
    else {
      throw .configuration(
        "--sweep-bits must be two numbers from \(possible.lowerBound) to \(possible.upperBound), as "
          + "in 8..2, got \"\(text)\"")
    }
    guard let first = numbers.first, let last = numbers.last else { return [] }
    return Array(stride(from: first, through: last, by: first <= last ? 1 : -1))
  }
}
