/// How `Trainer.fit` trains.
public struct FitOptions: Sendable {
  /// Epochs in all, those before a checkpoint included.
  public var epochs: Int
  /// In which order an epoch takes the samples; nil for shuffled by the trainer's seed.
  public var order: SampleOrder?
  /// The learning rate over all steps of the run, as a factor of the optimizer's.
  public var schedule: Schedule
  /// Every how many epochs the validation data are run; after the last epoch always.
  public var validationInterval: Int
  /// What tells whether training gets better, for early stopping and for the best parameters.
  public var monitor: Monitor
  /// When to end before the last epoch; nil for never.
  public var earlyStopping: EarlyStopping?
  /// Whether the best parameters are kept besides the last.
  public var keepsBest: Bool
  /// How samples longer than the trainer's steps are cut; nil where they are as long.
  public var windows: Windows?
  /// Where the run is written to; nil for nowhere.
  public var checkpoints: Checkpointing?

  /// Where and how often a checkpoint is written: at the start, every `interval` epochs and at the
  /// end. Without an interval as often as takes a twentieth of the time: the next one waits for
  /// `patience` times as long as the last one took.
  public struct Checkpointing: Sendable, Equatable {
    /// The file, each time replaced as a whole.
    public var path: String
    /// Epochs between two; nil: by time.
    public var interval: Int?
    /// Any text that is to be kept with it, such as the configuration that makes the same trainer
    /// and data again.
    public var configuration: String
    /// What the data are known by again, such as a fingerprint of samples and targets; nil for
    /// nothing. It is kept and not compared.
    public var data: String?

    /// How many times as long as the last checkpoint took the run goes on before the next, where
    /// there is no interval.
    static let patience = 20.0

    /// Writes to `path` every `interval` epochs, or by time.
    public init(
      path: String, interval: Int? = nil, configuration: String = "", data: String? = nil
    ) {
      self.path = path
      self.interval = interval
      self.configuration = configuration
      self.data = data
    }
  }

  /// Trains for `epochs` epochs; nothing is checked before `Trainer.fit`.
  public init(
    epochs: Int, order: SampleOrder? = nil, schedule: Schedule = .constant,
    validationInterval: Int = 1, monitor: Monitor = .loss, earlyStopping: EarlyStopping? = nil,
    keepsBest: Bool = true, windows: Windows? = nil, checkpoints: Checkpointing? = nil
  ) {
    self.epochs = epochs
    self.order = order
    self.schedule = schedule
    self.validationInterval = validationInterval
    self.monitor = monitor
    self.earlyStopping = earlyStopping
    self.keepsBest = keepsBest
    self.windows = windows
    self.checkpoints = checkpoints
  }

  /// Refuses numbers outside their ranges, and accuracy where the loss has no classes.
  func check(_ loss: Loss) throws(SpindleError) {
    try Limits.check(epochs, "the number of epochs")
    try Limits.check(validationInterval, "the validation interval")
    if let interval = checkpoints?.interval {
      try Limits.check(interval, "the checkpoint interval")
    }
    try schedule.check()
    try earlyStopping?.check()
    try windows?.check(loss)
    try require(
      monitor != .accuracy || loss.wantsClasses, "the monitor",
      "loss, where the loss has no classes", "accuracy")
  }
}
