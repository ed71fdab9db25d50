/// A sign that training goes wrong, told once for each layer in a run.
public struct TrainingWarning: Sendable, Equatable {
  /// What is wrong. "The data" are the epoch's validation data, or where it was not validated its
  /// last full training batch, of which the gradients are too, before clipping.
  public enum Kind: String, Sendable, CaseIterable {
    /// No neuron of the layer fired once in the data.
    case nothingFires = "nothing_fires"
    /// More than half of the layer's neurons never fired in the data; the value is their fraction.
    case manyDead = "many_dead"
    /// Every neuron of the layer fired in more than 90 % of the steps.
    case everythingFires = "everything_fires"
    /// More than half of the layer's neurons did; the value is their fraction.
    case manySaturated = "many_saturated"
    /// The gradient of the layer's weights is zero, or its norm relative to that of the weights,
    /// which is the value, less than a millionth of another layer's.
    case gradientVanishes = "gradient_vanishes"
    /// The norm of the gradient is more than 1000 times that of the weights, so that plain gradient
    /// descent would replace them within one step at a learning rate of 0.001; the value is the ratio.
    case gradientExplodes = "gradient_explodes"
  }

  /// What is wrong.
  public var kind: Kind
  /// The layer, counted from 0.
  public var layer: Int
  /// The epoch after which it was seen, counted from 1.
  public var epoch: Int
  /// The figure that the kind names; a rate of firing where it names none.
  public var value: Double
}

extension TrainingWarning: CustomStringConvertible {
  /// A sentence in plain words, and what may help.
  public var description: String {
    "epoch \(epoch), network.layers[\(layer)]: " + words
  }

  private var words: String {
    switch kind {
    case .nothingFires:
      "not one neuron fires, so nothing reaches the layers above; "
        + "stronger initial weights or a lower threshold may help"
    case .manyDead:
      "\(percent) of the neurons never fire; "
        + "stronger initial weights, a lower threshold or a lower bound on the rate may help"
    case .everythingFires:
      "every neuron fires almost always, so spikes tell nothing; "
        + "weaker initial weights or a higher threshold may help"
    case .manySaturated:
      "\(percent) of the neurons fire in more than 90 % of the steps; "
        + "weaker initial weights, a higher threshold or an upper bound on the rate may help"
    case .gradientVanishes:
      value == 0
        ? "the weights' gradient is zero, so they learn nothing; "
          + "a smaller slope of the surrogate may help"
        : "the weights' gradient is less than a millionth of another layer's; "
          + "a smaller slope of the surrogate or other initial weights may help"
    case .gradientExplodes:
      "the weights' gradient is \(times) times as large as the weights; "
        + "clipping by norm, a larger slope of the surrogate or a smaller learning rate may help"
    }
  }

  // A file may hold any number.

  private var percent: String {
    Int(exactly: (value * 100).rounded()).map { "\($0) %" } ?? "\(value)"
  }

  private var times: String {
    Int(exactly: value.rounded(.down)).map(String.init) ?? "\(value)"
  }
}
