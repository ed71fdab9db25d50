/// A call of `Trainer.fit` under way.
struct FitRun {
  let training: any BatchSource
  let validation: (any BatchSource)?
  let options: FitOptions
  let events: FitEvents
  /// The run after its last complete epoch.
  var state: Checkpoint
  /// To the other ranks, of which the first writes the checkpoints; nil for one alone.
  let link: RankLink?
  /// The optimizer's learning rate, before the schedule.
  let rate: Float
  /// Epochs since a checkpoint was written; 0 without checkpoints.
  var unwrittenEpochs = 0
  /// The history as the last checkpoint had it.
  var table = HistoryTable()
  /// When the last checkpoint was in place, and how long it took.
  var lastWritten = (end: ContinuousClock.now, duration: Duration.zero)
  /// What all checkpoints took.
  var writing = Duration.zero
  var samples = 0
  let start = ContinuousClock.now

  /// What the call took so far.
  var times: FitResult.Times {
    FitResult.Times(
      total: (ContinuousClock.now - start) / .seconds(1), checkpoints: writing / .seconds(1))
  }

  /// Whether training is to end, as any rank's events say.
  func shouldStop() throws(SpindleError) -> Bool { try link.any(events.shouldStop()) }

  /// Whether early stopping has had enough.
  var isStoppedEarly: Bool {
    guard let stopping = options.earlyStopping, let memory = state.stopping else { return false }
    return memory.waited >= stopping.patience
  }

  /// Whether the epoch under way is validated.
  var validatesNext: Bool {
    let epoch = state.epoch + 1
    return validation != nil
      && (epoch % options.validationInterval == 0 || epoch == options.epochs)
  }

  /// The batches of the epoch under way.
  func loader(
    batch: Int, seed: UInt64, places: BatchPlaces?
  ) throws(SpindleError) -> BatchLoader {
    let standard: SampleOrder = options.windows?.carry == .run ? .given : .shuffled(seed: seed)
    return try BatchLoader(
      training, batch: batch, order: options.order ?? standard, epoch: state.epoch,
      places: places)
  }

  /// How samples are cut into training steps of up to `steps` steps.
  func cut(steps: Int) -> WindowCut {
    WindowCut(steps: steps, total: training.steps, windows: options.windows)
  }

  /// The learning rate of a batch of the epoch under way, counted from 0.
  func learningRate(batch: Int, of batches: Int) -> Float {
    let factor = options.schedule.factor(
      step: state.epoch * batches + batch, of: options.epochs * batches)
    return Float(Double(rate) * factor)
  }

  /// Tells of a batch.
  mutating func report(_ sums: EpochSums, _ batch: Int, of batches: Int) {
    samples += sums.lastSamples
    events.batch(
      BatchProgress(
        epoch: state.epoch + 1, epochs: options.epochs, batch: batch, batches: batches,
        loss: sums.loss, accuracy: sums.accuracy, samples: samples,
        seconds: (ContinuousClock.now - start) / .seconds(1)))
  }

  /// Takes in an epoch, whose trainer's state is in `state` already; the warnings that are new.
  mutating func take(_ epoch: Epoch) -> [TrainingWarning] {
    let record = epoch.record
    state.epoch = record.epoch
    state.history.append(record)
    let found = TrainingWarning.of(record.activity, epoch.gradients, epoch: record.epoch)
    var warnings: [TrainingWarning] = []
    for new in found
    where !(state.warnings + warnings).contains(where: {
      $0.kind == new.kind && $0.layer == new.layer
    }) {
      warnings.append(new)
    }
    state.warnings += warnings
    if let value = options.monitor.value(of: record, validates: validation != nil) {
      judge(value)
    }
    if options.checkpoints != nil { unwrittenEpochs += 1 }
    return warnings
  }

  /// Compares an epoch with those before.
  private mutating func judge(_ value: Double) {
    if options.keepsBest,
      state.best.map({ options.monitor.isBetter(value, than: $0.value) }) ?? true
    {
      state.best = .init(
        epoch: state.epoch, monitor: options.monitor, value: value, values: state.values)
    }
    if let stopping = options.earlyStopping {
      state.stopping = stopping.memory(after: value, options.monitor, state.stopping)
    }
  }

  /// Whether epochs wait for a checkpoint, and it is time for one.
  var isCheckpointDue: Bool {
    guard unwrittenEpochs > 0, let checkpoints = options.checkpoints else { return false }
    if let interval = checkpoints.interval { return unwrittenEpochs >= interval }
    return ContinuousClock.now - lastWritten.end
      >= lastWritten.duration * FitOptions.Checkpointing.patience
  }

  /// Writes the checkpoint, where there is to be one.
  mutating func write() throws(SpindleError) {
    guard link.writes, let checkpoints = options.checkpoints else { return }
    let begin = ContinuousClock.now
    try state.write(to: checkpoints.path, history: &table)
    let end = ContinuousClock.now
    lastWritten = (end, end - begin)
    writing += end - begin
    unwrittenEpochs = 0
  }
}

/// A complete epoch.
struct Epoch {
  var record: EpochRecord
  /// In its last full batch.
  var gradients: [GradientRatio]
}

/// Sums over the batches of an epoch.
struct EpochSums {
  private var samples = 0
  private(set) var lastSamples = 0
  /// Answers to samples, or to windows of them.
  private var answers = 0
  /// Samples, of which a window is a part.
  private var weight = 0.0
  private var batches = 0
  private var lossSum = 0.0
  private var regularizationSum = 0.0
  private var normSum = 0.0
  private var correct: Int?

  /// Mean over samples.
  var loss: Double { lossSum / weight }
  var accuracy: Double? { correct.map { Double($0) / Double(answers) } }

  /// Adds a step on so many samples.
  ///
  /// - Parameters:
  ///   - metrics: of the step.
  ///   - count: samples.
  ///   - share: of their steps; 1 for whole samples.
  ///   - begins: whether these steps are the samples' first.
  mutating func add(_ metrics: StepMetrics, samples count: Int, share: Double, begins: Bool) {
    samples += begins ? count : 0
    lastSamples = begins ? count : 0
    answers += count
    batches += 1
    weight += Double(count) * share
    lossSum += metrics.loss * Double(count) * share
    regularizationSum += metrics.regularization * Double(count) * share
    normSum += metrics.gradientNorm ?? 0
    if let new = metrics.correct { correct = (correct ?? 0) + new }
  }

  func record(
    epoch: Int, step: Int, learningRate: Float, validation: EpochRecord.Validation?,
    activity: Activity, seconds: Double
  ) -> EpochRecord {
    EpochRecord(
      epoch: epoch, step: step, samples: samples, loss: loss,
      regularization: regularizationSum / weight, accuracy: accuracy,
      validation: validation, learningRate: learningRate, gradientNorm: normSum / Double(batches),
      activity: activity, seconds: seconds)
  }
}
