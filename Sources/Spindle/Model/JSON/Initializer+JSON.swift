import SpindleJSON

extension Initializer: JSONWritable {
  /// An object with its kind.
  public var json: JSONValue { Self.kinds.json(of: self) }
}

extension Format where Value == Initializer {
  /// How weights begin: a number alone for all the same, or an object of a kind.
  static var initializer: Format {
    .either(
      .number(.any), where: { if case .number = $0 { true } else { false } },
      as: { .constant($0) }, or: .kinds(Initializer.kinds))
  }
}

extension Format where Value == Initializer? {
  /// How a bias begins: false for none, true for 0, or an initialiser.
  static var bias: Format {
    .either(
      .flag, where: { if case .bool = $0 { true } else { false } },
      as: { $0 ? .constant(0) : nil }, or: Format<Initializer>.initializer.map { $0 })
  }
}

extension Initializer {
  /// The kinds, whose keys are all numbers.
  fileprivate static let kinds: [KindRow<Initializer>] = [
    kind("constant", "All the same.", [.refused("value", .any, "The weight.")]) {
      if case .constant(let value) = $0 { [value] } else { nil }
    } make: {
      .constant($0[0])
    },
    kind(
      "uniform", "Uniform over [low, high).",
      [
        .refused("low", .any, "The least weight."),
        .refused("high", .any, "The bound above all weights."),
      ]
    ) {
      if case .uniform(let low, let high) = $0 { [low, high] } else { nil }
    } make: {
      .uniform(low: $0[0], high: $0[1])
    },
    kind(
      "normal", "Normal.",
      [
        .means(0, "mean", .any, "The mean."),
        .refused("standard_deviation", .notNegative, "The standard deviation."),
      ]
    ) {
      if case .normal(let mean, let deviation) = $0 { [mean, deviation] } else { nil }
    } make: {
      .normal(mean: $0[0], standardDeviation: $0[1])
    },
    kind(
      "kaiming_uniform", "Uniform over plus and minus gain sqrt(3 / rows) (He et al. 2015).",
      [.gain]
    ) {
      if case .kaimingUniform(let gain) = $0 { [gain] } else { nil }
    } make: {
      .kaimingUniform(gain: $0[0])
    },
    kind("kaiming_normal", "Normal of deviation gain / sqrt(rows) (He et al. 2015).", [.gain]) {
      if case .kaimingNormal(let gain) = $0 { [gain] } else { nil }
    } make: {
      .kaimingNormal(gain: $0[0])
    },
    kind(
      "glorot_uniform",
      "Uniform over plus and minus gain sqrt(6 / (rows + columns)) (Glorot and Bengio 2010).",
      [.gain]
    ) {
      if case .glorotUniform(let gain) = $0 { [gain] } else { nil }
    } make: {
      .glorotUniform(gain: $0[0])
    },
    kind(
      "glorot_normal",
      "Normal of deviation gain sqrt(2 / (rows + columns)) (Glorot and Bengio 2010).", [.gain]
    ) {
      if case .glorotNormal(let gain) = $0 { [gain] } else { nil }
    } make: {
      .glorotNormal(gain: $0[0])
    },
    fluctuationDrivenKind,
  ]

  private static let fluctuationDrivenKind = kind(
    "fluctuation_driven",
    "Normal, so that the membranes of spiking neurons fluctuate below their threshold and every "
      + "layer of a deep network starts with a healthy rate (Rossbroich et al. 2022).",
    [
      .means(0, "mean", .any, "The membrane's mean, below the threshold."),
      .means(
        1, "xi", .positive,
        "(threshold - mean) / standard deviation of the membrane; the larger, the lower the rate."),
      .refused("rate", .positive, "Expected rate of each input, in hertz."),
      .means(
        0.9, "input_fraction", NumberBounds(above: 0, below: 1),
        "The input's part of the variance in a layer of topology RC."),
    ]
  ) {
    guard case .fluctuationDriven(let mean, let xi, let rate, let fraction) = $0 else { return nil }
    return [mean, xi, rate, fraction]
  } make: {
    .fluctuationDriven(mean: $0[0], xi: $0[1], rate: $0[2], inputFraction: $0[3])
  }

  private static func kind(
    _ name: String, _ help: String, _ numbers: [Number],
    take: @escaping @Sendable (Initializer) -> [Double]?,
    make: @escaping @Sendable ([Double]) -> Initializer
  ) -> KindRow<Initializer> {
    let rows = numbers.enumerated().map { index, number in
      KeyRow(
        number.name, Format<Double>.number(number.bounds), number.help,
        at: \[Double].[index], absence: number.standard == nil ? .refused : .standard)
    }
    return KindRow(name, help, KeyTable(numbers.map { $0.standard ?? 0 }, rows), take: take) {
      numbers, object throws(DescriptionError) in
      let initializer = make(numbers)
      if case .uniform(let low, let high) = initializer, !(low < high) {
        throw try object.value("high").refused(expected: "a number above low (\(low))")
      }
      return initializer
    }
  }
}

/// A number that an initialiser needs.
private struct Number {
  let name: String
  let bounds: NumberBounds
  let help: String
  /// What its absence means; nil where it must be there.
  let standard: Double?

  static func refused(_ name: String, _ bounds: NumberBounds, _ help: String) -> Number {
    Number(name: name, bounds: bounds, help: help, standard: nil)
  }
  static func means(
    _ standard: Double, _ name: String, _ bounds: NumberBounds, _ help: String
  ) -> Number {
    Number(name: name, bounds: bounds, help: help, standard: standard)
  }
  static let gain = means(1, "gain", .positive, "Times the usual spread.")
}
