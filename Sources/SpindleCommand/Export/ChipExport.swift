import ArgumentParser
import Foundation
import Spindle
import SpindleFiles
import SpindleJob

/// Options of an export to integers and to C.
struct ChipExportOptions: ParsableArguments {
  @Flag(help: "Export integers (format spindle-integer-1), from the grid of the weights.")
  var integer = false

  @Option(
    name: .customLong("c"),
    help: ArgumentHelp(
      "Write a library in C99 and its test program to this folder: of integers with --integer, "
        + "else of floats.", valueName: "folder"))
  var folder: String?

  @Option(help: "Bits of an integer potential, 8 to 32.")
  var stateBits = 24

  @Option(help: "Fraction bits of an integer potential.")
  var fractionBits = 8

  @Option(help: "Steps of the sequence that tests the export.")
  var testSteps = 64

  @OptionGroup var grid: GridOptions

  /// Whether any of them is asked for.
  var isWanted: Bool { integer || folder != nil }
}

/// Writes a network as integers, as C or as both, and prints what was written and what a chip may
/// compute otherwise.
///
/// - Parameters:
///   - network: the network.
///   - options: what is wanted.
///   - output: the file of integers; nil for none.
/// - Returns: lines for people.
/// - Throws: `JobError` and `SpindleError` for what cannot be exported or written.
func exportForChip(
  _ network: Network, _ options: ChipExportOptions, output: String?
) throws -> [String] {
  guard options.integer || output == nil else {
    throw JobError.configuration("--output is for --integer; of floats there is --c alone")
  }
  guard output != nil || options.folder != nil else {
    throw JobError.configuration("expected --output, --c or both")
  }
  if let output { try checkWritable(output) }
  var network = network
  if let grid = try options.grid.grid() { network = try network.quantized(grid) }
  guard options.integer else {
    let files = try CExport(network, testSteps: options.testSteps).files
    return try write(files, to: options.folder ?? "")
  }
  let integers = try IntegerNetwork(
    network, stateBits: options.stateBits, fractionBits: options.fractionBits)
  let vector = try IntegerTestVector(integers, steps: options.testSteps)
  var lines: [String] = []
  if let output {
    try integers.save(to: output, testVector: vector)
    lines.append(output)
  }
  if let folder = options.folder {
    lines += try write(CExport(integers, testVector: vector).files, to: folder)
  }
  let comparison = try integers.compare(
    with: network, on: try vector.spikes(units: integers.inputs))
  for warning in comparison.warnings { StandardError.print("warning: \(warning)") }
  for (index, agreement) in comparison.agreement.enumerated() where integers.layers[index].fires {
    lines.append(
      "network.layers[\(index)]: "
        + String(format: "%.2f %%", 100 * agreement)
        + " of spikes and silences equal those of the same weights in floats")
  }
  return lines
}

private func write(_ files: [CExport.File], to folder: String) throws -> [String] {
  do {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for file in files { try AtomicFile.write(file.text, to: folder + "/" + file.name) }
  } catch {
    let reason = (error as? FileError)?.reason ?? error.localizedDescription
    throw JobError.configuration("cannot write to \(folder): \(reason)")
  }
  return files.map { folder + "/" + $0.name }
}
