import Spindle
import SpindleJSON

extension Format where Value == Initializer {
  /// How weights begin: a number alone for all the same, or an object of a kind.
  static var initializer: Format {
    .either(
      Format<Float>.float(.any),
      where: { if case .number = $0 { true } else { false } },
      as: { .constant($0) }, or: .kinds(initializerKinds))
  }

  private static var initializerKinds: [Kind<Initializer>] {
    [
      Kind("constant", "All the same.", [InitializerKey.value]) {
        object throws(DescriptionError) in .constant(try object.read(InitializerKey.value))
      },
      Kind("uniform", "Uniform over [low, high).", [InitializerKey.low, InitializerKey.high]) {
        object throws(DescriptionError) in
        let low = try object.read(InitializerKey.low)
        let high = try object.read(InitializerKey.high)
        guard low < high else {
          throw try object.value("high").refused(expected: "a number above low (\(low))")
        }
        return .uniform(low: low, high: high)
      },
      Kind(
        "normal", "Normal.", [InitializerKey.mean, InitializerKey.deviation]
      ) { object throws(DescriptionError) in
        .normal(
          mean: try object.read(InitializerKey.mean),
          standardDeviation: try object.read(InitializerKey.deviation))
      },
      gained("kaiming_uniform", "Uniform over plus and minus gain sqrt(3 / rows) (He et al. 2015).")
      { .kaimingUniform(gain: $0) },
      gained("kaiming_normal", "Normal of deviation gain / sqrt(rows) (He et al. 2015).") {
        .kaimingNormal(gain: $0)
      },
      gained(
        "glorot_uniform",
        "Uniform over plus and minus gain sqrt(6 / (rows + columns)) (Glorot and Bengio 2010)."
      ) { .glorotUniform(gain: $0) },
      gained(
        "glorot_normal",
        "Normal of deviation gain sqrt(2 / (rows + columns)) (Glorot and Bengio 2010)."
      ) { .glorotNormal(gain: $0) },
      Kind(
        "fluctuation_driven",
        "Normal, so that the membranes of spiking neurons fluctuate below their threshold and every "
          + "layer of a deep network starts with a healthy rate (Rossbroich et al. 2022).",
        [
          InitializerKey.membraneMean, InitializerKey.xi, InitializerKey.rate,
          InitializerKey.inputFraction,
        ]
      ) { object throws(DescriptionError) in
        .fluctuationDriven(
          mean: try object.read(InitializerKey.membraneMean),
          xi: try object.read(InitializerKey.xi), rate: try object.read(InitializerKey.rate),
          inputFraction: try object.read(InitializerKey.inputFraction))
      },
    ]
  }

  private static func gained(
    _ name: String, _ help: String, _ make: @escaping @Sendable (Float) -> Initializer
  ) -> Kind<Initializer> {
    Kind(name, help, [InitializerKey.gain]) { object throws(DescriptionError) in
      make(try object.read(InitializerKey.gain))
    }
  }
}

/// Keys of initialisers.
private enum InitializerKey {
  static let value = Key("value", Format<Float>.float(.any), "The weight.", absence: .refused)
  static let low = Key("low", Format<Float>.float(.any), "The least weight.", absence: .refused)
  static let high = Key(
    "high", Format<Float>.float(.any), "The bound above all weights.", absence: .refused)
  static let mean = Key("mean", Format<Float>.float(.any), "The mean.", absence: .means(0))
  static let deviation = Key(
    "standard_deviation", Format<Float>.float(.notNegative), "The standard deviation.",
    absence: .refused)
  static let membraneMean = Key(
    "mean", Format<Float>.float(.any), "The membrane's mean, below the threshold.",
    absence: .means(0))
  static let xi = Key(
    "xi", Format<Float>.float(.positive),
    "(threshold - mean) / standard deviation of the membrane; the larger, the lower the rate.",
    absence: .means(1))
  static let rate = Key(
    "rate", Format<Float>.float(.positive), "Expected rate of each input, in hertz.",
    absence: .refused)
  static let inputFraction = Key(
    "input_fraction", Format<Float>.float(NumberBounds(above: 0, below: 1)),
    "The input's part of the variance in a layer of topology RC.", absence: .means(0.9))
  static let gain = Key(
    "gain", Format<Float>.float(.positive), "Times the usual spread.", absence: .means(1))
}
