/// Events of an event camera, a silicon cochlea or a simulator: which sample, when, which unit.
public struct EventTable: Sendable, Equatable {
  /// From 0: [events].
  public let samples: [Int]
  /// In seconds, in any order: [events].
  public let times: [Double]
  /// From 0: [events].
  public let units: [Int]

  /// Events of many samples; the three arrays are of one length.
  public init(samples: [Int], times: [Double], units: [Int]) throws(SpindleError) {
    try require(
      samples.count == times.count && units.count == times.count,
      "the samples and units of \(times.count) events", shape: [times.count, times.count],
      [samples.count, units.count])
    if let event = times.firstIndex(where: { !$0.isFinite }) {
      throw .invalidValue(
        what: "the time of event \(event)", expected: "finite", got: "\(times[event])")
    }
    if let event = samples.firstIndex(where: { !(0..<Limits.size).contains($0) }) {
      throw .invalidValue(
        what: "the sample of event \(event)", expected: "from 0 to \(Limits.size - 1)",
        got: "\(samples[event])")
    }
    self.samples = samples
    self.times = times
    self.units = units
  }

  /// The events of each sample.
  public init(_ samples: [[(time: Double, unit: Int)]]) throws(SpindleError) {
    let numbers = samples.indices.flatMap { repeatElement($0, count: samples[$0].count) }
    try self.init(
      samples: numbers, times: samples.flatMap { $0.map(\.time) },
      units: samples.flatMap { $0.map(\.unit) })
  }
}

/// How events in continuous time become steps: step k holds those from start + k timeStep to before
/// start + (k + 1) timeStep, the products rounded to Double.
public struct EventWindow: Sendable, Equatable {
  /// What becomes of events before the first step, behind the last, or of a unit beyond the last.
  public enum Outside: String, Sendable, CaseIterable {
    /// They are an error.
    case refused
    /// They are left out, and counted.
    case dropped
  }
  /// What several events of a unit in one step make.
  public enum Coincidence: String, Sendable, CaseIterable {
    /// One spike.
    case spike
    /// Their number, as an analog signal.
    case count
  }

  /// Length of a step, in seconds.
  public var timeStep: Double
  /// T.
  public var steps: Int
  /// I.
  public var units: Int
  /// Time of the beginning of the first step, in seconds.
  public var start: Double
  /// What becomes of events outside.
  public var outside: Outside
  /// What several events of a unit in one step make.
  public var coincidence: Coincidence

  /// Describes a window; nothing is checked before `Dataset.init`.
  public init(
    timeStep: Double, steps: Int, units: Int, start: Double = 0, outside: Outside = .refused,
    coincidence: Coincidence = .spike
  ) {
    self.timeStep = timeStep
    self.steps = steps
    self.units = units
    self.start = start
    self.outside = outside
    self.coincidence = coincidence
  }

  fileprivate func check() throws(SpindleError) {
    try require(
      timeStep > 0 && timeStep.isFinite && start.isFinite, "a window of events",
      "of a positive time step and a finite start", "a step of \(timeStep) s from \(start) s on")
    try Limits.check(steps, "the number of steps")
    try Limits.check(units, "the number of units")
  }

  /// The step of a time; nil outside.
  fileprivate func step(of time: Double) -> Int? {
    let elapsed = time - start
    let quotient = (elapsed / timeStep).rounded(.down)
    guard quotient >= 0, quotient <= Double(steps) else { return nil }
    // The quotient is rounded: 0.029 / 0.001 is below 29, although 29 * 0.001 is 0.029.
    var step = Int(quotient)
    if Double(step) * timeStep > elapsed {
      step -= 1
    } else if Double(step + 1) * timeStep <= elapsed {
      step += 1
    }
    return (0..<steps).contains(step) ? step : nil
  }
}

extension Dataset {
  /// Samples from events, and how many of these were left out.
  ///
  /// - Parameters:
  ///   - events: in any order.
  ///   - window: which times and units become which steps and units.
  ///   - count: samples, some of which may have no events; nil for the number of class labels, or
  ///     else for one more than the largest sample in the table.
  ///   - targets: what the output should be.
  /// - Throws: where an event is of a sample beyond `count`, and, unless they are to be dropped,
  ///   where it is outside of the window.
  public static func binning(
    _ events: EventTable, into window: EventWindow, count: Int? = nil, targets: Targets = .none
  ) throws(SpindleError) -> (dataset: Dataset, dropped: Int) {
    try window.check()
    let count = count ?? targets.labels?.labels.count ?? (events.samples.max() ?? 0) + 1
    var builder = try SamplesBuilder(count: count, steps: window.steps, units: window.units)
    let (places, dropped) = try window.places(of: events, count: count)
    for var sample in places {
      sample.sort()
      switch window.coincidence {
      case .spike: try builder.append(places: sample.withoutRepetitions())
      case .count:
        try checkMemory(window.steps * window.units * MemoryLayout<Float>.size)
        var counts = [Float](repeating: 0, count: window.steps * window.units)
        for place in sample { counts[Int(place)] += 1 }
        try builder.append(counts)
      }
    }
    let dataset = try Dataset(
      builder.finish(), count: count, steps: window.steps, units: window.units, targets: targets)
    return (dataset, dropped)
  }
}

extension EventWindow {
  /// The place step I + unit of each event, by sample, and how many events are outside.
  fileprivate func places(
    of events: EventTable, count: Int
  ) throws(SpindleError) -> (places: [[UInt64]], dropped: Int) {
    try checkMemory(count * MemoryLayout<[UInt64]>.size)
    var places = [[UInt64]](repeating: [], count: count)
    var dropped = 0
    for event in events.times.indices {
      let (sample, unit) = (events.samples[event], events.units[event])
      try require(sample < count, "the sample of event \(event)", "from 0 to \(count - 1)", sample)
      guard (0..<units).contains(unit), let step = step(of: events.times[event]) else {
        if outside == .dropped {
          dropped += 1
          continue
        }
        throw .invalidValue(
          what: "event \(event)",
          expected: "of a unit from 0 to \(units - 1), from \(start) s to before "
            + "\(start + Double(steps) * timeStep) s",
          got: "unit \(unit) at \(events.times[event]) s")
      }
      places[sample].append(UInt64(step * units + unit))
    }
    return (places, dropped)
  }
}

extension [UInt64] {
  /// A sorted array with each number once.
  fileprivate func withoutRepetitions() -> [UInt64] {
    var result: [UInt64] = []
    for place in self where result.last != place { result.append(place) }
    return result
  }
}
