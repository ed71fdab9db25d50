/// What an epoch of training left in figures. Means are over samples but where said otherwise.
public struct EpochRecord: Sendable, Equatable {
  /// A layer of spiking neurons over the data of the epoch that were looked at: the validation
  /// data, or where there are none the training data.
  public struct Layer: Sendable, Equatable {
    /// The layer's number in the network.
    public var layer: Int
    /// Fraction of neurons and steps that fired.
    public var firingRate: Double
    /// Fraction of neurons that never fired.
    public var dead: Double
    /// Fraction of neurons that fired in more than `Activity.saturation` of all steps.
    public var saturated: Double
  }

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
  /// Mean over steps of the gradient's Euclidean norm, before it is clipped.
  public var gradientNorm: Double
  /// Layers of spiking neurons, from the input to the output.
  public var layers: [Layer]
  /// Synaptic operations per inference; see `SynapticOperations`.
  public var synapticOperations: SynapticOperations
  /// Wall time of the training batches, in seconds.
  public var seconds: Double
  /// Training samples.
  public var samples: Int

  /// Training samples a second.
  public var samplesPerSecond: Double { seconds > 0 ? Double(samples) / seconds : 0 }
}
