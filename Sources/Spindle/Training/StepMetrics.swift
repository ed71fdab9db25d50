/// What a training step or an evaluation tells.
public struct StepMetrics: Sendable, Equatable {
  /// The loss, before the update; without the regularization.
  public let loss: Double
  /// What the regularization, and penalties of weights of layers for chips, add to the loss.
  public let regularization: Double
  /// Fraction of the last spiking layer's neurons and steps that fired.
  public let firingRate: Double
  /// Root of the sum of the squares of all learned gradients, before clipping; that of a parameter
  /// which must stay positive is by its logarithm. Nil for an evaluation, which has no gradients.
  public let gradientNorm: Double?
  /// Samples whose largest logit was that of their class; nil for a loss without classes.
  public let correct: Int?

  /// What training makes small.
  public var total: Double { loss + regularization }
}
