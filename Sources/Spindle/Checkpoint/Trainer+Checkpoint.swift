import SpindleFiles

extension Trainer {
  /// A run of which no epoch is complete.
  func newCheckpoint() throws(SpindleError) -> Checkpoint {
    var checkpoint = Checkpoint(
      configuration: "", data: nil, network: network.description, epoch: 0, step: 0, seed: seed,
      history: [],
      best: nil, warnings: [], stopping: nil, parameters: network.parameters, values: [],
      optimizer: .init(kind: optimizer.kind.rawValue, arrays: []))
    try save(in: &checkpoint)
    return checkpoint
  }

  /// Puts the trainer's state in a checkpoint, of several ranks that of all at each.
  func save(in checkpoint: inout Checkpoint) throws(SpindleError) {
    let state = try optimizerState
    checkpoint.step = state.stepCount
    checkpoint.values = network.values
    checkpoint.optimizer.arrays = [
      .init(name: "mean", values: state.mean), .init(name: "variance", values: state.variance),
    ]
    checkpoint.carried = try carriedOfAll()
  }

  /// Takes over a run. A refused one leaves the trainer as it was.
  mutating func restore(
    _ checkpoint: Checkpoint, monitor: Monitor
  ) throws(SpindleError) {
    try rethrowing(
      try checkpoint.check(goesOnWith: optimizer.kind.rawValue, seed: seed, monitor: monitor)
    ) { (error: FileFault) in SpindleError.invalidFile(path: "", error) }
    var restored = network
    try restored.restore(checkpoint)
    try restore(
      OptimizerState(
        stepCount: checkpoint.step, mean: try checkpoint.optimizer.values("mean"),
        variance: try checkpoint.optimizer.values("variance")))
    network = restored
    forgetRecording()
    windows = nil
    if let carried = checkpoint.carried { try restore(carried: carried) }
  }

  /// Goes back to a state that the trainer itself had.
  mutating func goBack(to checkpoint: Checkpoint) throws(SpindleError) {
    try restore(checkpoint, monitor: checkpoint.best?.monitor ?? .loss)
  }
}

extension Checkpoint {
  /// Refuses a run that would not go on as it began.
  fileprivate func check(
    goesOnWith kind: String, seed: UInt64, monitor: Monitor
  ) throws(FileFault) {
    guard optimizer.kind == kind else {
      throw .otherTraining(
        "the checkpoint was trained by \(optimizer.kind), and the trainer's optimizer is \(kind)")
    }
    guard self.seed == seed else {
      throw .otherTraining("the checkpoint's seed is \(self.seed), and the trainer's is \(seed)")
    }
    guard best == nil || best?.monitor == monitor else {
      throw .otherTraining(
        "the checkpoint's best parameters were chosen by \(best?.monitor.rawValue ?? ""), "
          + "and now \(monitor.rawValue) is the monitor")
    }
  }
}

extension Checkpoint.OptimizerMemory {
  fileprivate func values(_ name: String) throws(SpindleError) -> [Float] {
    guard let array = arrays.first(where: { $0.name == name }) else {
      throw .invalidFile(path: "", .damaged("the optimizer's \(name) is missing"))
    }
    return array.values
  }
}
