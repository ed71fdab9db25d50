extension Trainer {
  /// Trains over epochs of the data: the schedule, validation, early stopping, the best parameters,
  /// checkpoints and warnings.
  ///
  /// Every epoch takes all samples once, the last batch as large as what is left. The run is kept
  /// as of its last complete epoch: a run that is stopped, or in which a value becomes infinite or
  /// NaN, goes back there, so that the trainer, the result and the checkpoint agree, and resuming
  /// gives the bits of a run that never stopped.
  ///
  ///     let result = try trainer.fit(
  ///       training, validation: validation,
  ///       options: FitOptions(epochs: 100, earlyStopping: EarlyStopping(patience: 10)))
  ///     try result.best.save(to: "best.safetensors")
  ///
  /// - Parameters:
  ///   - training: samples of the trainer's steps and the network's inputs, with targets.
  ///   - validation: likewise; nil to look at the training data alone. Random encoders see epoch 0
  ///     each time, so that every epoch is measured on the same input.
  ///   - options: epochs, schedule, early stopping and checkpoints.
  ///   - checkpoint: a run to go on with, of a trainer made as this one was.
  ///   - events: what is called while it trains.
  /// - Throws: for options, data or a checkpoint that do not fit, and where a checkpoint cannot be
  ///   written. Divergence is no error but an outcome.
  public mutating func fit(
    _ training: any BatchSource, validation: (any BatchSource)? = nil, options: FitOptions,
    resuming checkpoint: Checkpoint? = nil, events: FitEvents = .init()
  ) throws(SpindleError) -> FitResult {
    try options.check(loss)
    try checkShape(of: training)
    if let validation { try checkShape(of: validation) }
    if let checkpoint { try restore(checkpoint, monitor: options.monitor) }
    var run = FitRun(
      training: training, validation: validation, options: options, events: events,
      state: checkpoint ?? newCheckpoint(), rate: optimizer.learningRate)
    // A checkpoint of version 1 does not know its network.
    run.state.network = network.description
    run.state.parameters = network.parameters
    if let checkpoints = options.checkpoints {
      run.state.configuration = checkpoints.configuration
      run.state.data = checkpoints.data
    }
    defer { optimizer.learningRate = run.rate }
    // An unwritable path is found before an epoch is spent, and a run killed in its first epoch can
    // be resumed.
    try run.write()
    let outcome = try train(&run)
    if outcome != .completed { try goBack(to: run.state) }
    if run.unwrittenEpochs > 0 { try run.write() }
    var best = network
    try best.restore(run.state, .best)
    return FitResult(outcome: outcome, checkpoint: run.state, best: best, times: run.times)
  }

  /// Epoch by epoch, until one of the outcomes.
  private mutating func train(_ run: inout FitRun) throws(SpindleError) -> FitResult.Outcome {
    while true {
      if run.isStoppedEarly { return .stoppedEarly }
      if run.state.epoch >= run.options.epochs { return .completed }
      let epoch: Epoch?
      do throws(SpindleError) {
        epoch = try trainEpoch(&run)
      } catch {
        guard case .diverged = error else { throw error }
        return .diverged(error)
      }
      guard let epoch else { return .stopped }
      save(in: &run.state)
      let warnings = run.take(epoch)
      if run.isCheckpointDue { try run.write() }
      if run.events.epoch(epoch.record, warnings) == .stop { return .stopped }
    }
  }

  /// One epoch and its validation; nil where it was stopped.
  private mutating func trainEpoch(_ run: inout FitRun) throws(SpindleError) -> Epoch? {
    var loader = try run.loader(batch: batch, seed: seed)
    // The last batch may hold a sample alone, which tells little.
    let fullBatches = max(run.training.count / batch, 1)
    var sums = EpochSums()
    var seen: (activity: Activity, gradients: [GradientRatio]) = (.none, [])
    let start = ContinuousClock.now
    while !run.events.shouldStop(), let next = try loader.next() {
      optimizer.learningRate = run.learningRate(batch: loader.position - 1, of: loader.batchCount)
      let metrics = try step(next.input, target: try next.requireTarget())
      sums.add(metrics, samples: next.input.batch)
      if loader.position == fullBatches {
        seen = (try lastActivity(next.input), try gradientRatios())
      }
      run.report(sums, loader.position, of: loader.batchCount)
    }
    guard loader.position == loader.batchCount else { return nil }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    var validated: EpochRecord.Validation?
    if run.validatesNext, let validation = run.validation {
      guard let measured = try measure(validation, shouldStop: run.events.shouldStop) else {
        return nil
      }
      validated = .init(loss: measured.loss, accuracy: measured.accuracy)
      seen.activity = measured.activity
    }
    return Epoch(
      record: sums.record(
        epoch: run.state.epoch + 1, step: stepCount, learningRate: optimizer.learningRate,
        validation: validated, activity: seen.activity, seconds: seconds),
      gradients: seen.gradients)
  }

  private func lastActivity(_ input: Input) throws(SpindleError) -> Activity {
    var counter = ActivityCounter(network)
    try counter.add(self, input)
    return counter.activity(of: network)
  }
}
