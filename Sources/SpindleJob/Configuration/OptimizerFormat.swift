import Spindle
import SpindleJSON

extension Format where Value == Optimizer {
  /// How parameters follow their gradients.
  static var optimizer: Format {
    .kinds([
      Kind(
        "sgd", "Gradient descent.",
        [OptimizerKey.rate(1e-3), OptimizerKey.momentum, OptimizerKey.nesterov]
          + OptimizerKey.weights(decay: 0)
      ) { object throws(DescriptionError) in
        let momentum = try object.read(OptimizerKey.momentum)
        let isNesterov = try object.read(OptimizerKey.nesterov)
        guard !isNesterov || momentum > 0 else {
          throw try object.value("nesterov").refused(
            expected: "false where \"momentum\" is 0", found: "true")
        }
        return .sgd(
          learningRate: try object.read(OptimizerKey.rate(1e-3)), momentum: momentum,
          nesterov: isNesterov, weightDecay: try object.read(OptimizerKey.decay(0)),
          weightBound: try object.optional(OptimizerKey.bound))
      },
      adaptive("adam", "Adam (Kingma and Ba 2015).", rate: 1e-3, decay: 0) {
        .adam(
          learningRate: $0.rate, beta1: $0.beta1, beta2: $0.beta2, epsilon: $0.epsilon,
          weightDecay: $0.decay, weightBound: $0.bound)
      },
      adaptive(
        "adamw", "Adam with decoupled weight decay (Loshchilov and Hutter 2019).", rate: 1e-3,
        decay: 0.01
      ) {
        .adamW(
          learningRate: $0.rate, beta1: $0.beta1, beta2: $0.beta2, epsilon: $0.epsilon,
          weightDecay: $0.decay, weightBound: $0.bound)
      },
      adaptive(
        "adamax", "Adam by the infinity norm (Kingma and Ba 2015).", rate: 2e-3, decay: 0
      ) {
        .adamax(
          learningRate: $0.rate, beta1: $0.beta1, beta2: $0.beta2, epsilon: $0.epsilon,
          weightDecay: $0.decay, weightBound: $0.bound)
      },
    ])
  }

  private static func adaptive(
    _ name: String, _ help: String, rate: Double, decay: Double,
    make: @escaping @Sendable (AdaptiveNumbers) -> Optimizer
  ) -> Kind<Optimizer> {
    let keys: [any KeyDescription] =
      [
        OptimizerKey.rate(rate), OptimizerKey.beta1, OptimizerKey.beta2, OptimizerKey.epsilon,
      ] + OptimizerKey.weights(decay: decay)
    return Kind(name, help, keys) { object throws(DescriptionError) in
      make(
        AdaptiveNumbers(
          rate: try object.read(OptimizerKey.rate(rate)),
          beta1: try object.read(OptimizerKey.beta1), beta2: try object.read(OptimizerKey.beta2),
          epsilon: try object.read(OptimizerKey.epsilon),
          decay: try object.read(OptimizerKey.decay(decay)),
          bound: try object.optional(OptimizerKey.bound)))
    }
  }
}

/// The numbers of Adam and its kin.
private struct AdaptiveNumbers {
  let rate: Float
  let beta1: Float
  let beta2: Float
  let epsilon: Float
  let decay: Float
  let bound: Float?
}

/// Keys of optimizers.
private enum OptimizerKey {
  static func rate(_ standard: Double) -> Key<Float> {
    Key(
      "learning_rate", .float(NumberBounds(from: 0, to: 1e30)), "Step size.",
      absence: .means(.number(standard)))
  }
  static func decay(_ standard: Double) -> Key<Float> {
    Key(
      "weight_decay", .float(.notNegative), "Decay of the weights.",
      absence: .means(.number(standard)))
  }
  static func weights(decay standard: Double) -> [any KeyDescription] { [decay(standard), bound] }

  static let bound = Key(
    "weight_bound", Format<Float>.float(.positive), "Weights stay within plus and minus this.")
  static let momentum = Key(
    "momentum", Format<Float>.float(NumberBounds(from: 0, below: 1)),
    "Decay of the gradients' sum.", absence: .means(0))
  static let nesterov = Key(
    "nesterov", .flag, "Whether the step looks ahead by the momentum.", absence: .means(false))
  static let beta1 = Key(
    "beta1", Format<Float>.float(NumberBounds(from: 0, below: 1)),
    "Decay of the gradient's mean.", absence: .means(0.9))
  static let beta2 = Key(
    "beta2", Format<Float>.float(NumberBounds(from: 0, below: 1)),
    "Decay of the squared gradient's mean.", absence: .means(0.999))
  static let epsilon = Key(
    "epsilon", Format<Float>.float(.positive), "Keeps the step finite.", absence: .means(1e-8))
}

extension Format where Value == Clipping {
  /// What is done to large gradients.
  static var clipping: Format {
    let limit = Key("limit", Format<Float>.float(.positive), "The limit.", absence: .refused)
    return .kinds([
      Kind("none", "Nothing.") { _ in .none },
      Kind("norm", "The norm of all gradients together stays within the limit.", [limit]) {
        object throws(DescriptionError) in .byNorm(try object.read(limit))
      },
      Kind("value", "Each number stays within plus and minus the limit.", [limit]) {
        object throws(DescriptionError) in .byValue(try object.read(limit))
      },
    ])
  }
}
