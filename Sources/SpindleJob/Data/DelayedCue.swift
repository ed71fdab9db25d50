import Spindle
import SpindleJSON

/// A task of memory: one of several cues is shown, then nothing, then a signal asks which it was.
/// Between the two not one channel fires, and the signal is the same for every cue, so that only a
/// network that holds the cue in its own activity can give the answer.
struct DelayedCue: Sendable {
  /// Cues, the classes.
  var cues = 4
  /// Channels that fire for each cue; one group more gives the signal to recall.
  var channels = 4
  /// Steps of the cue.
  var cueSteps = 20
  /// Steps between the cue's end and the signal.
  var delaySteps = 100
  /// Steps of the signal.
  var recallSteps = 20
  /// Of a spike of an active channel at each step.
  var probability: Float = 0.5
  /// Of a spike of another cue's channel at each step of the cue.
  var noise: Float = 0.05
  /// Samples, as many of each cue as can be.
  var samples = 2000
  var seed: UInt64 = 0

  static let table = KeyTable(
    DelayedCue(),
    [
      .init("cues", .integer(2...1024), "Cues, which are the classes.", at: \.cues),
      .init(
        "channels", .integer(1...1024), "Input channels of each cue and of the signal to recall.",
        at: \.channels),
      .init("cue_steps", .count, "Steps of the cue.", at: \.cueSteps),
      .init(
        "delay_steps", .integer(0...1 << 20), "Silent steps between cue and signal.",
        at: \.delaySteps),
      .init("recall_steps", .count, "Steps of the signal to recall.", at: \.recallSteps),
      .init(
        "probability", .float(.fraction),
        "Probability of a spike of an active channel at each step.", at: \.probability),
      .init(
        "noise", .float(.fraction),
        "Probability of a spike of another cue's channel at each step of the cue.", at: \.noise),
      .init("samples", .count, "How many samples.", at: \.samples),
      .init("seed", .seed, "Seed of the samples.", at: \.seed),
    ])

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
