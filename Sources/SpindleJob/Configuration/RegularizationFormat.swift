import Spindle
import SpindleJSON

extension Format where Value == RatePenalty {
  /// A penalty of firing rates.
  static var penalty: Format {
    .kinds([
      KindRow("rate_l1", "The mean rate: drives rates down.", PenaltyKeys(), PenaltyKeys.rows) {
        .l1(strength: $0.strength, layer: $0.layer)
      },
      KindRow(
        "rate_l2", "The mean squared rate: drives high rates down.", PenaltyKeys(),
        PenaltyKeys.rows
      ) { .l2(strength: $0.strength, layer: $0.layer) },
      KindRow(
        "rate_lower_bound", "The squared lack of each neuron that fires less than the bound.",
        PenaltyKeys(), [PenaltyKeys.bound] + PenaltyKeys.rows
      ) { .lowerBound($0.bound, strength: $0.strength, layer: $0.layer) },
      KindRow(
        "rate_upper_bound", "The squared excess of each neuron that fires more than the bound.",
        PenaltyKeys(), [PenaltyKeys.bound] + PenaltyKeys.rows
      ) { .upperBound($0.bound, strength: $0.strength, layer: $0.layer) },
    ])
  }
}

/// Keys of penalties.
private struct PenaltyKeys {
  var bound: Float = 0
  var strength: Float = 0
  var layer: Int?

  static let bound = KeyRow<PenaltyKeys>(
    "bound", .float(.fraction), "A rate: the fraction of steps with a spike.", at: \.bound,
    absence: .refused)
  static let rows: [KeyRow<PenaltyKeys>] = [
    .init(
      "strength", .float(.notNegative), "How much it counts beside the loss.", at: \.strength,
      absence: .refused),
    .init(
      "layer", .integer(0...1 << 20),
      "Which entry of network.layers, counted from 0; without it each that fires.", at: \.layer),
  ]
}
