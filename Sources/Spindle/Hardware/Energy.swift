/// What a sample's whole sequence costs on the layers' chips, in joules, by the user's costs:
///
///     E = synapticOperation operations + neuronStep N T + spike spikes + power T dt
///
/// summed over the layers that have costs. An operation is an input that is not 0, or a spike, on
/// its way through a weight that is not 0 on the chip.
public struct Energy: Sendable, Equatable {
  /// Of synaptic operations.
  public var synapses = 0.0
  /// Of neurons' steps.
  public var neurons = 0.0
  /// Of spikes.
  public var spikes = 0.0
  /// Of what is drawn all the time.
  public var idle = 0.0
  /// Synaptic operations of a sample, in the layers that have costs.
  public var operations = 0.0

  /// All together.
  public var total: Double { synapses + neurons + spikes + idle }
}

extension Network {
  /// What a sample costs; nil where no layer has costs.
  ///
  /// - Parameters:
  ///   - inputs: inputs that are not 0, of each unit [I], over a sample's steps.
  ///   - spikes: spikes of each neuron [N] of each layer, over a sample's steps.
  ///   - steps: of a sample, in the mean where they differ.
  func energy(
    inputs: [Double], spikes: [[Double]], steps: Double
  ) throws(SpindleError) -> Energy? {
    guard layers.contains(where: { $0.hardware.energy != nil }) else { return nil }
    let chip = try effective()
    var energy = Energy()
    for (index, layer) in layers.enumerated() {
      guard let costs = layer.hardware.energy else { continue }
      let own = spikes[index]
      var operations = try chip.operations(
        of: .weight, index, sources: index == 0 ? inputs : spikes[index - 1])
      if layer.recurrence.topology != .ff {
        operations += try chip.operations(of: .recurrentWeight, index, sources: own)
      }
      energy.operations += operations
      energy.synapses += costs.synapticOperation * operations
      energy.neurons += costs.neuronStep * Double(layer.neurons.count) * steps
      energy.spikes += costs.spike * own.reduce(0, +)
      energy.idle += costs.power * steps * description.timeStep
    }
    return energy
  }

  /// What comes from sources through weights that are not 0.
  private func operations(
    of role: Role, _ layer: Int, sources: [Double]
  ) throws(SpindleError) -> Double {
    let parameter = try parameter(layer: layer, role: role)
    let columns = parameter.shape[parameter.shape.count - 1]
    // One to one, neuron n is the source of weight n alone.
    let fanOut = parameter.shape.count == 1 ? 1 : columns
    var sum = 0.0
    for (index, place) in parameter.range.enumerated() where values[place] != 0 {
      sum += sources[index / fanOut]
    }
    return sum
  }
}

/// Counts what the energy of a network is made of, batch by batch.
struct EnergyCounter {
  private var inputs: [UInt64]
  private var spikes: [[UInt64]]
  private var samples = 0
  /// Steps of all samples.
  private var rows = 0

  /// Nil where no layer has costs.
  init?(_ network: Network) {
    guard network.layers.contains(where: { $0.hardware.energy != nil }) else { return nil }
    inputs = [UInt64](repeating: 0, count: network.inputs)
    spikes = network.layers.map { [UInt64](repeating: 0, count: $0.neurons.count) }
  }

  /// Adds the trainer's last batch, of several ranks this one's share, or a window of one; `begins` with its first.
  mutating func add(
    _ trainer: borrowing Trainer, _ input: Input, begins: Bool
  ) throws(SpindleError) {
    for layer in spikes.indices {
      for (n, count) in try trainer.current.workspace.spikeCounts(layer: layer)
        .enumerated()
      {
        spikes[layer][n] += count
      }
    }
    samples += begins ? input.batch : 0
    for b in 0..<input.batch {
      let steps = input.ends.map { Int($0[b]) } ?? input.steps
      rows += steps
      for t in 0..<steps {
        for i in inputs.indices {
          let isActive =
            switch input {
            case .spikes(let train): train[b, t, i]
            case .signal(let signal): signal[b, t, i] != 0
            }
          if isActive { inputs[i] += 1 }
        }
      }
    }
  }

  /// Makes the sums those of all ranks.
  mutating func sum(over link: RankLink?) throws(SpindleError) {
    guard let link else { return }
    let all = try link.sum([UInt64(samples), UInt64(rows)] + inputs + spikes.joined())
    (samples, rows) = (Int(all[0]), Int(all[1]))
    inputs = Array(all[2..<2 + inputs.count])
    var place = 2 + inputs.count
    for layer in spikes.indices {
      let end = place + spikes[layer].count
      spikes[layer] = Array(all[place..<end])
      place = end
    }
  }

  /// Of a sample.
  func energy(of network: Network) throws(SpindleError) -> Energy? {
    let count = Double(max(samples, 1))
    return try network.energy(
      inputs: inputs.map { Double($0) / count },
      spikes: spikes.map { $0.map { Double($0) / count } }, steps: Double(rows) / count)
  }
}
