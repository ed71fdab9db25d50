/// What training makes small. v is the membrane, s the spikes of the last layer.
///
/// Where samples have lengths (`Input.with(lengths:)`), T is each sample's own: the loss of a batch
/// is the mean over its samples of what each would have by itself. `meanRateMSE` takes the mean over
/// the samples that have the step, and as T the largest length.
public enum Loss: Sendable, Equatable {
  /// Mean over (t, n) of (mean over the batch of s - target)^2; target [T, N].
  case meanRateMSE
  /// Cross-entropy of the spike counts over time as logits, mean over the batch; classes [B].
  case rateCrossEntropy
  /// Cross-entropy of the maximum over time of v as logits, mean over the batch; classes [B].
  case maxMembraneCrossEntropy
  /// Cross-entropy of the mean over time of v as logits, mean over the batch; classes [B].
  case meanMembraneCrossEntropy
  /// For what must be held in memory: cross-entropy of the mean of v over the steps from `firstStep`
  /// on as logits, mean over the batch; classes [B]. The prediction is the class of the largest mean
  /// over the last `answerSteps` steps alone, where the answer is due.
  case recallCrossEntropy(firstStep: Int, answerSteps: Int)
  /// Mean over (b, t, n) of (v - target)^2; target [B, T, N].
  case membraneMSE
  /// Mean over (b, n) of (spikes over time - target)^2; target [B, N], numbers of spikes.
  case spikeCountMSE
  /// Mean over (b, n) of (mean over time of s - target)^2; target [B, N], or [N] for all samples:
  /// fractions of steps, a rate in hertz times the time step.
  case firingRateMSE
  /// Mean over (b, n) of the squared distance between the spikes and those of the target [B, T, N],
  /// (dt / tau) sum over t of e_t^2 with e_t = exp(-dt / tau) e_{t-1} + s_t - target_t (van Rossum
  /// 2001, its integral taken over the T steps). One spike too many, long before the end, counts
  /// about 1/2. tau is in seconds.
  case vanRossum(tau: Float)
  /// A function of the user's own; target as it wants.
  case custom(CustomLoss)

  /// Those that need no number and no function.
  public static let named: [Loss] = [
    .meanRateMSE, .rateCrossEntropy, .maxMembraneCrossEntropy, .meanMembraneCrossEntropy,
    .membraneMSE, .spikeCountMSE, .firingRateMSE,
  ]

  /// One of `named`, by the name that files use; nil for another name.
  public init?(name: String) {
    guard let loss = Self.named.first(where: { $0.name == name }) else { return nil }
    self = loss
  }

  /// The name that files use; that of a custom loss is its own.
  public var name: String {
    switch self {
    case .meanRateMSE: "mean_rate_mse"
    case .rateCrossEntropy: "rate_cross_entropy"
    case .maxMembraneCrossEntropy: "max_membrane_cross_entropy"
    case .meanMembraneCrossEntropy: "mean_membrane_cross_entropy"
    case .recallCrossEntropy: "recall_cross_entropy"
    case .membraneMSE: "membrane_mse"
    case .spikeCountMSE: "spike_count_mse"
    case .firingRateMSE: "firing_rate_mse"
    case .vanRossum: "van_rossum"
    case .custom(let custom): custom.name
    }
  }

  /// Whether the target is the class of each sample, named by logits.
  public var wantsClasses: Bool {
    switch self {
    case .rateCrossEntropy, .maxMembraneCrossEntropy, .meanMembraneCrossEntropy,
      .recallCrossEntropy:
      true
    default: false
    }
  }

  /// Whether it is of the spikes alone, which leaky integrators do not have.
  public var readsSpikes: Bool {
    switch self {
    case .meanRateMSE, .rateCrossEntropy, .spikeCountMSE, .firingRateMSE, .vanRossum: true
    default: false
    }
  }

  /// Whether the workspace keeps a gradient for every output.
  var keepsOutputGradient: Bool { if case .vanRossum = self { true } else { false } }

  /// Refuses a loss of spikes for leaky integrators, which have none, and a tau that is not
  /// positive.
  package func check(outputOf network: NetworkDescription) throws(SpindleError) {
    if case .vanRossum(let tau) = self {
      try require(tau > 0 && tau.isFinite, "the loss's tau", "positive, in seconds", tau)
    }
    guard readsSpikes, network.layers.last?.neurons.spiking == nil else { return }
    throw .invalidNetwork("\(name) needs spikes, and leaky integrators have none")
  }
}

/// What the output should be.
public enum Target: Sendable, Equatable {
  /// Numbers, of the shape that the loss says.
  case values(Tensor)
  /// The class of each sample, from 0 to N - 1: [B].
  case classes([Int32])
}

/// A loss of the user's own: a function of what the last layer did, which gives the loss and its
/// gradient. A training step runs it between the core's forward and backward pass, and allocates
/// what it is given.
///
///     let sparse = CustomLoss(name: "sparse") { output, _ in
///       let count = Float(output.spikes.values.count)
///       return .init(
///         value: Double(output.spikes.values.reduce(0, +) / count),
///         spikeGradient: output.spikes.values.map { _ in 1 / count })
///     }
public struct CustomLoss: Sendable, Equatable {
  /// What the last layer did.
  public struct Output: Sendable, Equatable {
    /// s_t: [B, T, N], 0 or 1; zeros for leaky integrators.
    public let spikes: Tensor
    /// v_t, after the reset: [B, T, N].
    public let membrane: Tensor
    /// The steps of each sample [B], past which all is zero; nil where all have T.
    public let lengths: [Int]?
  }

  /// The loss of a batch with its gradient.
  public struct Result: Sendable, Equatable {
    /// The loss.
    public var value: Double
    /// dL/ds_t: [B, T, N] in row-major order; nil for zero, as for leaky integrators. What stands
    /// past a sample's length is not looked at.
    public var spikeGradient: [Float]?
    /// dL/dv_t: [B, T, N] in row-major order, without what s_t does to v_t; nil for zero.
    public var membraneGradient: [Float]?

    /// A loss with its gradient; a gradient that is left out is zero.
    public init(value: Double, spikeGradient: [Float]? = nil, membraneGradient: [Float]? = nil) {
      self.value = value
      self.spikeGradient = spikeGradient
      self.membraneGradient = membraneGradient
    }
  }

  /// Names the loss in errors and files.
  public let name: String
  /// The function.
  public let run: @Sendable (Output, Target) -> Result

  /// A loss by its function, which gets the target as it was given to the trainer.
  public init(name: String, _ run: @escaping @Sendable (Output, Target) -> Result) {
    self.name = name
    self.run = run
  }

  /// Two custom losses count as equal where their names are.
  public static func == (a: CustomLoss, b: CustomLoss) -> Bool { a.name == b.name }
}
