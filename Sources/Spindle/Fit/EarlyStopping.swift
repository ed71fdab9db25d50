/// What tells whether training gets better: of the validation data where there are any, else of the
/// training data.
public enum Monitor: String, Sendable, CaseIterable {
  /// The mean loss, which should fall.
  case loss
  /// The fraction of samples put in their class, which should rise.
  case accuracy

  /// Whether `value` is better than `other` by more than `delta`.
  func isBetter(_ value: Double, than other: Double, by delta: Double = 0) -> Bool {
    switch self {
    case .loss: value < other - delta
    case .accuracy: value > other + delta
    }
  }

  /// Its value after an epoch; nil where the epoch was not validated and should be.
  func value(of record: EpochRecord, validates: Bool) -> Double? {
    switch (self, validates) {
    case (.loss, true): record.validation?.loss
    case (.accuracy, true): record.validation?.accuracy
    case (.loss, false): record.loss
    case (.accuracy, false): record.accuracy
    }
  }
}

/// Ends training that no longer gets better.
public struct EarlyStopping: Sendable, Equatable {
  /// How many values in a row may be no improvement before training ends; with a validation every
  /// k epochs there is a value every k epochs.
  public var patience: Int
  /// An improvement is more than this.
  public var minimumDelta: Double

  /// Ends training after `patience` values none of which improves on the last improvement by more
  /// than `minimumDelta`.
  public init(patience: Int, minimumDelta: Double = 0) {
    self.patience = patience
    self.minimumDelta = minimumDelta
  }

  func check() throws(SpindleError) {
    try Limits.check(patience, "the patience of early stopping")
    try require(
      minimumDelta.isFinite && minimumDelta >= 0, "the minimum delta of early stopping",
      "finite and not negative", minimumDelta)
  }

  /// What is remembered after another value.
  func memory(
    after value: Double, _ monitor: Monitor, _ memory: Checkpoint.Stopping?
  ) -> Checkpoint.Stopping {
    guard let memory, !monitor.isBetter(value, than: memory.reference, by: minimumDelta) else {
      return .init(reference: value, waited: 0)
    }
    return .init(reference: memory.reference, waited: memory.waited + 1)
  }
}
