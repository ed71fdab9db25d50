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
  ///   - windows: how longer samples are cut; each window counts as an answer to its class. Nil where
  ///     samples are of the trainer's steps.
  ///   - chip: which chip of those that mismatch makes; nil for one without.
  ///   - shouldStop: asked before each batch; true makes the result nil.
  public mutating func measure(
    _ source: any BatchSource, epoch: Int = 0, windows: Windows? = nil, on chip: Chip? = nil,
    shouldStop: () -> Bool = { false }
  ) throws(SpindleError) -> Measurement? {
    try checkShape(of: source, windows)
    let cut = WindowCut(steps: steps, total: source.steps, windows: windows)
    var loader = try BatchLoader(
      source, batch: batch, epoch: epoch, places: places(inEpochOf: source.count))
    var counter = ActivityCounter(network)
    var energy = EnergyCounter(network)
    var confusion = loss.wantsClasses ? try ConfusionMatrix(classes: network.outputs) : nil
    var (samples, sum) = (0, 0.0)
    while try !link.any(shouldStop()), let next = try loader.next() {
      samples += next.total
      var memory: WindowMemory?
      for index in 0..<cut.count {
        let (input, target) = try next.window(index, of: cut, loss)
        try select(input, total: next.total, mayBeShort: windows != nil)
        if cut.count > 1, cut.begins(index) || memory == nil {
          memory = try newWindows(parameters: 0)
        }
        let metrics = try evaluate(input, target, on: chip, &memory)
        memory?.advance(waits: false)
        let share = Double(input.steps) / Double(cut.total)
        sum += metrics.loss * Double(next.total) * share
        try counter.add(self, input, begins: index == 0)
        try energy?.add(self, input, begins: index == 0)
        if case .classes(let truth) = target {
          try confusion?.add(truth: truth, predictions: try current.workspace.predictions())
        }
      }
    }
    guard loader.position == loader.batchCount else { return nil }
    try counter.sum(over: link)
    try energy?.sum(over: link)
    try confusion?.sum(over: link)
    return Measurement(
      samples: samples, loss: sum / Double(samples), confusion: confusion,
      activity: counter.activity(of: network),
      energy: try energy?.energy(of: network))
  }

  /// Runs the first window of a batch forward, to find what does not fit.
  package mutating func tryWindow(of batch: Batch, _ windows: Windows) throws(SpindleError) {
    try windows.check(loss)
    let cut = WindowCut(steps: steps, total: batch.input.steps, windows: windows)
    let (input, target) = try batch.window(0, of: cut, loss)
    _ = try evaluate(input, target: target)
  }

  /// Refuses samples of another shape than the trainer was made for; cut into windows, they may have
  /// any steps.
  func checkShape(
    of source: any BatchSource, _ windows: Windows? = nil
  ) throws(SpindleError) {
    try require(
      (source.steps == steps || windows != nil) && source.units == network.inputs,
      "the samples [T, I]",
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
