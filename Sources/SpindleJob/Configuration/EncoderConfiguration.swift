import Spindle
import SpindleJSON

/// How numbers become spikes or currents.
public struct EncoderConfiguration: Sendable {
  let encoder: any InputEncoder
  /// Whether each epoch draws anew.
  let isRandom: Bool
}

extension Format where Value == EncoderConfiguration {
  /// One encoder, or a list of several, one after the other.
  static var encoder: Format {
    let list = Format<[EncoderConfiguration]>.list(of: single, atLeast: 1)
    return .either(
      list, where: { if case .array = $0 { true } else { false } },
      as: { $0.dropFirst().reduce($0[0], chain) }, or: single)
  }

  @Sendable private static func chain(
    _ first: EncoderConfiguration, _ second: EncoderConfiguration
  ) -> EncoderConfiguration {
    EncoderConfiguration(
      encoder: first.encoder.then(second.encoder), isRandom: first.isRandom || second.isRandom)
  }

  private static var single: Format {
    .kinds([
      kind(
        "rate", "In each step a spike with the probability of the value, from 0 to 1.",
        isRandom: true,
        RateEncoder(),
        [
          repeats(\.repeats),
          .init(
            "maximum_probability", .float(.fraction), "The probability of a value of 1.",
            at: \.maximumProbability),
        ]
      ) { $0 },
      kind(
        "latency", "One spike for each unit of a static vector, the earlier the larger the value.",
        LatencyKeys(threshold: 0),
        [
          LatencyKeys.steps,
          .init("threshold", .float(.fraction), "Values below do not fire.", at: \.threshold),
        ]
      ) { LatencyEncoder(steps: $0.steps, code: .linear(threshold: $0.threshold)) },
      kind(
        "logarithmic_latency",
        "One spike for each unit, when a leaky integrator driven towards the value reaches the "
          + "threshold.", LatencyKeys(threshold: 0.01),
        [
          LatencyKeys.steps,
          .init(
            "tau", .float(.positive), "The integrator's time constant, in steps.", at: \.tau),
          .init("threshold", .float(.positive), "The integrator's threshold.", at: \.threshold),
        ]
      ) {
        LatencyEncoder(
          steps: $0.steps, code: .logarithmic(tau: $0.tau, threshold: $0.threshold))
      },
      kind(
        "delta", "Spikes where a signal rises or falls by a threshold.",
        DeltaEncoder(threshold: 1), delta
      ) { $0 },
      KindRow(
        "population",
        "Each unit becomes several, which respond to parts of its range; for another encoder.",
        PopulationKeys.table, make: population),
      kind(
        "current", "Currents: each value times a gain, held for some steps.", CurrentEncoder(),
        [
          repeats(\.repeats),
          .init("gain", .float(.any), "Current of a value of 1.", at: \.gain),
        ]
      ) { $0 },
    ])
  }

  private static func kind<Keys>(
    _ name: String, _ help: String, isRandom: Bool = false, _ blank: Keys, _ rows: [KeyRow<Keys>],
    make: @escaping @Sendable (Keys) -> any InputEncoder
  ) -> KindRow<EncoderConfiguration> {
    KindRow(name, help, blank, rows) {
      EncoderConfiguration(encoder: make($0), isRandom: isRandom)
    }
  }

  private static func repeats<Keys>(
    _ path: any WritableKeyPath<Keys, Int> & Sendable
  ) -> KeyRow<Keys> {
    .init(
      "repeats", .count, "Steps for each step of the sample; of a static vector, all.", at: path)
  }

  private static let delta: [KeyRow<DeltaEncoder>] = [
    .init(
      "threshold", .float(.positive), "How far the value must move for a spike.", at: \.threshold,
      absence: .refused),
    .init(
      "reference", .choice,
      "What the value is compared with: a level that follows it, or the value one step before.",
      at: \.reference),
    .init("off_units", .flag, "Whether falls have units of their own.", at: \.hasOffUnits),
  ]

  @Sendable private static func population(
    _ keys: PopulationKeys, _ object: DescriptionObject
  ) throws(DescriptionError) -> EncoderConfiguration {
    guard keys.low < keys.high else {
      throw object.refused(
        expected: "\"high\" above \"low\"", found: "\(keys.low) and \(keys.high)")
    }
    return EncoderConfiguration(
      encoder: PopulationEncoder(
        fields: keys.fields, range: keys.low...keys.high, beta: keys.beta), isRandom: false)
  }
}

extension DeltaEncoder.Reference: JSONWritable {}

/// Keys of both latency codes.
private struct LatencyKeys {
  var steps = 1
  var tau: Float = 1
  var threshold: Float

  static let steps = KeyRow<LatencyKeys>("steps", .count, "T.", at: \.steps, absence: .refused)
}

/// Keys of receptive fields.
private struct PopulationKeys {
  var fields = 3
  var low: Float = 0
  var high: Float = 1
  var beta: Float = 1.5

  static let table = KeyTable(
    PopulationKeys(),
    [
      .init(
        "fields", .integer(3...1 << 20), "Units for each unit.", at: \.fields, absence: .refused),
      .init("low", .float(.any), "The low end of the range.", at: \.low),
      .init("high", .float(.any), "The high end of the range.", at: \.high),
      .init("beta", .float(.positive), "How narrow the fields are.", at: \.beta),
    ])
}
