import Spindle
import SpindleJSON

/// What training makes small, and how much each class counts in it.
struct LossConfiguration: Sendable {
  var loss = Loss.meanRateMSE
  /// nil where all samples count the same.
  var classWeights: ClassWeights?

  static let format = Format.kinds(
    Loss.named.map(row) + [
      KindRow(
        "recall_cross_entropy",
        "Cross-entropy of the mean of the membranes from a step on as logits, for what must be "
          + "held in memory; the class is that of the last steps alone; classes.", LossKeys(),
        [
          .init(
            "first_step", .countOrNone, "The first step that the loss reads.", at: \.firstStep,
            absence: .refused),
          .init(
            "answer_steps", .count, "The last steps, in which the answer is due.",
            at: \.answerSteps, absence: .refused), LossKeys.classWeights,
        ]
      ) {
        LossConfiguration(
          loss: .recallCrossEntropy(firstStep: $0.firstStep, answerSteps: $0.answerSteps),
          classWeights: $0.classWeights)
      },
      KindRow(
        "van_rossum",
        "Squared distance of filtered spikes from those of the target (van Rossum 2001); target "
          + "[count, T, N].", LossKeys(),
        [
          .init(
            "tau", .float(.positive), "Time constant of the filter, in seconds.", at: \.tau,
            absence: .refused)
        ]
      ) { LossConfiguration(loss: .vanRossum(tau: $0.tau)) },
    ])

  /// A loss without numbers of its own.
  @Sendable private static func row(_ loss: Loss) -> KindRow<LossConfiguration> {
    KindRow(
      loss.name, loss.help, LossKeys(), loss.wantsClasses ? [LossKeys.classWeights] : []
    ) { LossConfiguration(loss: loss, classWeights: $0.classWeights) }
  }
}

/// The keys of losses.
private struct LossKeys: Sendable {
  var firstStep = 0
  var answerSteps = 1
  var tau: Float = 0
  var classWeights: ClassWeights?

  static let classWeights = KeyRow<LossKeys>(
    reading: "class_weights", weights.map { $0 },
    "Factors by which samples count, by their class: \"balanced\" for such as let every class of "
      + "the training samples count the same, or a list of one for each class. The loss is the mean "
      + "over samples of the factor times the cross-entropy.", at: \.classWeights)

  private enum Rule: String, CaseIterable, Sendable { case balanced }

  private static let weights = Format<ClassWeights>.either(
    Format<[Float]>.list(of: .float(.notNegative), atLeast: 1),
    where: { if case .array = $0 { true } else { false } }, as: { .factors($0) },
    or: Format<Rule>.choice.map { _ in .balanced })
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
