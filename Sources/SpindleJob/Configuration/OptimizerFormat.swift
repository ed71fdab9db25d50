import Spindle
import SpindleJSON

extension Format where Value == Optimizer {
  /// How parameters follow their gradients.
  static var optimizer: Format {
    .kinds([
      KindRow(
        "sgd", "Gradient descent.", KeyTable(.sgd(), [rate] + momentum + weights), make: checked),
      kind("adam", "Adam (Kingma and Ba 2015).", .adam()),
      kind("adamw", "Adam with decoupled weight decay (Loshchilov and Hutter 2019).", .adamW()),
      kind("adamax", "Adam by the infinity norm (Kingma and Ba 2015).", .adamax()),
    ])
  }

  /// Adam and its kin.
  private static func kind(_ name: String, _ help: String, _ blank: Optimizer) -> KindRow<Optimizer>
  {
    KindRow(name, help, blank, [rate] + moments + weights) { $0 }
  }

  @Sendable private static func checked(
    _ optimizer: Optimizer, _ object: DescriptionObject
  ) throws(DescriptionError) -> Optimizer {
    guard !optimizer.nesterov || optimizer.momentum > 0 else {
      throw try object.value("nesterov").refused(
        expected: "false where \"momentum\" is 0", found: "true")
    }
    return optimizer
  }

  private static let decayBounds = NumberBounds(from: 0, below: 1)

  private static let rate = KeyRow<Optimizer>(
    "learning_rate", .float(NumberBounds(from: 0, to: 1e30)), "Step size.", at: \.learningRate)
  private static let momentum: [KeyRow<Optimizer>] = [
    .init("momentum", .float(decayBounds), "Decay of the gradients' sum.", at: \.momentum),
    .init("nesterov", .flag, "Whether the step looks ahead by the momentum.", at: \.nesterov),
  ]
  private static let moments: [KeyRow<Optimizer>] = [
    .init("beta1", .float(decayBounds), "Decay of the gradient's mean.", at: \.beta1),
    .init("beta2", .float(decayBounds), "Decay of the squared gradient's mean.", at: \.beta2),
    .init("epsilon", .float(.positive), "Keeps the step finite.", at: \.epsilon),
  ]
  private static let weights: [KeyRow<Optimizer>] = [
    .init("weight_decay", .float(.notNegative), "Decay of the weights.", at: \.weightDecay),
    .init(
      "weight_bound", .float(.positive), "Weights stay within plus and minus this.",
      at: \.weightBound),
  ]
}

extension Format where Value == Clipping {
  /// What is done to large gradients.
  static var clipping: Format {
    let limit = KeyRow<Float>(
      "limit", .float(.positive), "The limit.", at: \.self, absence: .refused)
    return .kinds([
      KindRow("none", "Nothing.", 0, []) { (_: Float) in .none },
      KindRow("norm", "The norm of all gradients together stays within the limit.", 0, [limit]) {
        .byNorm($0)
      },
      KindRow("value", "Each number stays within plus and minus the limit.", 0, [limit]) {
        .byValue($0)
      },
    ])
  }
}
