import Spindle

/// The losses of the format.
public enum CaseLoss: String, Sendable, CaseIterable {
  /// Of the mean over the batch.
  case meanRateMSE = "mean_rate_mse"
  /// Logits: the spike counts.
  case rateCrossEntropy = "rate_cross_entropy"
  /// Logits: the maximum of the membrane.
  case maxMembraneCrossEntropy = "max_membrane_cross_entropy"
  /// Logits: the mean of the membrane.
  case meanMembraneCrossEntropy = "mean_membrane_cross_entropy"
  /// Of the membrane at every step.
  case membraneMSE = "membrane_mse"

  /// As the C engine names it.
  public var engine: Loss {
    switch self {
    case .meanRateMSE: .meanRateMSE
    case .rateCrossEntropy: .rateCrossEntropy
    case .maxMembraneCrossEntropy: .maxMembraneCrossEntropy
    case .meanMembraneCrossEntropy: .meanMembraneCrossEntropy
    case .membraneMSE: .membraneMSE
    }
  }

  /// Whether the loss is of the spikes, else of the membranes.
  var readsSpikes: Bool { engine.readsSpikes }

  /// Whether the target has a class for each sample.
  var hasClasses: Bool { engine.wantsClasses }
}
