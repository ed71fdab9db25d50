import Spindle
import SpindleJSON

/// A task whose samples are computed: the same seed gives the same samples.
enum Generator: Sendable {
  case pattern(PatternTask)
  case rectifiedNoise(RectifiedNoise)
  case delayedCue(DelayedCue)
  case mackeyGlass(MackeyGlass)

  /// Streams of the seed, apart from those of the library.
  static let stream: UInt64 = 7 << 32

  /// Refuses a task whose numbers do not fit in memory, before one is computed: with what is made
  /// of them, three times their size.
  func checkMemory(outputs: Int) throws(SpindleError) {
    let sizes =
      switch self {
      case .pattern(let task):
        task.file == nil ? [task.patternSteps, max(outputs, task.samples)] : [task.samples]
      case .rectifiedNoise(let task): [task.samples, task.steps, 2]
      case .delayedCue(let task): [task.samples, task.steps, task.units]
      case .mackeyGlass(let task): [task.samples, task.steps, 2]
      }
    try Spindle.checkMemory(
      3 * MemoryLayout<Float>.size * sizes.volume(of: "the samples of data.generator"))
  }
}

extension Format where Value == Generator {
  /// A task that is computed.
  static var generator: Format {
    .kinds([
      KindRow(
        "pattern",
        "One input channel of noise, drawn anew in each epoch, from which neurons are to generate "
          + "a pattern of firing probabilities: the job of NWAVE's tutorial 5.", PatternTask.table,
        make: PatternTask.generator),
      KindRow(
        "rectified_noise",
        "An analog input, noise of one time constant, which the output is to follow rectified and "
          + "filtered by another: y = filter(max(0, x)).", RectifiedNoise.table,
        make: { task, _ in .rectifiedNoise(task) }),
      KindRow(
        "delayed_cue",
        "A cue, silence, and a signal to recall which cue it was.", DelayedCue.table,
        make: { task, _ in .delayedCue(task) }),
      KindRow(
        "mackey_glass",
        "The chaotic series of Mackey and Glass, which the output is to foretell: a long recording "
          + "to be trained on in windows.", MackeyGlass.table,
        make: { task, _ in .mackeyGlass(task) }),
    ])
  }
}
