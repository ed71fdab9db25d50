import Spindle

/// One density of spikes, at which sums taken in different ways are compared.
struct DensityPoint {
  /// What the plot shows: of the input, or of the layer's own spikes.
  let density: Double
  private let material: Material

  /// A feed-forward layer of W5's size, whose input fires with the given density.
  static func byInput(_ density: Double) throws -> DensityPoint {
    let workload = Workload(
      what: "input density", batch: 128, steps: 25, inputs: 784, hidden: 512, outputs: nil,
      topology: .ff, density: density, analog: nil, threshold: 1, slope: 1, weightMean: 0,
      weightStd: Float(0.5 / (784 * density).squareRoot()), recurrentStd: 0,
      loss: Loss.meanRateMSE.name)
    return DensityPoint(density: density, material: try Material(workload))
  }

  /// A recurrent layer of W3's size with few inputs. Its neurons are not reset, so that the
  /// threshold, found by halving an interval, sets any firing rate.
  static func byFiring(_ rate: Double, _ execution: Execution) throws -> DensityPoint {
    let workload = Workload(
      what: "firing rate", batch: 128, steps: 50, inputs: 32, hidden: 256, outputs: nil,
      topology: .rc, density: 0.3, analog: nil, threshold: 0, slope: 1, weightMean: 0,
      weightStd: 0.16, recurrentStd: 0.0188, loss: Loss.meanRateMSE.name)
    var random = RandomStream(seed: 0, stream: 1)
    let batches = try (0..<4).map { _ in try Batch(workload, from: &random) }
    let target = try workload.makeTarget(from: &random)
    var (low, high): (Float, Float) = (-8, 8)
    var found = 0.0
    var network = try makeNetwork(workload, threshold: 0)
    for _ in 0..<16 {
      let threshold = (low + high) / 2
      network = try makeNetwork(workload, threshold: threshold)
      var trainer = try Trainer(
        network, batch: workload.batch, steps: workload.steps, loss: .meanRateMSE,
        execution: execution)
      found = try trainer.forward(batches[0].input)
      if abs(found / rate - 1) < 0.02 { break }
      if found > rate { low = threshold } else { high = threshold }
    }
    let material = Material(
      network: network, batches: batches, loss: .meanRateMSE, target: target)
    return DensityPoint(density: found, material: material)
  }

  /// Medians of a step's time for every way to take the sums, in the order of `Sums.allCases`. The
  /// ways take turns, so that a disturbance falls on all alike; weights stay as they are.
  func measure(_ execution: Execution, seconds: Double) throws -> [Double] {
    let runs = try Sums.allCases.map { sums in
      var forced = execution
      forced.sums = sums
      return try EngineRun(material, forced, learningRate: 0)
    }
    for run in runs { try run.step(0) }
    let clock = ContinuousClock()
    var timings = runs.map { _ in Timing() }
    let end = clock.now + .seconds(seconds * Double(runs.count))
    while clock.now < end || timings[0].runs < 3 {
      let number = timings[0].runs + 1
      for (index, run) in runs.enumerated() {
        timings[index].append(try clock.measure { try run.step(number) })
      }
    }
    return timings.map(\.median)
  }

  private static func makeNetwork(_ workload: Workload, threshold: Float) throws -> Network {
    func weights(_ deviation: Float) -> Initializer {
      .normal(mean: 0, standardDeviation: Double(deviation))
    }
    return try Network(
      inputs: workload.inputs,
      layers: [
        .lif(
          workload.hidden, spiking: Spiking(threshold: .all(Double(threshold)), reset: .none),
          recurrence: .rc(weights(workload.recurrentStd)),
          connection: Connection(weights: weights(workload.weightStd)))
      ])
  }
}
