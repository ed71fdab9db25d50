import Spindle
import SpindleJSON

extension Format where Value == Loss {
  /// What training makes small.
  static var loss: Format {
    .kinds(
      Loss.named.map { loss in KindRow(loss.name, loss.help, 0, []) { (_: Int) in loss } } + [
        KindRow(
          "recall_cross_entropy",
          "Cross-entropy of the mean of the membranes from a step on as logits, for what must be "
            + "held in memory; the class is that of the last steps alone; classes.", [0, 0],
          [
            .init(
              "first_step", .countOrNone, "The first step that the loss reads.", at: \.[0],
              absence: .refused),
            .init(
              "answer_steps", .count, "The last steps, in which the answer is due.", at: \.[1],
              absence: .refused),
          ]
        ) { .recallCrossEntropy(firstStep: $0[0], answerSteps: $0[1]) },
        KindRow(
          "van_rossum",
          "Squared distance of filtered spikes from those of the target (van Rossum 2001); target "
            + "[count, T, N].", 0,
          [
            .init(
              "tau", .float(.positive), "Time constant of the filter, in seconds.", at: \.self,
              absence: .refused)
          ]
        ) { .vanRossum(tau: $0) },
      ])
  }
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
