import ArgumentParser
import Spindle
import SpindleFiles
import SpindleJob
import SpindleNIR

extension NIRExportOptions.Reader: ExpressibleByArgument {}

/// `spindle export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a network as a NIR graph, as integers for a chip, or in C.",
    discussion: """
      A NIR graph is what other frameworks import. Time constants are written in float64 for a \
      reader that steps by --time-step, so that its decays are the network's to the bit; weights \
      are written in float32. What the network does and the graph cannot express is warned of. \
      The network's own description goes along, so that spindle import gives back the same network \
      to the bit. Norse ignores r of LIF: --for norse writes 1 for it, and larger weights.

      With --integer the network's weights must lie on a grid: it was trained with one \
      (hardware.quantize), comes from spindle quantize, or --bits gives it one. --output gets one \
      safetensors file with a test vector, --c a folder with a library in C99 that allocates nothing \
      and a program that runs the test vector:

          cc -std=c99 network.c test_network.c -lm && ./a.out

      Without --integer, --c writes floats, whose bits are those of this program.

      Exit status: 0 written, 2 bad input.
      """)

  @Argument(
    help: ArgumentHelp("A network file, or a run that was saved.", valueName: "network"))
  var network: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
  var output: String?

  @OptionGroup(title: "NIR") var graph: GraphOptions
  @OptionGroup(title: "Chips and C") var chip: ChipExportOptions
  @OptionGroup var choice: ChoiceOptions

  func run() throws {
    try exiting {
      if let output { try checkWritable(output) }
      let network = try Network(contentsOf: self.network, choice.choice)
      guard !chip.isWanted else {
        let lines = try exportForChip(network, chip, output: output)
        return try StandardOutput.print(lines.joined(separator: "\n"))
      }
      guard let output else { throw JobError.configuration("expected --output MODEL.nir") }
      try graph.export(network, to: output)
    }
  }
}

/// How a graph is written.
struct GraphOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The reader's time step. (default: 1e-4, which readers take unless told otherwise; for "
        + "norse 1e-3)", valueName: "seconds"))
  var timeStep: Double?

  @Option(
    name: .customLong("for"),
    help: "Who is to read it: nir, which is anybody who heeds r, or norse.")
  var reader = NIRExportOptions.Reader.nir

  func export(_ network: Network, to path: String) throws {
    let export = try NIRExport(network, NIRExportOptions(for: reader, timeStep: timeStep))
    for warning in export.warnings { StandardError.print("warning: \(warning)") }
    try export.graph.write(to: path)
    try StandardOutput.print("\(path): \(export.graph.nodes.count) nodes")
  }
}
