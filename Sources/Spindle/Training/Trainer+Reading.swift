/// What can be read between steps.
extension Trainer {
  var firingRate: Double {
    if let spikingLayer { current.workspace.firingRate(layer: spikingLayer) } else { 0 }
  }

  /// Fraction of neurons and steps that fired in the last batch, of each layer; 0 for
  /// leaky integrators.
  public var firingRates: [Double] {
    network.layers.indices.map { current.workspace.firingRate(layer: $0) }
  }

  /// Spikes of each neuron in the last batch, over its samples and steps: [N]. Of several ranks each
  /// has to ask.
  ///
  /// - Parameter layer: which layer, counted from 0.
  public func spikeCounts(layer: Int) throws(SpindleError) -> [UInt64] {
    try require(
      network.layers.indices.contains(layer), "the layer", "from 0 to \(network.layers.count - 1)",
      layer)
    return try link.sum(current.workspace.spikeCounts(layer: layer))
  }

  /// The class that the logits of each sample of the last batch named, the first of the largest:
  /// [B]. An error where the loss has no classes, or before the first `step` or `evaluate`. Of
  /// several ranks each has to ask.
  public var predictions: [Int32] {
    get throws(SpindleError) {
      try gathered(
        current.workspace.predictions(), ofBatch: current.workspace.share.total, width: 1, zero: 0)
    }
  }

  /// Spikes, potential and membrane of the last layer in the last `evaluate` or `forward`; an error
  /// where none was called since the last `step`, which keeps no potentials. Of several ranks each
  /// records its own samples.
  public func record() throws(SpindleError) -> Recording {
    try record(layer: network.layers.count - 1)
  }

  /// The same of any layer, counted from 0.
  public func record(layer: Int) throws(SpindleError) -> Recording {
    guard canRecord else { throw .nothingRecorded }
    try require(
      network.layers.indices.contains(layer), "the recorded layer",
      "from 0 to \(network.layers.count - 1)", layer)
    return try current.workspace.record(layer: layer, recordedInput)
  }

  /// What the engine decided, and saw in the last step.
  public var plan: Plan { current.workspace.plan }

  /// A parameter's gradient in the last step, before clipping, without a copy; zero before the
  /// first, and for a parameter that is not learned. An error for several ranks before
  /// `gatherGradients`.
  @_lifetime(borrow self)
  public func gradient(of name: String) throws(SpindleError) -> Span<Float> {
    try require(
      hasGradients, "a gradient, of which each rank has a slice", "read after gatherGradients",
      "before it")
    let range = try network.parameter(name).range
    return arrays.gradients.span.extracting(range)
  }
}

/// What an optimizer carries from step to step.
public struct OptimizerState: Sendable, Equatable {
  /// Steps taken.
  public var stepCount: Int
  /// Mean of the gradients (SGD: their sum with momentum), in the order of the parameters.
  public var mean: [Float]
  /// Mean of the squared gradients (Adamax: their infinity norm; SGD: zeros).
  public var variance: [Float]

  /// A state, as a checkpoint holds it.
  public init(stepCount: Int, mean: [Float], variance: [Float]) {
    self.stepCount = stepCount
    self.mean = mean
    self.variance = variance
  }
}

extension Trainer {
  /// What the optimizer carries from step to step. With it and the network's parameters training
  /// goes on bit for bit. The next step after reading it copies the arrays, where they are kept. Of
  /// several ranks each has to ask; it is an error where they cannot reach each other.
  public var optimizerState: OptimizerState {
    get throws(SpindleError) {
      OptimizerState(
        stepCount: stepCount, mean: try gathered(arrays.mean),
        variance: try gathered(arrays.variance))
    }
  }

  /// Takes over the state of another run; a refused one leaves the trainer as it was.
  public mutating func restore(_ state: OptimizerState) throws(SpindleError) {
    try require(state.stepCount >= 0, "the number of steps", "not negative", state.stepCount)
    for (name, values) in [("mean", state.mean), ("variance", state.variance)] {
      try require(
        values.count == network.parameterCount, "the optimizer's \(name)",
        shape: [network.parameterCount], [values.count])
      try values.checkFinite("the optimizer's \(name)")
    }
    if let index = state.variance.firstIndex(where: { $0 < 0 }) {
      throw .invalidValue(
        what: "the optimizer's variance at index \(index)", expected: "not negative",
        got: "\(state.variance[index])")
    }
    stepCount = state.stepCount
    arrays.mean = state.mean
    arrays.variance = state.variance
  }

  /// Replaces the values of a parameter between steps, as going back to the best network does; a
  /// refused one leaves the network as it was.
  public mutating func set(_ name: String, to values: [Float]) throws(SpindleError) {
    try network.set(name, to: values)
    network.project(arrays.constraints)
    forgetRecording()
  }
}
