import Spindle
import SpindleJSON

extension Format where Value == Schedule {
  /// How the learning rate changes over the run.
  static var schedule: Format {
    .kinds([
      Kind("constant", "The same rate throughout.", [ScheduleKey.warmUp]) {
        object throws(DescriptionError) in
        Schedule(.constant, warmUp: try object.read(ScheduleKey.warmUp))
      },
      Kind(
        "step", "A factor times the rate every so many training steps.",
        [ScheduleKey.every, ScheduleKey.factor, ScheduleKey.warmUp]
      ) { object throws(DescriptionError) in
        .step(
          every: try object.read(ScheduleKey.every), factor: try object.read(ScheduleKey.factor),
          warmUp: try object.read(ScheduleKey.warmUp))
      },
      Kind(
        "cosine", "Half a cosine from the rate down to a part of it.",
        [ScheduleKey.end, ScheduleKey.warmUp]
      ) { object throws(DescriptionError) in
        .cosine(
          end: try object.read(ScheduleKey.end), warmUp: try object.read(ScheduleKey.warmUp))
      },
      Kind(
        "one_cycle", "Up to the rate and down again, both along a cosine (Smith and Topin 2019).",
        [ScheduleKey.rise, ScheduleKey.start, ScheduleKey.lastEnd, ScheduleKey.warmUp]
      ) { object throws(DescriptionError) in
        .oneCycle(
          rise: try object.read(ScheduleKey.rise), start: try object.read(ScheduleKey.start),
          end: try object.read(ScheduleKey.lastEnd), warmUp: try object.read(ScheduleKey.warmUp))
      },
    ])
  }
}

/// Keys of schedules.
private enum ScheduleKey {
  static let warmUp = Key(
    "warm_up", Format<Int>.countOrNone,
    "Training steps over which the rate rises from almost nothing.", absence: .means(0))
  static let every = Key(
    "every", Format<Int>.count, "Training steps between two changes.", absence: .refused)
  static let factor = Key(
    "factor", Format<Double>.number(.fraction), "What the rate is multiplied by.",
    absence: .means(0.1))
  static let end = Key(
    "end", Format<Double>.number(.fraction), "The rate at the end, as a part of the rate.",
    absence: .means(0))
  static let rise = Key(
    "rise", Format<Double>.number(NumberBounds(above: 0, below: 1)),
    "The part of the run in which the rate rises.", absence: .means(0.3))
  static let start = Key(
    "start", Format<Double>.number(.fraction), "The rate at the start, as a part of the rate.",
    absence: .means(0.04))
  static let lastEnd = Key(
    "end", Format<Double>.number(.fraction), "The rate at the end, as a part of the rate.",
    absence: .means(4e-6))
}
