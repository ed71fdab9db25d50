import Spindle
import SpindleJSON

/// One input channel that fires by chance, and the firing probabilities that neurons are to make of
/// it, the same for every sample.
struct PatternTask: Sendable {
  let pattern: TargetPattern
  /// T.
  let steps: Int
  /// Samples.
  let samples: Int
  /// Of an input spike at each step.
  let probability: Float

  private static let patternKey = Key(
    "pattern", Format<TargetPattern>.choice, "What is to be learned.", absence: .means("sine"))
  private static let stepsKey = Key("steps", Format<Int>.count, "T.", absence: .means(100))
  private static let samplesKey = GeneratorKey.samples(32)
  private static let probabilityKey = Key(
    "probability", Format<Float>.float(.fraction), "Probability of an input spike at each step.",
    absence: .means(0.4))
  static let keys: [any KeyDescription] = [patternKey, stepsKey, samplesKey, probabilityKey]

  static func read(_ object: DescriptionObject) throws(DescriptionError) -> Generator {
    .pattern(
      PatternTask(
        pattern: try object.read(patternKey), steps: try object.read(stepsKey),
        samples: try object.read(samplesKey), probability: try object.read(probabilityKey)))
  }

  /// Probabilities [count, 1] for an encoder to draw spikes from, with the pattern as the target
  /// [T, N] of all samples.
  func dataset(neurons: Int) throws(SpindleError) -> Dataset {
    let target = try Tensor(
      shape: [steps, neurons], values: pattern.values(steps: steps, neurons: neurons))
    return try Dataset(
      [Float](repeating: probability, count: samples), count: samples, steps: 1, units: 1,
      targets: .shared(target))
  }
}
