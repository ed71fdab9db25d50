import Spindle
import SpindleJSON

extension Format where Value == Schedule {
  /// How the learning rate changes over the run.
  static var schedule: Format {
    .kinds([
      KindRow("constant", "The same rate throughout.", ScheduleKeys(), [ScheduleKeys.warmUp]) {
        Schedule(.constant, warmUp: $0.warmUp)
      },
      KindRow(
        "step", "A factor times the rate every so many training steps.", ScheduleKeys(),
        [
          .init(
            "every", .count, "Training steps between two changes.", at: \.every,
            absence: .refused),
          .init("factor", .number(.fraction), "What the rate is multiplied by.", at: \.factor),
          ScheduleKeys.warmUp,
        ]
      ) { .step(every: $0.every, factor: $0.factor, warmUp: $0.warmUp) },
      KindRow(
        "cosine", "Half a cosine from the rate down to a part of it.", ScheduleKeys(),
        [ScheduleKeys.end, ScheduleKeys.warmUp]
      ) { .cosine(end: $0.end, warmUp: $0.warmUp) },
      KindRow(
        "one_cycle", "Up to the rate and down again, both along a cosine (Smith and Topin 2019).",
        ScheduleKeys(end: 4e-6),
        [
          .init(
            "rise", .number(NumberBounds(above: 0, below: 1)),
            "The part of the run in which the rate rises.", at: \.rise),
          .init(
            "start", .number(.fraction), "The rate at the start, as a part of the rate.",
            at: \.start), ScheduleKeys.end, ScheduleKeys.warmUp,
        ]
      ) { .oneCycle(rise: $0.rise, start: $0.start, end: $0.end, warmUp: $0.warmUp) },
    ])
  }
}

/// Keys of schedules.
private struct ScheduleKeys {
  var warmUp = 0
  var every = 1
  var factor = 0.1
  var rise = 0.3
  var start = 0.04
  var end = 0.0

  static let warmUp = KeyRow<ScheduleKeys>(
    "warm_up", .countOrNone, "Training steps over which the rate rises from almost nothing.",
    at: \.warmUp)
  static let end = KeyRow<ScheduleKeys>(
    "end", .number(.fraction), "The rate at the end, as a part of the rate.", at: \.end)
}
