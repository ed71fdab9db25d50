import Spindle

/// The tutorial's training run.
struct TutorialJob {
  let network: Network
  /// [T, N].
  let target: Tensor
  let epochs: Int
  let batch: Int
  let seed: UInt64
  let learningRate: Float
  let execution: Execution

  /// Probability of an input spike at each step.
  static let noise = 0.4
  /// Epochs between two printed losses.
  static let printInterval = 200

  /// One input channel, any hidden layers, and the output layer, all LIF of tau 10 ms and
  /// threshold 0.1.
  static func network(
    hidden: [Int], neurons: Int, isRecurrent: Bool, seed: UInt64
  ) throws(SpindleError) -> Network {
    var layers: [Layer] = []
    var inputs = 1
    for size in hidden + [neurons] {
      // The published weights for one input. With more, the same mean current from a layer of
      // which about half fires, and a spread that does not grow with its size.
      let share = inputs == 1 ? 1 : 0.8 / Float(inputs)
      let spread = inputs == 1 ? 0.1 : 0.2 / Float(inputs).squareRoot()
      layers.append(
        .synapse(
          Synapse(
            inputs: inputs, outputs: size,
            weights: .normal(mean: 0.5 * share, standardDeviation: spread))))
      layers.append(
        .lif(
          LIF(
            neurons: size,
            topology: isRecurrent ? .rc(weights: .normal(mean: 0, standardDeviation: 0.05)) : .ff,
            tau: 0.01, threshold: 0.1, surrogate: .fastSigmoid(slope: 1))))
      inputs = size
    }
    return try Network(timeStep: 1e-3, layers: layers, seed: seed)
  }

  /// Trains, then measures on new noise. Ends early, with what was learned, on SIGINT, but not
  /// before the first epoch, without which there is nothing to tell.
  func run(quiet: Bool) throws -> TutorialResult {
    var trainer = try Trainer(
      network, batch: batch, steps: target.shape[0], loss: .meanRateMSE,
      optimizer: .adam(learningRate: learningRate), execution: execution)
    var input = try SpikeTrain(batch: batch, steps: target.shape[0], units: 1)
    // The network's initialisers take the seed's first streams.
    var random = RandomStream(seed: seed, stream: 1 << 32)
    var losses: [Double] = []
    // So that an epoch allocates nothing; more than a million may.
    losses.reserveCapacity(min(epochs, 1 << 20))
    var progress = Progress(total: epochs, unit: "epoch")
    let start = ContinuousClock.now
    while losses.count < epochs, losses.isEmpty || !Interrupt.isRequested {
      try input.fill(probability: Self.noise, from: &random)
      let metrics = try trainer.step(.spikes(input), target: .values(target))
      losses.append(metrics.loss)
      guard !quiet else { continue }
      progress.update(losses.count, detail: "loss \(metrics.loss)")
      if losses.count % Self.printInterval == 0 {
        progress.finish()
        TutorialResult.printLoss(losses.count, metrics.loss)
      }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    progress.finish()
    try input.fill(probability: Self.noise, from: &random)
    _ = try trainer.evaluate(.spikes(input), target: .values(target))
    return try TutorialResult(
      job: self, losses: losses, trainingSeconds: seconds, recording: trainer.record(),
      network: trainer.network, plan: trainer.plan)
  }
}
