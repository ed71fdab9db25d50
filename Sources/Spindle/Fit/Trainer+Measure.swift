/// What a network does on a set of data.
public struct Measurement: Sendable, Equatable {
  /// Samples.
  public var samples: Int
  /// Mean over samples.
  public var loss: Double
  /// Nil where the loss has no classes.
  public var confusion: ConfusionMatrix?
  /// What the neurons did.
  public var activity: Activity
  /// What a sample costs on the layers' chips; nil where no layer has costs.
  public var energy: Energy?

  /// Fraction of samples put in their class; nil where the loss has no classes.
  public var accuracy: Double? { confusion?.accuracy }
}

extension Trainer {
  /// Runs over all data without training.
  ///
  /// - Parameters:
  ///   - source: samples of the trainer's steps and the network's inputs, with targets.
  ///   - epoch: what random encoders draw by.
  ///   - chip: which chip of those that mismatch makes; nil for one without.
  ///   - shouldStop: asked before each batch; true makes the result nil.
  public mutating func measure(
    _ source: any BatchSource, epoch: Int = 0, on chip: Chip? = nil,
    shouldStop: () -> Bool = { false }
  ) throws(SpindleError) -> Measurement? {
    try checkShape(of: source)
    var loader = try BatchLoader(source, batch: batch, epoch: epoch)
    var counter = ActivityCounter(network, steps: steps)
    var energy = EnergyCounter(network)
    var confusion = loss.wantsClasses ? try ConfusionMatrix(classes: network.outputs) : nil
    var (samples, sum) = (0, 0.0)
    while !shouldStop(), let next = try loader.next() {
      let target = try next.requireTarget()
      let metrics = try evaluate(next.input, target: target, on: chip)
      samples += next.input.batch
      sum += metrics.loss * Double(next.input.batch)
      try counter.add(self, next.input)
      try energy?.add(self, next.input)
      if case .classes(let truth) = target {
        try confusion?.add(truth: truth, predictions: try predictions)
      }
    }
    guard loader.position == loader.batchCount else { return nil }
    return Measurement(
      samples: samples, loss: sum / Double(samples), confusion: confusion,
      activity: counter.activity(of: network),
      energy: try energy?.energy(of: network, steps: steps))
  }

  /// Refuses samples of another shape than the trainer was made for.
  func checkShape(of source: any BatchSource) throws(SpindleError) {
    try require(
      source.steps == steps && source.units == network.inputs, "the samples [T, I]",
      shape: [steps, network.inputs], [source.steps, source.units])
  }
}

extension Batch {
  /// The target, which training and measuring need.
  func requireTarget() throws(SpindleError) -> Target {
    guard let target else {
      throw .invalidValue(what: "the data", expected: "with targets", got: "none")
    }
    return target
  }
}
