/// How parameters follow their gradients g. Each kind computes what PyTorch's computes.
///
/// Three things hold for all kinds. Learned time constants and thresholds, which must stay positive,
/// are updated by their logarithm: with the gradient p g, p becomes p exp(-step) where a weight
/// becomes p - step, so that a learning rate of 1e-3 is a change of about a thousandth. Weight
/// decay and the weight bound are for weights alone (weight and recurrent_weight), not for bias,
/// time constants and thresholds. Parameters that are not learned stay as they are.
public struct Optimizer: Sendable, Equatable {
  /// The rule.
  public enum Kind: String, Sendable, CaseIterable {
    /// Gradient descent: m = momentum m + g, p -= rate m.
    case sgd
    /// Adam (Kingma and Ba 2015, algorithm 1).
    case adam
    /// Adam with decoupled weight decay: p is first multiplied by 1 - rate weightDecay (Loshchilov
    /// and Hutter 2019).
    case adamW = "adamw"
    /// Adam by the infinity norm (Kingma and Ba 2015, algorithm 2).
    case adamax
  }

  /// The rule; it stays the same through a training run.
  public let kind: Kind
  /// Step size, from 0 to 1e30.
  public var learningRate: Float
  /// SGD: decay of the gradients' sum, from 0 (none) to below 1.
  public var momentum: Float = 0
  /// SGD: whether the step looks ahead by the momentum (Nesterov), p -= rate (g + momentum m).
  public var nesterov = false
  /// Adam and its kin: decay of the gradient's mean, from 0 to below 1.
  public var beta1: Float = 0.9
  /// Adam and its kin: decay of the squared gradient's mean, or of the infinity norm.
  public var beta2: Float = 0.999
  /// Adam and its kin: positive; added to the root of the squared gradient's mean, or to |g| in the
  /// infinity norm.
  public var epsilon: Float = 1e-8
  /// Decay of weights, not negative: added to the gradient as weightDecay p, but for AdamW.
  public var weightDecay: Float
  /// Weights are kept within plus and minus this after each update, as a device's range would; nil
  /// for no bound.
  public var weightBound: Float?

  /// Gradient descent.
  public static func sgd(
    learningRate: Float = 1e-3, momentum: Float = 0, nesterov: Bool = false,
    weightDecay: Float = 0, weightBound: Float? = nil
  ) -> Optimizer {
    Optimizer(
      kind: .sgd, learningRate: learningRate, momentum: momentum, nesterov: nesterov,
      weightDecay: weightDecay, weightBound: weightBound)
  }

  /// Adam, by default with the numbers of the paper; weight decay is in the gradient.
  public static func adam(
    learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0, weightBound: Float? = nil
  ) -> Optimizer {
    Optimizer(
      kind: .adam, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay, weightBound: weightBound)
  }

  /// Adam with decoupled weight decay.
  public static func adamW(
    learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0.01, weightBound: Float? = nil
  ) -> Optimizer {
    Optimizer(
      kind: .adamW, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay, weightBound: weightBound)
  }

  /// Adamax, by default with the numbers of the paper; weight decay is in the gradient.
  public static func adamax(
    learningRate: Float = 2e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0, weightBound: Float? = nil
  ) -> Optimizer {
    Optimizer(
      kind: .adamax, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay, weightBound: weightBound)
  }
}

extension Optimizer {
  /// Refuses numbers outside their ranges.
  func check() throws(SpindleError) {
    try require(
      learningRate >= 0 && learningRate <= Self.maximumRate, "the learning rate",
      "from 0 to \(Self.maximumRate)", learningRate)
    try require(
      weightDecay >= 0 && weightDecay.isFinite, "the weight decay", "finite and not negative",
      weightDecay)
    if let weightBound {
      try require(
        weightBound > 0 && weightBound.isFinite, "the weight bound", "positive and finite",
        weightBound)
    }
    guard kind != .sgd else { return try checkMomentum() }
    try require((0..<1).contains(beta1), "beta1", "from 0 to below 1", beta1)
    try require((0..<1).contains(beta2), "beta2", "from 0 to below 1", beta2)
    try require(epsilon > 0 && epsilon.isFinite, "epsilon", "positive and finite", epsilon)
  }

  private func checkMomentum() throws(SpindleError) {
    try require((0..<1).contains(momentum), "the momentum", "from 0 to below 1", momentum)
    try require(
      !nesterov || momentum > 0, "the momentum", "more than 0 with Nesterov's step", momentum)
  }
}

/// What keeps large gradients from throwing the parameters far off. It changes what the optimizer
/// gets, not what `Trainer.gradient(of:)` and `StepMetrics.gradientNorm` tell.
public enum Clipping: Sendable, Equatable {
  /// Gradients stay as they are.
  case none
  /// Where the norm of all gradients together is larger than this, all are scaled to it, by
  /// limit / (norm + 1e-6) as PyTorch's clip_grad_norm_ does.
  case byNorm(Float)
  /// Each number of a gradient is kept within plus and minus this.
  case byValue(Float)

  /// Refuses limits that are not positive.
  func check() throws(SpindleError) {
    switch self {
    case .none: return
    case .byNorm(let limit), .byValue(let limit):
      try require(
        limit > 0 && limit.isFinite, "the limit of clipping", "positive and finite", limit)
    }
  }
}
