import ArgumentParser
import Spindle
import SpindleJob

/// `spindle export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a trained network for a chip or a small processor.",
    discussion: """
      With --integer the network's weights must lie on a grid: it was trained with one \
      (hardware.quantize), comes from spindle quantize, or --bits gives it one. --output gets one \
      safetensors file with a test vector, --c a folder with a library in C99 that allocates nothing \
      and a program that runs the test vector:

          cc -std=c99 network.c test_network.c -lm && ./a.out

      Without --integer, --c writes floats, whose bits are those of this program.

      Exit status: 0 written, 2 bad input.
      """)

  @Argument(help: ArgumentHelp("A run that was saved, or a network file.", valueName: "file"))
  var network: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
  var output: String?

  @OptionGroup var chip: ChipExportOptions
  @OptionGroup var choice: ChoiceOptions

  func run() throws {
    try exiting {
      let lines = try exportForChip(
        try Network(contentsOf: network, choice.choice), chip, output: output)
      try StandardOutput.print(lines.joined(separator: "\n"))
    }
  }
}
