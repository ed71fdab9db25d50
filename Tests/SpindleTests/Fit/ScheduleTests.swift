import Spindle
import Testing

/// Schedules against the rates that PyTorch 2.13's schedulers gave for a rate of 1.
@Suite("Schedules") struct ScheduleTests {
  /// Expects these factors, and the last one behind the end.
  private func expect(_ schedule: Schedule, _ expected: [Double]) {
    for (step, value) in (expected + [expected[expected.count - 1]]).enumerated() {
      let factor = schedule.factor(step: step, of: expected.count)
      #expect(abs(factor - value) <= 1e-14, "\(schedule) at \(step): \(factor), not \(value)")
    }
  }

  @Test("StepLR(3, 0.5)") func step() {
    expect(.step(every: 3, factor: 0.5), [1, 1, 1, 0.5, 0.5, 0.5, 0.25])
  }

  @Test("CosineAnnealingLR(7, eta_min=0.1)") func cosine() {
    expect(
      .cosine(end: 0.1),
      [
        1, 0.9554359905560885, 0.83057041083643, 0.6501344202803414, 0.44986557971965857,
        0.26942958916356996, 0.14456400944391146,
      ])
  }

  @Test("OneCycleLR(max_lr=1, total_steps=10), and of 3, too short to rise") func oneCycle() {
    expect(
      .oneCycle(),
      [
        0.04, 0.52, 1, 0.9504846320134737, 0.8117456539497631, 0.6112620219362893,
        0.38874197806371075, 0.18825834605023697, 0.049519367986526286, 4e-06,
      ])
    expect(.oneCycle(), [0.9944154354509117, 0.46263710266697505, 4e-06])
  }

  @Test("LinearLR(0.25, 1, 3) is a warm-up over 4 steps") func warmUp() {
    expect(Schedule(.constant, warmUp: 4), [0.25, 0.5, 0.75, 1, 1, 1])
    expect(.constant, [1, 1, 1])
    // It multiplies what the schedule says.
    expect(.step(every: 2, factor: 0.5, warmUp: 4), [0.25, 0.5, 0.375, 0.5, 0.25])
  }

  /// Numbers that `Trainer.fit` refuses: no trap, and a factor that is a number.
  @Test("Numbers outside their ranges") func outside() {
    let odd = [0, -1, 1, 5, Int.min, Int.max]
    let fractions = [0, -1, 2, .nan, .infinity, -.infinity, 0.5]
    for warmUp in odd {
      var schedules = [Schedule(.constant, warmUp: warmUp)]
      for every in odd {
        schedules += fractions.map { .step(every: every, factor: $0, warmUp: warmUp) }
      }
      for value in fractions {
        schedules.append(.cosine(end: value, warmUp: warmUp))
        for other in fractions {
          schedules.append(.oneCycle(rise: value, start: other, end: 0.5, warmUp: warmUp))
          schedules.append(.oneCycle(rise: 0.3, start: value, end: other, warmUp: warmUp))
        }
      }
      for schedule in schedules {
        for step in odd {
          for total in odd {
            let factor = schedule.factor(step: step, of: total)
            #expect((0...1).contains(factor), "\(schedule) at \(step) of \(total): \(factor)")
          }
        }
      }
    }
    #expect(
      Schedule.step(every: 0).factor(step: 5, of: 10)
        == Schedule.step(every: 1).factor(step: 5, of: 10))
    #expect(
      Schedule.oneCycle().factor(step: -5, of: 10) == Schedule.oneCycle().factor(step: 0, of: 10))
  }

  @Test("A run of one step") func one() {
    for schedule in [Schedule.constant, .step(every: 1), .cosine(), .oneCycle()] {
      let factor = schedule.factor(step: 0, of: 1)
      #expect((0...1).contains(factor), "\(schedule): \(factor)")
    }
  }
}
