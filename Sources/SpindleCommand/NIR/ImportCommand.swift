import ArgumentParser
import Spindle
import SpindleFiles
import SpindleNIR

extension NIRExporter: ExpressibleByArgument {}
extension NIRImportOptions.Integration: ExpressibleByArgument {}
extension NIRImportOptions.SpikeRule: ExpressibleByArgument {}
extension Reset: ExpressibleByArgument {}
extension ResetTiming: ExpressibleByArgument {}

/// `spindle import`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes a network file of a NIR graph, as other frameworks export them.",
    discussion: """
      A NIR graph (.nir, HDF5) says differential equations; it does not say the time step, how a \
      step is taken, or what a spike does. --from takes what the exporter's own network does by \
      default; the single options say it one by one, and change what --from says. What was assumed \
      is printed.

      A graph that spindle export wrote needs no options: it carries its description, which is \
      obeyed where the graph's arrays still say the same.

      A network must be a chain: Linear, Affine, Scale and Flatten between LIF, CubaLIF, IF, LI, \
      CubaLI and I, with at most one way from a layer's spikes back to it. A graph that is none is \
      refused with the node and the reason.

      Exit status: 0 written, 2 bad input.
      """)

  @Argument(help: ArgumentHelp("The graph.", valueName: "model.nir"))
  var graph: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The network file to write.", valueName: "network.safetensors"))
  var output: String

  @Option(help: "Who exported it.")
  var from: NIRExporter?

  @OptionGroup(title: "What the graph does not say")
  var options: ImportOptions

  func run() throws {
    try exiting {
      let options = try self.options.options(from: from)
      let graph = try NIRGraph(contentsOf: self.graph)
      try checkWritable(output)
      let read = try rethrowing(try NIRImport(graph, options)) { (error: NIRError) in
        NIRError.inFile(path: self.graph, error)
      }
      try read.network.save(to: output)
      var lines = ["\(output): \(Self.summary(read.network))"]
      lines += read.notes
      if let from, !read.isDescribed { lines += from.advice }
      try StandardOutput.print(lines.joined(separator: "\n"))
    }
  }

  private static func summary(_ network: Network) -> String {
    let counts = ([network.inputs] + network.neuronCounts).map(String.init)
    return "\(counts.joined(separator: " -> ")), \(network.parameterCount) parameters"
  }
}

/// What a graph does not say.
struct ImportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The time step, in the unit of the graph's time constants.", valueName: "seconds"))
  var timeStep: Double?

  @Option(help: "How a step is taken.")
  var integration: NIRImportOptions.Integration?

  @Option(help: "What a spike does to the membrane.")
  var reset: Reset?

  @Option(help: "When it does: in its own step, or one later.")
  var resetTiming: ResetTiming?

  @Option(help: "When a neuron fires: above the threshold, or at it, too.")
  var spikeRule: NIRImportOptions.SpikeRule?

  @Option(help: ArgumentHelp("The gain of all currents.", valueName: "number"))
  var gain: Double?

  @Flag(help: "An input raises the current of CubaLIF by w_in, and not by (1 - alpha) w_in.")
  var synapseJump = false

  @Flag(help: "The gain of IF and I is r, and not dt r.")
  var unitGain = false

  @Flag(help: "Do not obey what spindle export left in the graph.")
  var ignoreMetadata = false

  /// The options, those of the exporter where they are not given; nil where nothing says the time
  /// step.
  func options(from exporter: NIRExporter?) throws(NIRError) -> NIRImportOptions? {
    var options: NIRImportOptions
    if let exporter {
      options = .preset(exporter)
    } else if let timeStep {
      options = NIRImportOptions(timeStep: timeStep)
    } else if isGiven {
      throw .options("expected --time-step or --from beside the other options")
    } else {
      return nil
    }
    if let timeStep { options.timeStep = timeStep }
    if let integration { options.integration = integration }
    if let reset { options.reset = reset }
    if let resetTiming { options.resetTiming = resetTiming }
    if let spikeRule { options.spikeRule = spikeRule }
    if let gain { options.gain = gain }
    options.synapseJump = options.synapseJump || synapseJump
    options.unitGain = options.unitGain || unitGain
    options.obeysMetadata = !ignoreMetadata
    return options
  }

  private var isGiven: Bool {
    integration != nil || reset != nil || resetTiming != nil || spikeRule != nil || gain != nil
      || synapseJump || unitGain || ignoreMetadata
  }
}
