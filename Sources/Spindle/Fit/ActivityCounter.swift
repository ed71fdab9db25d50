/// Adds up what the neurons of a network did, batch by batch.
struct ActivityCounter {
  /// The layers that fire.
  private let spiking: [Int]
  /// Spikes of each neuron: [layers][N].
  private var counts: [[UInt64]]
  /// Samples, and their steps together.
  private var samples = 0
  private var rows = 0
  /// Spikes of spiking input.
  private var inputSpikes = 0
  /// Steps of samples of analog input.
  private var analogRows = 0

  init(_ network: Network) {
    spiking = network.description.spikingLayers
    counts = spiking.map { [UInt64](repeating: 0, count: network.layers[$0].neurons.count) }
  }

  /// Adds the trainer's last batch, of several ranks this one's share; `begins` where it is not a later window of samples added before.
  mutating func add(
    _ trainer: borrowing Trainer, _ input: Input, begins: Bool = true
  ) throws(SpindleError) {
    for (place, layer) in spiking.enumerated() {
      let new = try trainer.current.workspace.spikeCounts(layer: layer)
      for neuron in new.indices { counts[place][neuron] += new[neuron] }
    }
    samples += begins ? input.batch : 0
    let steps = input.rows
    rows += steps
    switch input {
    case .spikes(let train): inputSpikes += input.batch > 0 ? train.count : 0
    case .signal: analogRows += steps
    }
  }

  /// Makes the sums those of all ranks.
  mutating func sum(over link: RankLink?) throws(SpindleError) {
    guard let link else { return }
    let own = [samples, rows, inputSpikes, analogRows].map { UInt64($0) } + counts.joined()
    let all = try link.sum(own)
    (samples, rows) = (Int(all[0]), Int(all[1]))
    (inputSpikes, analogRows) = (Int(all[2]), Int(all[3]))
    var place = 4
    for layer in counts.indices {
      let end = place + counts[layer].count
      counts[layer] = Array(all[place..<end])
      place = end
    }
  }

  /// What was added up; all zero without a batch.
  func activity(of network: Network) -> Activity {
    let places = Double(max(rows, 1))
    let layers = zip(spiking, counts).map { layer, counts in
      let neurons = Double(counts.count)
      return Activity.Layer(
        layer: layer, neurons: counts.count,
        firingRate: Double(counts.reduce(0, +)) / (places * neurons),
        dead: Double(counts.count { $0 == 0 }) / neurons,
        saturated: Double(counts.count { Double($0) > Activity.Layer.saturation * places })
          / neurons)
    }
    return Activity(layers: layers, operations: operations(of: network))
  }

  private func operations(of network: Network) -> SynapticOperations {
    let samples = Double(max(samples, 1))
    let first = Double(network.layers[0].neurons.count)
    var accumulates = Double(inputSpikes) / samples * first
    for (layer, counts) in zip(spiking, counts) {
      let above = layer + 1 < network.layers.count ? network.layers[layer + 1].neurons.count : 0
      let fanOut = above + network.layers[layer].recurrentFanOut
      accumulates += Double(counts.reduce(0, +)) / samples * Double(fanOut)
    }
    return SynapticOperations(
      accumulates: accumulates,
      multiplyAccumulates: Double(analogRows) / samples * Double(network.inputs) * first)
  }
}

extension Input {
  /// Steps of all samples together.
  var rows: Int {
    guard batch > 0, let ends else { return batch * steps }
    return ends.reduce(0) { $0 + Int($1) }
  }
}

extension Layer {
  /// Neurons of the layer itself that a spike reaches at the next step.
  fileprivate var recurrentFanOut: Int {
    switch recurrence.topology {
    case .ff: 0
    case .rc: neurons.count
    case .oneToOne: 1
    }
  }
}
