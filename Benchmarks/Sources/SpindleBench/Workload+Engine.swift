import Spindle

/// Input drawn beforehand: as the engine reads it, and as numbers for the baseline.
struct Batch {
  let input: Input
  private let analogValues: [Float]?

  /// Draws a batch: spikes of the workload's density, or normal numbers.
  init(_ workload: Workload, from random: inout RandomStream) throws {
    let (batch, steps, units) = (workload.batch, workload.steps, workload.inputs)
    guard workload.isAnalog else {
      var train = try SpikeTrain(batch: batch, steps: steps, units: units)
      try train.fill(probability: workload.density, from: &random)
      input = .spikes(train)
      analogValues = nil
      return
    }
    let values = try random.normal(
      mean: 0, standardDeviation: 1, count: batch * steps * units)
    input = .signal(try Signal(values, batch: batch, steps: steps, units: units))
    analogValues = values
  }

  /// A batch of numbers [B, T, I] drawn elsewhere.
  init(_ workload: Workload, values: [Float]) throws {
    let (batch, steps, units) = (workload.batch, workload.steps, workload.inputs)
    if workload.isAnalog {
      input = .signal(try Signal(values, batch: batch, steps: steps, units: units))
      analogValues = values
    } else {
      input = .spikes(try SpikeTrain(values, batch: batch, steps: steps, units: units))
      analogValues = nil
    }
  }

  /// The input as numbers [B, T, I].
  var values: [Float] {
    if let analogValues { return analogValues }
    guard case .spikes(let train) = input else { return [] }
    var values: [Float] = []
    values.reserveCapacity(train.batch * train.steps * train.units)
    for b in 0..<train.batch {
      for t in 0..<train.steps {
        for unit in 0..<train.units { values.append(train[b, t, unit] ? 1 : 0) }
      }
    }
    return values
  }
}

extension Workload {
  /// The network, weights drawn as the peers draw them.
  func makeNetwork() throws -> Network {
    let spiking = Spiking(
      threshold: .all(Double(threshold)),
      surrogate: Surrogate(
        surrogate == .triangular ? .triangular : .fastSigmoid, slope: Double(slope),
        peak: peak.map { Double($0) }))
    let weights = Initializer.normal(
      mean: Double(weightMean), standardDeviation: Double(weightStd))
    let recurrent = Initializer.normal(mean: 0, standardDeviation: Double(recurrentStd))
    var layers = [
      Layer.lif(
        hidden, spiking: spiking, recurrence: topology == .rc ? .rc(recurrent) : .ff,
        connection: Connection(weights: weights))
    ]
    if let outputs {
      let readout = Initializer.normal(
        mean: 0, standardDeviation: Double(1 / Float(hidden).squareRoot()))
      layers.append(.li(outputs, connection: Connection(weights: readout)))
    }
    return try Network(inputs: inputs, layers: layers)
  }

  /// The loss.
  func makeLoss() throws -> Loss {
    guard let loss = Loss(name: loss) else {
      throw BenchmarkError("there is no loss \"\(loss)\"")
    }
    return loss
  }

  /// A random target: rates from 0 to 1, or classes.
  func makeTarget(from random: inout RandomStream) throws -> Target {
    guard let outputs else {
      let values = try random.uniform(low: 0, high: 1, count: steps * hidden)
      return .values(try Tensor(shape: [steps, hidden], values: values))
    }
    let numbers = try random.uniform(low: 0, high: Float(outputs), count: batch)
    return .classes(numbers.map { min(Int32($0), Int32(outputs) - 1) })
  }
}

/// What a workload is run on: the network, four batches in turn, and the target.
struct Material {
  let network: Network
  let batches: [Batch]
  let loss: Loss
  let target: Target
}

extension Material {
  init(_ workload: Workload, batches count: Int = 4) throws {
    var random = RandomStream(seed: 0, stream: 1)
    self.init(
      network: try workload.makeNetwork(),
      batches: try (0..<count).map { _ in try Batch(workload, from: &random) },
      loss: try workload.makeLoss(), target: try workload.makeTarget(from: &random))
  }
}
