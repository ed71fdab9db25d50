import Spindle

/// What a network does and a graph cannot say.
struct ExportWarnings {
  let sentences: [String]

  init(_ network: Network, _ options: NIRExportOptions) {
    var sentences: [String] = []
    let timeStep = network.description.timeStep
    if timeStep != options.timeStep {
      sentences.append(
        "the network's step is \(timeStep) s; time constants are written for a reader that steps "
          + "by \(options.timeStep) s, and what counts seconds there counts others")
    }
    for (index, layer) in network.layers.enumerated() {
      guard let spiking = layer.neurons.spiking else { continue }
      sentences += Self.sentences(spiking).map { "layers[\(index)]: \($0)" }
    }
    if options.reader == .norse, network.layers.contains(where: { $0.neurons.spiking == nil }) {
      sentences.append("Norse 1.1.0 does not import LI")
    }
    if options.reader == .norse {
      sentences.append(
        "weights are divided by 1 - beta, so that the graph does not come back to the bit; export "
          + "once more for other readers")
    }
    self.sentences = sentences
  }

  private static func sentences(_ spiking: Spiking) -> [String] {
    var sentences: [String] = []
    if spiking.reset == .subtraction {
      sentences.append(
        "a spike subtracts the threshold, and a graph can only say that it resets to v_reset; tell "
          + "the reader")
    }
    if spiking.reset != .none, spiking.resetTiming == .delayed {
      sentences.append("the reset is one step late, which a graph cannot say; tell the reader")
    }
    if spiking.refractorySteps > 0 {
      sentences.append(
        "the refractory period of \(spiking.refractorySteps) steps is lost to other readers")
    }
    if spiking.adaptation != nil {
      sentences.append("the adaptation of the threshold is lost to other readers")
    }
    return sentences
  }
}
