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
      Kind(
        "rate", "In each step a spike with the probability of the value, from 0 to 1.",
        [EncoderKey.repeats, EncoderKey.probability]
      ) { object throws(DescriptionError) in
        EncoderConfiguration(
          encoder: RateEncoder(
            repeats: try object.read(EncoderKey.repeats),
            maximumProbability: try object.read(EncoderKey.probability)), isRandom: true)
      },
      Kind(
        "latency", "One spike for each unit of a static vector, the earlier the larger the value.",
        [EncoderKey.steps, EncoderKey.latencyThreshold]
      ) { object throws(DescriptionError) in
        let threshold = try object.read(EncoderKey.latencyThreshold)
        return EncoderConfiguration(
          encoder: LatencyEncoder(
            steps: try object.read(EncoderKey.steps), code: .linear(threshold: threshold)),
          isRandom: false)
      },
      Kind(
        "logarithmic_latency",
        "One spike for each unit, when a leaky integrator driven towards the value reaches the "
          + "threshold.", [EncoderKey.steps, EncoderKey.tau, EncoderKey.logarithmicThreshold]
      ) { object throws(DescriptionError) in
        EncoderConfiguration(
          encoder: LatencyEncoder(
            steps: try object.read(EncoderKey.steps),
            code: .logarithmic(
              tau: try object.read(EncoderKey.tau),
              threshold: try object.read(EncoderKey.logarithmicThreshold))), isRandom: false)
      },
      Kind(
        "delta", "Spikes where a signal rises or falls by a threshold.",
        [EncoderKey.threshold, EncoderKey.reference, EncoderKey.offUnits]
      ) { object throws(DescriptionError) in
        EncoderConfiguration(
          encoder: DeltaEncoder(
            threshold: try object.read(EncoderKey.threshold),
            reference: try object.read(EncoderKey.reference),
            hasOffUnits: try object.read(EncoderKey.offUnits)), isRandom: false)
      },
      Kind(
        "population",
        "Each unit becomes several, which respond to parts of its range; for another encoder.",
        [EncoderKey.fields, EncoderKey.low, EncoderKey.high, EncoderKey.beta],
        build: readPopulation),
      Kind(
        "current", "Currents: each value times a gain, held for some steps.",
        [EncoderKey.repeats, EncoderKey.gain]
      ) { object throws(DescriptionError) in
        EncoderConfiguration(
          encoder: CurrentEncoder(
            repeats: try object.read(EncoderKey.repeats), gain: try object.read(EncoderKey.gain)),
          isRandom: false)
      },
    ])
  }

  @Sendable private static func readPopulation(
    _ object: DescriptionObject
  ) throws(DescriptionError) -> EncoderConfiguration {
    let low = try object.read(EncoderKey.low)
    let high = try object.read(EncoderKey.high)
    guard low < high else {
      throw object.refused(expected: "\"high\" above \"low\"", found: "\(low) and \(high)")
    }
    return EncoderConfiguration(
      encoder: PopulationEncoder(
        fields: try object.read(EncoderKey.fields), range: low...high,
        beta: try object.read(EncoderKey.beta)), isRandom: false)
  }
}

/// Keys of encoders.
private enum EncoderKey {
  static let repeats = Key(
    "repeats", Format<Int>.count, "Steps for each step of the sample; of a static vector, all.",
    absence: .means(1))
  static let probability = Key(
    "maximum_probability", Format<Float>.float(.fraction), "The probability of a value of 1.",
    absence: .means(1))
  static let steps = Key("steps", Format<Int>.count, "T.", absence: .refused)
  static let latencyThreshold = Key(
    "threshold", Format<Float>.float(.fraction), "Values below do not fire.", absence: .means(0))
  static let logarithmicThreshold = Key(
    "threshold", Format<Float>.float(.positive), "The integrator's threshold.",
    absence: .means(0.01))
  static let tau = Key(
    "tau", Format<Float>.float(.positive), "The integrator's time constant, in steps.",
    absence: .means(1))
  static let threshold = Key(
    "threshold", Format<Float>.float(.positive), "How far the value must move for a spike.",
    absence: .refused)
  static let reference = Key(
    "reference", Format<DeltaEncoder.Reference>.choice,
    "What the value is compared with: a level that follows it, or the value one step before.",
    absence: .means("level"))
  static let offUnits = Key(
    "off_units", .flag, "Whether falls have units of their own.", absence: .means(true))
  static let fields = Key(
    "fields", Format<Int>.integer(3...1 << 20), "Units for each unit.", absence: .refused)
  static let low = Key(
    "low", Format<Float>.float(.any), "The low end of the range.", absence: .means(0))
  static let high = Key(
    "high", Format<Float>.float(.any), "The high end of the range.", absence: .means(1))
  static let beta = Key(
    "beta", Format<Float>.float(.positive), "How narrow the fields are.", absence: .means(1.5))
  static let gain = Key(
    "gain", Format<Float>.float(.any), "Current of a value of 1.", absence: .means(1))
}
