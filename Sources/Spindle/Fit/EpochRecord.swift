/// What an epoch of training left in figures. Means are over samples but where said otherwise.
public struct EpochRecord: Sendable, Equatable {
  /// What the validation data gave after the epoch.
  public struct Validation: Sendable, Equatable {
    /// Mean loss.
    public var loss: Double
    /// Fraction of samples put in their class; nil where the loss has no classes.
    public var accuracy: Double?
  }

  /// Counted from 1.
  public var epoch: Int
  /// Training steps taken since the beginning of the run.
  public var step: Int
  /// Training samples.
  public var samples: Int
  /// Mean loss of the training batches, each before its update; without the regularization.
  public var loss: Double
  /// What the regularization added to the loss.
  public var regularization: Double
  /// Fraction of training samples put in their class, each before its batch's update; nil where the
  /// loss has no classes.
  public var accuracy: Double?
  /// Nil where the epoch was not validated.
  public var validation: Validation?
  /// The learning rate of the last step, after the schedule.
  public var learningRate: Float
  /// Mean over steps of the gradient's Euclidean norm, before clipping.
  public var gradientNorm: Double
  /// Of the validation data, or where the epoch was not validated of its last full training batch.
  public var activity: Activity
  /// Wall time of the training batches, in seconds; the one figure that differs from run to run.
  public var seconds: Double

  /// Training samples a second.
  public var samplesPerSecond: Double { seconds > 0 ? Double(samples) / seconds : 0 }
}
