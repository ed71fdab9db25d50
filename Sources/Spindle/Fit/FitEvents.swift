/// How far training is, after a batch.
public struct BatchProgress: Sendable, Equatable {
  /// The epoch under way, counted from 1, of `epochs`.
  public var epoch: Int
  /// Epochs in all.
  public var epochs: Int
  /// Batches done of the epoch's `batches`.
  public var batch: Int
  /// Batches of an epoch.
  public var batches: Int
  /// Mean loss of the epoch's samples so far.
  public var loss: Double
  /// Fraction of the epoch's samples so far that were put in their class; nil where the loss has no
  /// classes.
  public var accuracy: Double?
  /// Training samples since `fit` was called.
  public var samples: Int
  /// Seconds since `fit` was called.
  public var seconds: Double

  /// Training samples a second.
  public var samplesPerSecond: Double { seconds > 0 ? Double(samples) / seconds : 0 }
}

/// What `Trainer.fit` calls while it trains, all on the caller's thread.
public struct FitEvents {
  /// Whether training goes on.
  public enum Decision: Sendable {
    /// It does.
    case goOn
    /// It ends, cleanly, with the last complete epoch.
    case stop
  }

  /// After each training batch.
  public var batch: (BatchProgress) -> Void
  /// After each epoch, with its record and the warnings that are new.
  public var epoch: (EpochRecord, [TrainingWarning]) -> Decision
  /// Asked before each batch, of training and of validation; true ends training.
  public var shouldStop: () -> Bool

  /// By default nothing is called, and nothing stops the run.
  public init(
    batch: @escaping (BatchProgress) -> Void = { _ in },
    epoch: @escaping (EpochRecord, [TrainingWarning]) -> Decision = { _, _ in .goOn },
    shouldStop: @escaping () -> Bool = { false }
  ) {
    self.batch = batch
    self.epoch = epoch
    self.shouldStop = shouldStop
  }
}

/// How training ended, and what it left.
public struct FitResult: Sendable {
  /// How training ended.
  public enum Outcome: Sendable, Equatable {
    /// After the last epoch.
    case completed
    /// By early stopping.
    case stoppedEarly
    /// By an event's decision.
    case stopped
    /// A value became infinite or NaN; the error names the step, the layer and the tensor.
    case diverged(SpindleError)
  }

  /// What a call of `fit` took, in seconds of wall time.
  public struct Times: Sendable, Equatable {
    /// Everything: training, validation, checkpoints and what the events did.
    public var total: Double
    /// Writing checkpoints.
    public var checkpoints: Double
  }

  /// How training ended.
  public var outcome: Outcome
  /// The run as it was after the last complete epoch; the trainer's parameters are the same.
  public var checkpoint: Checkpoint
  /// The network with the best parameters, or the last where none were kept.
  public var best: Network
  /// What this call took, without the epochs of a checkpoint that it went on from.
  public var times: Times

  /// A record for each epoch.
  public var history: [EpochRecord] { checkpoint.history }
  /// Every warning that was given.
  public var warnings: [TrainingWarning] { checkpoint.warnings }
}
