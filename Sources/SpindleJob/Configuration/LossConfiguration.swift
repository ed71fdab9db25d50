import Safetensors
import Spindle
import SpindleDescription

/// What training makes small.
public struct LossConfiguration: Sendable {
  let loss: Loss
  /// Whether targets are classes, else numbers.
  let wantsClasses: Bool
  /// Whether it is of the spikes, else of the membranes.
  let readsSpikes: Bool
}

extension Format where Value == LossConfiguration {
  /// What training makes small.
  static var loss: Format {
    .kinds([
      plain(
        .meanRateMSE, classes: false, spikes: true,
        "Mean over (t, n) of (mean over the batch of the spikes - target)^2; target [T, N]."),
      plain(
        .rateCrossEntropy, classes: true, spikes: true,
        "Cross-entropy of the spike counts over time as logits; classes."),
      plain(
        .maxMembraneCrossEntropy, classes: true,
        "Cross-entropy of the maximum over time of the membranes as logits; classes."),
      plain(
        .meanMembraneCrossEntropy, classes: true,
        "Cross-entropy of the mean over time of the membranes as logits; classes."),
      plain(
        .membraneMSE, classes: false,
        "Mean over (b, t, n) of (membrane - target)^2; target [count, T, N]."),
    ])
  }

  private static func plain(
    _ loss: Loss, classes: Bool, spikes: Bool = false, _ help: String
  ) -> Kind<LossConfiguration> {
    Kind(loss.name, help) { _ in
      LossConfiguration(loss: loss, wantsClasses: classes, readsSpikes: spikes)
    }
  }
}
