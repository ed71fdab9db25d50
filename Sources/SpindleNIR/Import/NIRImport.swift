import Spindle
import SpindleFiles
import SpindleJSON

/// A graph as a network of Spindle.
public struct NIRImport: Sendable {
  /// The network, with the graph's parameters.
  public let network: Network
  /// What was assumed where the graph does not say it, in sentences.
  public let notes: [String]
  /// What the graph's potentials are above the network's: [N] for each layer. Zeros unless v_leak and
  /// v_reset are the same and not 0.
  public let potentialOffsets: [[Double]]
  /// Whether the description in the graph's metadata was obeyed, and no option was used.
  public let isDescribed: Bool
  /// The name of each layer's node of neurons.
  public let nodes: [String]

  /// Reads a graph as a network.
  ///
  /// A graph that `NIRExport` made, and that still says the same, gives back the exported network
  /// to the bit, by the description in its metadata.
  ///
  /// - Parameters:
  ///   - graph: of one Input, one Output and a chain of neurons between them, each with at most one
  ///     matrix of weights before it and one from its spikes back to it.
  ///   - options: what the graph does not say; nil where a description in its metadata does.
  /// - Throws: `NIRError` with the node that no network of Spindle can have, and the reason.
  public init(_ graph: NIRGraph, _ options: NIRImportOptions?) throws(NIRError) {
    var notes: [String] = []
    if options?.obeysMetadata ?? true, let text = graph.metadata[ExportRecord.key] {
      let chain = try Chain(try FlatGraph(graph))
      switch ExportRecord.network(of: graph, text) {
      case .same(let network):
        self.network = network
        isDescribed = true
        self.notes = ["the description that Spindle left in the graph was obeyed"]
        potentialOffsets = network.neuronCounts.map { [Double](repeating: 0, count: $0) }
        nodes = chain.stages.map(\.neuron)
        return
      case .changed(let reason):
        notes.append("the description that Spindle left in the graph was not obeyed: \(reason)")
      }
    }
    guard let options else {
      let found = notes.first.map { "; \($0)" } ?? ""
      throw .options(
        "a graph does not say its time step; give the exporter or the time step\(found)")
    }
    try options.check()
    let builder = try NetworkBuilder(try FlatGraph(graph), options)
    network = try builder.network()
    isDescribed = false
    potentialOffsets = builder.layers.map(\.mapping.offsets)
    nodes = builder.layers.map(\.stage.neuron)
    self.notes = notes + options.notes + builder.notes
  }
}

extension NIRImportOptions {
  /// Refuses numbers with which nothing can be read.
  fileprivate func check() throws(NIRError) {
    guard timeStep > 0, Float(timeStep).isNormal, Float(timeStep * 1e9).isFinite else {
      throw .options("the time step must be positive and finite as float32, got \(timeStep)")
    }
    guard gain.map({ Float($0).isFinite }) ?? true else {
      throw .options("the gain must be finite as float32, got \(gain ?? 0)")
    }
  }

  /// What is assumed, in words.
  fileprivate var notes: [String] {
    let how =
      integration == .forwardEuler
      ? "forward Euler (beta = 1 - dt / tau)" : "exponential decay (beta = exp(-dt / tau))"
    let timing = resetTiming == .immediate ? "in the same step" : "one step later"
    let what =
      switch reset {
      case .subtraction: "reset by subtraction \(timing)"
      case .zero: "reset to zero \(timing)"
      case .none: "no reset"
      }
    let rule = spikeRule == .above ? "above" : "at or above"
    var notes = [
      "assumed: time step \(timeStep) in the unit of tau, \(how), \(what), a spike \(rule) the "
        + "threshold"
    ]
    if spikeRule == .at, reset == .subtraction {
      notes.append(
        "a spike at the threshold stands as one above the float32 below it, which is also what a "
          + "spike takes")
    }
    if let gain { notes.append("assumed: gain \(gain) in place of what r and w_in make") }
    if synapseJump { notes.append("assumed: an input raises the current of CubaLIF by w_in") }
    if unitGain { notes.append("assumed: the gain of IF and I is r, not dt r") }
    return notes
  }
}
