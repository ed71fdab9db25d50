import Spindle
import Testing

/// Events in continuous time, binned.
struct EventTests {
  private let window = EventWindow(timeStep: 1e-3, steps: 50, units: 3)

  @Test func everyMillisecondFallsIntoItsStep() throws {
    // 0.029 / 0.001 is below 29 in Double; and what is before a step by more than roundings belongs
    // to the one before it.
    for step in 0..<50 {
      let time = Double(step) * 1e-3
      let events = try EventTable([[(time, 1)], step == 0 ? [] : [(time - 8 * time.ulp, 1)]])
      let (dataset, dropped) = try Dataset.binning(events, into: window)
      #expect(dropped == 0)
      #expect(dataset[0].firstIndex(of: 1) == step * 3 + 1, "\(time)")
      if step > 0 { #expect(dataset[1].firstIndex(of: 1) == (step - 1) * 3 + 1, "\(time)") }
    }
  }

  @Test func randomEventsAgainstAPlainCount() throws {
    var random = SplitMix(seed: 12)
    for (count, events, units) in [(4, 30, 70), (3, 4000, 5)] {
      let samples = (0..<events).map { _ in Int.random(in: 0..<count, using: &random) }
      let times = (0..<events).map { _ in Double.random(in: -0.2..<0.8, using: &random) }
      let unitNumbers = (0..<events).map { _ in Int.random(in: -1...units, using: &random) }
      let table = try EventTable(samples: samples, times: times, units: unitNumbers)
      var window = EventWindow(
        timeStep: 0.01, steps: 60, units: units, start: -0.1, outside: .dropped)
      var expected = [Float](repeating: 0, count: count * 60 * units)
      var outside = 0
      for event in 0..<events {
        let step = Int(((times[event] + 0.1) / 0.01).rounded(.down))
        guard (0..<60).contains(step), (0..<units).contains(unitNumbers[event]) else {
          outside += 1
          continue
        }
        expected[(samples[event] * 60 + step) * units + unitNumbers[event]] += 1
      }
      let spikes = try Dataset.binning(table, into: window, count: count)
      #expect(spikes.dropped == outside && outside > 0)
      #expect(spikes.dataset.isSpiking)
      #expect(spikes.dataset.values == expected.map { min($0, 1) })
      window.coincidence = .count
      let counts = try Dataset.binning(table, into: window, count: count)
      #expect(counts.dataset.values == expected)
    }
  }

  @Test func samplesWithoutEventsAreCounted() throws {
    let table = try EventTable(samples: [2, 0], times: [0.001, 0.002], units: [0, 2])
    #expect(try Dataset.binning(table, into: window).dataset.count == 3)
    #expect(try Dataset.binning(table, into: window, count: 5).dataset.count == 5)
    let labels = Targets.classes(try ClassLabels([0, 1, 0, 1]))
    let labelled = try Dataset.binning(table, into: window, targets: labels).dataset
    #expect(labelled.count == 4 && labelled.labels?.labels == [0, 1, 0, 1])
    let empty = try EventTable(samples: [], times: [], units: [])
    let silent = try Dataset.binning(empty, into: window, count: 2).dataset
    #expect(silent.values == [Float](repeating: 0, count: 2 * 50 * 3))
  }

  @Test func refusals() throws {
    func table(_ sample: Int = 0, _ time: Double = 0, _ unit: Int = 0) throws -> EventTable {
      try EventTable(samples: [0, sample], times: [0, time], units: [0, unit])
    }
    expectError("samples and units of 1 events") {
      _ = try EventTable(samples: [0, 1], times: [0], units: [0])
    }
    for time in [Double.nan, .infinity] {
      expectError("time of event 1 must be finite") { _ = try table(0, time) }
    }
    expectError("sample of event 1 must be from 0 to") { _ = try table(-1) }
    expectError("sample of event 1 must be from 0 to") { _ = try table(Int.max) }
    for (time, unit) in [(-0.1, 0), (0.05, 0), (1e300, 0), (0, 3), (0, -1), (0, Int.max)] {
      expectError("event 1 must be of a unit from 0 to 2, from 0.0 s to before 0.05 s") {
        _ = try Dataset.binning(table(0, time, unit), into: window)
      }
    }
    expectError("sample of event 1 must be from 0 to 1, got 2") {
      _ = try Dataset.binning(table(2), into: window, count: 2)
    }
    for count in [0, -1, Int.min, Int.max] {
      expectError("number of samples") {
        _ = try Dataset.binning(table(), into: window, count: count)
      }
    }
    var broken = window
    for step in [0, -1, .nan, .infinity] {
      broken.timeStep = step
      expectError("positive time step") { _ = try Dataset.binning(table(), into: broken) }
    }
    expectError("largest sample of 2 events must be below 1020, unless") {
      _ = try Dataset.binning(table(300_000_000), into: window)
    }
    broken = window
    broken.outside = .dropped
    #expect(try Dataset.binning(table(0, 7), into: broken).dropped == 1)
    let far = try EventTable(samples: [0, 1], times: [1e3, 4e3], units: [0, 2])
    expectError("2 events, of which all would be dropped, must be of units from 0 to 2") {
      _ = try Dataset.binning(far, into: broken)
    }
    broken = window
    broken.steps = 0
    expectError("steps") { _ = try Dataset.binning(table(), into: broken) }
    broken.steps = 1 << 30
    broken.units = 1 << 30
    broken.coincidence = .count
    expectError("does not fit") { _ = try Dataset.binning(table(), into: broken, count: 1 << 30) }
  }
}
