import Spindle
import SpindleJSON

/// A task of memory: one of several cues is shown, then nothing, then a signal asks which it was.
/// Between the two not one channel fires, and the signal is the same for every cue, so that only a
/// network that holds the cue in its own activity can give the answer.
struct DelayedCue: Sendable {
  /// Cues, the classes.
  let cues: Int
  /// Channels that fire for each cue; one group more gives the signal to recall.
  let channels: Int
  /// Steps of the cue.
  let cueSteps: Int
  /// Steps between the cue's end and the signal.
  let delaySteps: Int
  /// Steps of the signal.
  let recallSteps: Int
  /// Of a spike of an active channel at each step.
  let probability: Float
  /// Of a spike of another cue's channel at each step of the cue.
  let noise: Float
  /// Samples, as many of each cue as can be.
  let samples: Int
  let seed: UInt64

  private static let cuesKey = Key(
    "cues", Format<Int>.integer(2...1024), "Cues, which are the classes.", absence: .means(4))
  private static let channelsKey = Key(
    "channels", Format<Int>.integer(1...1024),
    "Input channels of each cue and of the signal to recall.", absence: .means(4))
  private static let cueStepsKey = Key(
    "cue_steps", Format<Int>.count, "Steps of the cue.", absence: .means(20))
  private static let delayStepsKey = Key(
    "delay_steps", Format<Int>.integer(0...1 << 20), "Silent steps between cue and signal.",
    absence: .means(100))
  private static let recallStepsKey = Key(
    "recall_steps", Format<Int>.count, "Steps of the signal to recall.", absence: .means(20))
  private static let probabilityKey = Key(
    "probability", Format<Float>.float(.fraction),
    "Probability of a spike of an active channel at each step.", absence: .means(0.5))
  private static let noiseKey = Key(
    "noise", Format<Float>.float(.fraction),
    "Probability of a spike of another cue's channel at each step of the cue.",
    absence: .means(0.05))
  private static let samplesKey = GeneratorKey.samples(2000)
  static let keys: [any KeyDescription] = [
    cuesKey, channelsKey, cueStepsKey, delayStepsKey, recallStepsKey, probabilityKey, noiseKey,
    samplesKey, GeneratorKey.seed,
  ]

  static func read(_ object: DescriptionObject) throws(DescriptionError) -> Generator {
    .delayedCue(
      DelayedCue(
        cues: try object.read(cuesKey), channels: try object.read(channelsKey),
        cueSteps: try object.read(cueStepsKey), delaySteps: try object.read(delayStepsKey),
        recallSteps: try object.read(recallStepsKey),
        probability: try object.read(probabilityKey), noise: try object.read(noiseKey),
        samples: try object.read(samplesKey), seed: try object.read(GeneratorKey.seed)))
  }

  /// T.
  var steps: Int { cueSteps + delaySteps + recallSteps }
  /// I.
  var units: Int { (cues + 1) * channels }

  /// Spikes [count, T, I], the cue of each sample as its class.
  func dataset() throws(SpindleError) -> Dataset {
    var random = RandomStream(seed: seed, stream: Generator.stream)
    var values: [Float] = []
    for sample in 0..<samples {
      let cue = sample % cues
      let chances = try random.uniform(low: 0, high: 1, count: steps * units)
      for (index, chance) in chances.enumerated() {
        let (step, unit) = index.quotientAndRemainder(dividingBy: units)
        values.append(chance < chanceOfSpike(unit, at: step, cue) ? 1 : 0)
      }
    }
    return try Dataset(
      values, count: samples, steps: steps, units: units,
      targets: .classes(
        ClassLabels((0..<samples).map { Int32($0 % cues) }, classCount: cues)))
  }

  /// With which a channel fires at a step of a sample with this cue.
  private func chanceOfSpike(_ unit: Int, at step: Int, _ cue: Int) -> Float {
    let group = unit / channels
    if step < cueSteps { return group == cue ? probability : group < cues ? noise : 0 }
    return step >= cueSteps + delaySteps && group == cues ? probability : 0
  }
}
