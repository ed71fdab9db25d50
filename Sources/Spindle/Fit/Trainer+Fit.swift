extension Trainer {
  /// Trains over epochs of the data: the schedule, validation, early stopping, the best parameters,
  /// checkpoints and warnings.
  ///
  /// Every epoch takes all samples once, the last batch as large as what is left. The run is kept
  /// as of its last complete epoch: a run that is stopped, or in which a value becomes infinite or
  /// NaN, goes back there, so that the trainer, the result and the checkpoint agree, and resuming
  /// gives the bits of a run that never stopped. With `FitOptions.windows` each batch of samples is
  /// taken in several steps.
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
  ///
  /// Several ranks each call it with the same arguments, and events of their own. A rank asks for its
  /// samples alone; the first writes the checkpoints, and all end where one's events say so.
  /// - Throws: for options, data or a checkpoint that do not fit, and where a checkpoint cannot be
  ///   written. Divergence is no error but an outcome.
  public mutating func fit(
    _ training: any BatchSource, validation: (any BatchSource)? = nil, options: FitOptions,
    resuming checkpoint: Checkpoint? = nil, events: FitEvents = .init()
  ) throws(SpindleError) -> FitResult {
    try options.check(loss)
    try checkShape(of: training, options.windows)
    if let validation { try checkShape(of: validation, options.windows) }
    try checkCarry(over: training, options)
    if options.windows?.carry != .run { restartWindows() }
    if let checkpoint { try restore(checkpoint, monitor: options.monitor) }
    let state = if let checkpoint { checkpoint } else { try newCheckpoint() }
    var run = FitRun(
      training: training, validation: validation, options: options, events: events,
      state: state, link: link, rate: optimizer.learningRate)
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
      try save(in: &run.state)
      let warnings = run.take(epoch)
      if run.isCheckpointDue { try run.write() }
      if try link.any(run.events.epoch(epoch.record, warnings) == .stop) { return .stopped }
    }
  }

  /// One epoch and its validation; nil where it was stopped.
  private mutating func trainEpoch(_ run: inout FitRun) throws(SpindleError) -> Epoch? {
    var loader = try run.loader(
      batch: batch, seed: seed, places: places(inEpochOf: run.training.count))
    // The last batch may hold a sample alone, which tells little.
    let fullBatches = max(run.training.count / batch, 1)
    var sums = EpochSums()
    var seen: (activity: Activity, gradients: [GradientRatio]) = (.none, [])
    let start = ContinuousClock.now
    while try !run.shouldStop(), let next = try loader.next() {
      guard
        let last = try trainBatch(next, loader.position, of: loader.batchCount, &run, &sums)
      else { return nil }
      if loader.position == fullBatches {
        seen = (try lastActivity(last), try gradientRatios())
      }
    }
    guard loader.position == loader.batchCount else { return nil }
    if run.options.windows?.carry != .run { restartWindows() }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    var validated: EpochRecord.Validation?
    if run.validatesNext, let validation = run.validation {
      guard
        let measured = try measure(
          validation, windows: run.options.windows, shouldStop: run.events.shouldStop)
      else {
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

  /// The steps of a batch, one but for windows; the input of the last, or nil where it was stopped.
  private mutating func trainBatch(
    _ batch: Batch, _ number: Int, of batches: Int, _ run: inout FitRun, _ sums: inout EpochSums
  ) throws(SpindleError) -> Input? {
    let cut = run.cut(steps: steps)
    var last = batch.input
    for index in 0..<cut.count {
      if index > 0, try run.shouldStop() { return nil }
      let done = (number - 1) * cut.count + index
      optimizer.learningRate = run.learningRate(batch: done, of: batches * cut.count)
      let part = try batch.window(index, of: cut, loss)
      let metrics = try step(part, total: batch.total, index, of: cut)
      last = part.input
      sums.add(
        metrics, samples: batch.total, share: Double(last.steps) / Double(cut.total),
        begins: index == 0)
      run.report(sums, done + 1, of: batches * cut.count)
    }
    return last
  }

  /// A step on whole samples or on a window.
  private mutating func step(
    _ part: (input: Input, target: Target), total: Int, _ index: Int, of cut: WindowCut
  ) throws(SpindleError) -> StepMetrics {
    try select(part.input, total: total, mayBeShort: cut.windows != nil)
    guard cut.windows != nil else {
      var none: WindowMemory?
      return try step(part.input, part.target, &none, waits: false)
    }
    let begins = cut.begins(index)
    // The batch before may have had other samples.
    if begins, waitingWindows == 0 { restartWindows() }
    try prepareWindow(samples: total)
    return try step(
      window: part.input, part.target,
      begins: begins ? [Bool](repeating: true, count: part.input.batch) : nil,
      updates: cut.updates(index))
  }

  /// Refuses samples whose state cannot go on from epoch to epoch.
  private func checkCarry(
    over training: any BatchSource, _ options: FitOptions
  ) throws(SpindleError) {
    guard options.windows?.carry == .run else { return }
    try require(
      training.count <= batch, "the samples whose state goes on from epoch to epoch",
      "at most \(batch), a batch", training.count)
    if case .shuffled = options.order {
      throw .invalidValue(
        what: "the order of samples whose state goes on from epoch to epoch", expected: "given",
        got: "shuffled")
    }
  }

  private func lastActivity(_ input: Input) throws(SpindleError) -> Activity {
    var counter = ActivityCounter(network)
    try counter.add(self, input)
    try counter.sum(over: link)
    return counter.activity(of: network)
  }
}
