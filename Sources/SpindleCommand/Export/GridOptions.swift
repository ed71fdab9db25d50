import ArgumentParser
import Spindle
import SpindleJob

/// What the step of a grid is made of, as an option says it.
enum GridScale: String, CaseIterable, ExpressibleByArgument {
  case neuron
  case tensor
  case range
}

/// The grid of the weights.
struct GridOptions: ParsableArguments {
  @Option(help: "Bits of a weight, 2 to 16.")
  var bits: Int?

  @Option(
    help: ArgumentHelp(
      "What a step of the grid is made of: the largest weight of each neuron or of the layer "
        + "(tensor), or --range.", valueName: "neuron|tensor|range"))
  var scale: GridScale?

  @Option(help: "The largest weight, the same in all layers.")
  var range: Double?

  @Flag(help: "Round the step up to a power of two.")
  var powerOfTwo = false

  @Flag(help: "Put biases on the grid, too.")
  var gridBias = false

  /// The grid of so many bits.
  func grid(bits: Int) throws(JobError) -> Quantization {
    let scale: Quantization.Scale
    switch (self.scale, range) {
    case (nil, let range?), (.range, let range?): scale = .range(range)
    case (.range, nil): throw .configuration("--scale range needs --range")
    case (_, _?): throw .configuration("--range needs --scale range, or none")
    case (.tensor, nil): scale = .tensor
    case (.neuron, nil), (nil, nil): scale = .neuron
    }
    return Quantization(
      bits: bits, scale: scale, isPowerOfTwo: powerOfTwo, includesBias: gridBias)
  }

  /// The grid that was asked for; nil where none was.
  func grid() throws(JobError) -> Quantization? {
    if let bits { return try grid(bits: bits) }
    guard scale == nil, range == nil, !powerOfTwo, !gridBias else {
      throw .configuration("--scale, --range, --power-of-two and --grid-bias need --bits")
    }
    return nil
  }
}
