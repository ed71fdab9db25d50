import Spindle

/// A small classification that can be learned: class 1 fires three times as often. 37 samples for
/// training, 11 for validation, so that batches of 8 leave a short last one.
struct FitCase {
  let network: Network
  let training: Dataset
  let validation: Dataset
  let seed: UInt64

  static let (steps, inputs, batch) = (12, 5, 8)

  /// `rich` is a network of all options that training changes or draws for, dropout among them.
  init(seed: UInt64, hidden: Int = 9, rich: Bool = false) throws {
    self.seed = seed
    network = try Network(
      inputs: Self.inputs,
      layers: rich ? Self.richLayers(hidden: hidden) : Self.layers(hidden: hidden), seed: seed)
    var random = SplitMix(seed: seed)
    func dataset(_ count: Int) throws -> Dataset {
      let labels = (0..<count).map { Int32($0 % 2) }
      let values = (0..<count * Self.steps * Self.inputs).map { index -> Float in
        let label = labels[index / (Self.steps * Self.inputs)]
        return random.flag(label == 1 ? 0.6 : 0.2) ? 1 : 0
      }
      return try Dataset(
        values, count: count, steps: Self.steps, units: Self.inputs,
        targets: .classes(try ClassLabels(labels)))
    }
    training = try dataset(37)
    validation = try dataset(11)
  }

  private static func layers(hidden: Int) -> [Layer] {
    [
      .lif(
        hidden, recurrence: .rc(),
        connection: Connection(
          weights: .normal(mean: 0.3, standardDeviation: 0.3), bias: .constant(0.01)),
        learned: [.weight, .bias, .recurrentWeight, .tau]),
      .li(2, tau: 0.02),
    ]
  }

  private static func richLayers(hidden: Int) -> [Layer] {
    [
      .lif(
        hidden,
        spiking: Spiking(refractorySteps: 1, adaptation: Adaptation(strength: 0.2, tau: 0.05)),
        recurrence: .rc(),
        connection: Connection(
          weights: .normal(mean: 0.4, standardDeviation: 0.3), bias: .constant(0.01), dropout: 0.2),
        learned: [
          .weight, .bias, .recurrentWeight, .tau, .threshold, .adaptationStrength, .adaptationTau,
        ]),
      .lif(
        6, synapticTau: 0.004, spiking: Spiking(resetTiming: .delayed),
        recurrence: .oneToOne(.constant(0.1)),
        connection: Connection(weights: .normal(mean: 0.4, standardDeviation: 0.3), dropout: 0.3),
        learned: [.weight, .bias, .recurrentWeight, .synapticTau]),
      .li(2, tau: 0.02, learned: [.bias, .recurrentWeight, .tau]),
    ]
  }

  func trainer(
    _ optimizer: Optimizer = .adam(learningRate: 0.01), regularization: [RatePenalty] = [],
    clipping: Clipping = .none, execution: Execution = .init(),
    communicator: (any Communicator)? = nil
  ) throws -> Trainer {
    try Trainer(
      network, batch: Self.batch, steps: Self.steps, loss: .meanMembraneCrossEntropy,
      optimizer: optimizer, regularization: regularization, clipping: clipping, seed: seed,
      execution: execution, communicator: communicator)
  }
}

/// A closure as a source of batches.
struct MadeSource: BatchSource {
  let count: Int
  let steps: Int
  let units: Int
  let make: @Sendable (_ indices: [Int], _ epoch: Int) throws(SpindleError) -> Batch

  func batch(_ indices: [Int], epoch: Int) throws(SpindleError) -> Batch {
    try make(indices, epoch)
  }
}
