import Spindle
import SpindleJSON

extension Format where Value == Loss {
  /// What training makes small.
  static var loss: Format {
    .kinds(
      Loss.named.map { loss in Kind(loss.name, loss.help) { _ in loss } } + [
        Kind(
          "recall_cross_entropy",
          "Cross-entropy of the mean of the membranes from a step on as logits, for what must be "
            + "held in memory; the class is that of the last steps alone; classes.",
          [LossKey.firstStep, LossKey.answerSteps]
        ) { object throws(DescriptionError) in
          .recallCrossEntropy(
            firstStep: try object.read(LossKey.firstStep),
            answerSteps: try object.read(LossKey.answerSteps))
        },
        Kind(
          "van_rossum",
          "Squared distance of filtered spikes from those of the target (van Rossum 2001); target "
            + "[count, T, N].", [LossKey.tau]
        ) { object throws(DescriptionError) in
          .vanRossum(tau: try object.read(LossKey.tau))
        },
      ])
  }
}

/// Keys of losses.
private enum LossKey {
  static let tau = Key(
    "tau", Format<Float>.float(.positive), "Time constant of the filter, in seconds.",
    absence: .refused)
  static let firstStep = Key(
    "first_step", Format<Int>.countOrNone, "The first step that the loss reads.",
    absence: .refused)
  static let answerSteps = Key(
    "answer_steps", Format<Int>.count, "The last steps, in which the answer is due.",
    absence: .refused)
}

extension Loss {
  /// What the schema says of it.
  fileprivate var help: String {
    switch self {
    case .meanRateMSE:
      "Mean over (t, n) of (mean over the batch of the spikes - target)^2; target [T, N]."
    case .rateCrossEntropy: "Cross-entropy of the spike counts over time as logits; classes."
    case .maxMembraneCrossEntropy:
      "Cross-entropy of the maximum over time of the membranes as logits; classes."
    case .meanMembraneCrossEntropy:
      "Cross-entropy of the mean over time of the membranes as logits; classes."
    case .membraneMSE: "Mean over (b, t, n) of (membrane - target)^2; target [count, T, N]."
    case .spikeCountMSE: "Mean over (b, n) of (spikes over time - target)^2; target [count, N]."
    case .firingRateMSE:
      "Mean over (b, n) of (mean over time of the spikes - target)^2; target [count, N] or [N]."
    case .recallCrossEntropy, .vanRossum, .custom: ""
    }
  }

  /// Targets of this loss from the numbers of a file.
  func targets(_ tensor: Tensor) -> Targets {
    switch self {
    case .meanRateMSE: .shared(tensor)
    case .firingRateMSE where tensor.shape.count == 1: .shared(tensor)
    default: .values(tensor)
    }
  }
}
