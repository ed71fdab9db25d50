/// Events of an event camera, a silicon cochlea or a simulator: which sample, when, which unit.
public struct EventTable: Sendable, Equatable {
  /// From 0: [events].
  public let samples: [Int]
  /// In seconds, in any order: [events].
  public let times: [Double]
  /// From 0: [events].
  public let units: [Int]
  /// How exactly the times were written.
  public let precision: TimePrecision
  /// The number of samples, some of which may have no events; nil where it is not known.
  public let sampleCount: Int?

  /// Events of many samples; the three arrays are of one length.
  public init(
    samples: [Int], times: [Double], units: [Int], precision: TimePrecision = .float64,
    sampleCount: Int? = nil
  ) throws(SpindleError) {
    guard samples.count == times.count, units.count == times.count else {
      throw .shapeMismatch(
        what: "the samples and units of \(times.count) events",
        expected: [times.count, times.count], got: [samples.count, units.count])
    }
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
    self.precision = precision
    self.sampleCount = sampleCount
  }

  /// The events of each sample.
  public init(_ samples: [[(time: Double, unit: Int)]]) throws(SpindleError) {
    let numbers = samples.indices.flatMap { repeatElement($0, count: samples[$0].count) }
    try self.init(
      samples: numbers, times: samples.flatMap { $0.map(\.time) },
      units: samples.flatMap { $0.map(\.unit) }, sampleCount: samples.count)
  }
}

/// How events in continuous time become steps: step k holds those from start + k timeStep to before
/// start + (k + 1) timeStep. One that was meant to be at the beginning of a step, and was rounded
/// down when it was written, is of that step.
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

  func check() throws(SpindleError) {
    guard timeStep > 0, timeStep.isFinite, start.isFinite else {
      throw .invalidValue(
        what: "a window of events", expected: "of a positive time step and a finite start",
        got: "a step of \(timeStep) s from \(start) s on")
    }
    try Limits.check(steps, "the number of steps")
    try Limits.check(units, "the number of units")
  }
}

extension Dataset {
  /// Samples from events, and how many of these were left out.
  ///
  /// - Parameters:
  ///   - events: in any order.
  ///   - window: which times and units become which steps and units.
  ///   - count: samples, some of which may have no events; nil for as many as there are targets, or
  ///     as the table says, or else for one more than its largest sample.
  ///   - targets: what the output should be.
  /// - Throws: where an event is of a sample beyond `count`; where it is outside of the window,
  ///   unless these are to be dropped, and even then where all are; where `count` is nil and the
  ///   largest sample is far beyond the number of events; and where the type of the times is too
  ///   coarse for the steps.
  public static func binning(
    _ events: EventTable, into window: EventWindow, count: Int? = nil, targets: Targets = .none
  ) throws(SpindleError) -> (dataset: Dataset, dropped: Int) {
    try window.check()
    let count = try events.count(count ?? targets.count)
    var builder = try SamplesBuilder(count: count, steps: window.steps, units: window.units)
    let (places, dropped) = try window.places(of: events, count: count)
    for sample in places { try builder.append(events: sample, into: window) }
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
    // A list here, and then a place in the lists, an identity and its index in batches.
    try checkMemory(count * 4 * MemoryLayout<Int>.size)
    var places = [[UInt64]](repeating: [], count: count)
    let edges = EventEdges(
      self, events.precision,
      looksLikeFloat32: !events.precision.isNarrow && events.looksLikeFloat32)
    var dropped = 0
    for event in events.times.indices {
      let (sample, unit) = (events.samples[event], events.units[event])
      guard sample < count else {
        throw .invalidValue(
          what: "the sample of event \(event)", expected: "from 0 to \(count - 1)",
          got: "\(sample)")
      }
      guard (0..<units).contains(unit), let step = try edges.step(of: events.times[event])
      else {
        if outside == .dropped {
          dropped += 1
          continue
        }
        throw refusal(of: "event \(event)", unit, events.times[event])
      }
      places[sample].append(UInt64(step * units + unit))
    }
    guard dropped == 0 || dropped < events.times.count else {
      var seen = EventExtent()
      seen.add(events.times, events.units)
      throw allDropped(seen)
    }
    return (places, dropped)
  }
}

extension EventTable {
  /// The number of samples: the one given, or the table's, or as many as there are events of.
  fileprivate func count(_ given: Int?) throws(SpindleError) -> Int {
    if let count = given ?? sampleCount { return count }
    return try leastSampleCount()
  }

  /// One sample more than the largest number; refused where so many are silent that the numbers
  /// may be something else, such as times.
  package func leastSampleCount() throws(SpindleError) -> Int {
    let count = (samples.max() ?? 0) + 1
    let most = 1000 + 10 * samples.count
    guard count <= most else {
      throw .invalidValue(
        what: "the largest sample of \(samples.count) events",
        expected: "below \(most), unless the number of samples is said", got: "\(count - 1)")
    }
    return count
  }
}
