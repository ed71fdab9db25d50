import Safetensors
import Spindle
import SpindleDescription

extension Format where Value == RatePenalty {
  /// A penalty of firing rates.
  static var penalty: Format {
    .kinds([
      Kind("rate_l1", "The mean rate: drives rates down.", [PenaltyKey.strength, PenaltyKey.layer])
      { object throws(DescriptionError) in
        .l1(
          strength: try object.read(PenaltyKey.strength),
          layer: try object.optional(PenaltyKey.layer))
      },
      Kind(
        "rate_l2", "The mean squared rate: drives high rates down.",
        [PenaltyKey.strength, PenaltyKey.layer]
      ) { object throws(DescriptionError) in
        .l2(
          strength: try object.read(PenaltyKey.strength),
          layer: try object.optional(PenaltyKey.layer))
      },
      Kind(
        "rate_lower_bound", "The squared lack of each neuron that fires less than the bound.",
        [PenaltyKey.bound, PenaltyKey.strength, PenaltyKey.layer]
      ) { object throws(DescriptionError) in
        .lowerBound(
          try object.read(PenaltyKey.bound), strength: try object.read(PenaltyKey.strength),
          layer: try object.optional(PenaltyKey.layer))
      },
      Kind(
        "rate_upper_bound", "The squared excess of each neuron that fires more than the bound.",
        [PenaltyKey.bound, PenaltyKey.strength, PenaltyKey.layer]
      ) { object throws(DescriptionError) in
        .upperBound(
          try object.read(PenaltyKey.bound), strength: try object.read(PenaltyKey.strength),
          layer: try object.optional(PenaltyKey.layer))
      },
    ])
  }
}

/// Keys of penalties.
private enum PenaltyKey {
  static let strength = Key(
    "strength", Format<Float>.float(.notNegative), "How much it counts beside the loss.",
    absence: .refused)
  static let bound = Key(
    "bound", Format<Float>.float(.fraction), "A rate: the fraction of steps with a spike.",
    absence: .refused)
  static let layer = Key(
    "layer", Format<Int>.integer(0...1 << 20),
    "Which entry of network.layers, counted from 0; without it each that fires.")
}
