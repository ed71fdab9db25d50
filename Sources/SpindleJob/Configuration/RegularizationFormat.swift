import Spindle
import SpindleJSON

extension Format where Value == RatePenalty {
  /// A penalty of firing rates.
  static var penalty: Format {
    .kinds([
      kind("rate_l1", "The mean rate: drives rates down.", isBounded: false) {
        .l1(strength: $1, layer: $2)
      },
      kind("rate_l2", "The mean squared rate: drives high rates down.", isBounded: false) {
        .l2(strength: $1, layer: $2)
      },
      kind(
        "rate_lower_bound", "The squared lack of each neuron that fires less than the bound.",
        isBounded: true
      ) { .lowerBound($0, strength: $1, layer: $2) },
      kind(
        "rate_upper_bound", "The squared excess of each neuron that fires more than the bound.",
        isBounded: true
      ) { .upperBound($0, strength: $1, layer: $2) },
    ])
  }

  private static func kind(
    _ name: String, _ help: String, isBounded: Bool,
    _ make: @escaping @Sendable (_ bound: Float, _ strength: Float, _ layer: Int?) -> RatePenalty
  ) -> Kind<RatePenalty> {
    let keys: [any KeyDescription] = [PenaltyKey.strength, PenaltyKey.layer]
    return Kind(name, help, isBounded ? [PenaltyKey.bound] + keys : keys) {
      object throws(DescriptionError) in
      make(
        isBounded ? try object.read(PenaltyKey.bound) : 0, try object.read(PenaltyKey.strength),
        try object.optional(PenaltyKey.layer))
    }
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
