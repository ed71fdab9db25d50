/// Adds up what the neurons of a network did, batch by batch.
struct ActivityCounter {
  /// The layer numbers of the layers of neurons that fire, and which of those of neurons they are.
  private let spiking: [(layer: Int, index: Int)]
  /// Spikes of each neuron: [layers][N].
  private var counts: [[UInt64]]
  /// Samples.
  private var samples = 0
  /// T.
  private let steps: Int
  /// Spikes of spiking input.
  private var inputSpikes = 0
  /// Samples of analog input.
  private var analogSamples = 0

  init(_ network: Network, steps: Int) {
    self.steps = steps
    var spiking: [(layer: Int, index: Int)] = []
    var index = 0
    for (layer, element) in network.layers.enumerated() {
      switch element {
      case .synapse: continue
      case .lif: spiking.append((layer, index))
      case .li: break
      }
      index += 1
    }
    self.spiking = spiking
    counts = spiking.map { [UInt64](repeating: 0, count: network.neuronCounts[$0.index]) }
  }

  /// Adds the trainer's last batch.
  mutating func add(_ trainer: borrowing Trainer, _ input: Input) throws(SpindleError) {
    for (place, layer) in spiking.enumerated() {
      let new = try trainer.spikeCounts(layer: layer.index)
      for neuron in new.indices { counts[place][neuron] += new[neuron] }
    }
    samples += input.batch
    switch input {
    case .spikes(let train): inputSpikes += train.count
    case .signal: analogSamples += input.batch
    }
  }

  /// What was added up; all zero without a batch.
  func activity(of network: Network) -> Activity {
    let places = Double(max(samples, 1) * steps)
    let layers = zip(spiking, counts).map { place, counts in
      let neurons = Double(counts.count)
      return Activity.Layer(
        layer: place.layer, neurons: counts.count,
        firingRate: Double(counts.reduce(0, +)) / (places * neurons),
        dead: Double(counts.count { $0 == 0 }) / neurons,
        saturated: Double(counts.count { Double($0) > Activity.Layer.saturation * places })
          / neurons)
    }
    return Activity(layers: layers, operations: operations(of: network))
  }

  private func operations(of network: Network) -> SynapticOperations {
    let samples = Double(max(samples, 1))
    let first = Double(network.neuronCounts[0])
    var accumulates = Double(inputSpikes) / samples * first
    for (place, counts) in zip(spiking, counts) {
      let next = place.index + 1
      let fanOut =
        (network.neuronCounts.indices.contains(next) ? network.neuronCounts[next] : 0)
        + network.layers[place.layer].recurrentFanOut
      accumulates += Double(counts.reduce(0, +)) / samples * Double(fanOut)
    }
    return SynapticOperations(
      accumulates: accumulates,
      multiplyAccumulates: Double(analogSamples) / samples * Double(steps * network.inputs)
        * first)
  }
}

extension Layer {
  /// Neurons of the layer itself that a spike reaches at the next step.
  fileprivate var recurrentFanOut: Int {
    guard case .lif(let lif) = self else { return 0 }
    return switch lif.topology {
    case .ff: 0
    case .rc: lif.neurons
    case .oneToOne: 1
    }
  }
}
