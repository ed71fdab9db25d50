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
    kind(
      "constant", "All the same.", [0],
      [.init("value", .number(.any), "The weight.", at: \.[0], absence: .refused)],
      take: { if case .constant(let value) = $0 { [value] } else { nil } },
      make: { .constant($0[0]) }),
    kind(
      "uniform", "Uniform over [low, high).", [0, 1],
      [
        .init("low", .number(.any), "The least weight.", at: \.[0], absence: .refused),
        .init(
          "high", .number(.any), "The bound above all weights.", at: \.[1], absence: .refused),
      ], take: { if case .uniform(let low, let high) = $0 { [low, high] } else { nil } },
      make: { .uniform(low: $0[0], high: $0[1]) }),
    kind(
      "normal", "Normal.", [0, 1],
      [
        .init("mean", .number(.any), "The mean.", at: \.[0]),
        .init(
          "standard_deviation", .number(.notNegative), "The standard deviation.", at: \.[1],
          absence: .refused),
      ],
      take: { if case .normal(let mean, let deviation) = $0 { [mean, deviation] } else { nil } },
      make: { .normal(mean: $0[0], standardDeviation: $0[1]) }),
    gained(
      "kaiming_uniform", "Uniform over plus and minus gain sqrt(3 / rows) (He et al. 2015).",
      make: { .kaimingUniform(gain: $0) },
      take: { if case .kaimingUniform(let gain) = $0 { gain } else { nil } }),
    gained(
      "kaiming_normal", "Normal of deviation gain / sqrt(rows) (He et al. 2015).",
      make: { .kaimingNormal(gain: $0) },
      take: { if case .kaimingNormal(let gain) = $0 { gain } else { nil } }),
    gained(
      "glorot_uniform",
      "Uniform over plus and minus gain sqrt(6 / (rows + columns)) (Glorot and Bengio 2010).",
      make: { .glorotUniform(gain: $0) },
      take: { if case .glorotUniform(let gain) = $0 { gain } else { nil } }),
    gained(
      "glorot_normal",
      "Normal of deviation gain sqrt(2 / (rows + columns)) (Glorot and Bengio 2010).",
      make: { .glorotNormal(gain: $0) },
      take: { if case .glorotNormal(let gain) = $0 { gain } else { nil } }),
    fluctuationDrivenKind,
  ]

  private static let fluctuationDrivenKind = kind(
    "fluctuation_driven",
    "Normal, so that the membranes of spiking neurons fluctuate below their threshold and every "
      + "layer of a deep network starts with a healthy rate (Rossbroich et al. 2022).",
    [0, 1, 0, 0.9],
    [
      .init("mean", .number(.any), "The membrane's mean, below the threshold.", at: \.[0]),
      .init(
        "xi", .number(.positive),
        "(threshold - mean) / standard deviation of the membrane; the larger, the lower the rate.",
        at: \.[1]),
      .init(
        "rate", .number(.positive), "Expected rate of each input, in hertz.", at: \.[2],
        absence: .refused),
      .init(
        "input_fraction", .number(NumberBounds(above: 0, below: 1)),
        "The input's part of the variance in a layer of topology RC.", at: \.[3]),
    ],
    take: {
      guard case .fluctuationDriven(let mean, let xi, let rate, let part) = $0 else { return nil }
      return [mean, xi, rate, part]
    },
    make: { .fluctuationDriven(mean: $0[0], xi: $0[1], rate: $0[2], inputFraction: $0[3]) })

  private static func gained(
    _ name: String, _ help: String, make: @escaping @Sendable (Double) -> Initializer,
    take: @escaping @Sendable (Initializer) -> Double?
  ) -> KindRow<Initializer> {
    kind(
      name, help, [1], [.init("gain", .number(.positive), "Times the usual spread.", at: \.[0])],
      take: { take($0).map { [$0] } }, make: { make($0[0]) })
  }

  /// `standard` are the numbers of keys that are missing.
  private static func kind(
    _ name: String, _ help: String, _ standard: [Double], _ rows: [KeyRow<[Double]>],
    take: @escaping @Sendable (Initializer) -> [Double]?,
    make: @escaping @Sendable ([Double]) -> Initializer
  ) -> KindRow<Initializer> {
    KindRow(name, help, KeyTable(standard, rows), take: take) {
      numbers, object throws(DescriptionError) in
      let initializer = make(numbers)
      if case .uniform(let low, let high) = initializer, !(low < high) {
        throw try object.value("high").refused(expected: "a number above low (\(low))")
      }
      return initializer
    }
  }
}
