/// Events sample by sample, so that those of all samples need not be in memory at once.
package protocol EventSource: Sendable {
  /// Samples, some of which may have no events.
  var sampleCount: Int { get }
  /// Events of all samples, as far as that is known without reading them.
  var eventCount: Int { get }
  /// How exactly the times were written.
  var precision: TimePrecision { get }
  /// Whether times of a wider type are all numbers of float32, in which they were once written.
  var looksLikeFloat32: Bool { get }

  /// The events of a sample, in any order: times in seconds, units from 0.
  func events(of sample: Int) throws(SpindleError) -> (times: [Double], units: [Int])
}

extension Dataset {
  /// Samples from events that are read one sample at a time, and how many events were left out.
  ///
  /// - Parameters:
  ///   - source: what gives the events.
  ///   - window: which times and units become which steps and units.
  ///   - targets: what the output should be.
  ///   - progress: called after each sample with the number of samples done.
  /// - Throws: as for a table of events, and what the source throws.
  package static func binning(
    _ source: some EventSource, into window: EventWindow, targets: Targets = .none,
    progress: (Int) -> Void = { _ in }
  ) throws(SpindleError) -> (dataset: Dataset, events: Int, dropped: Int) {
    try window.check()
    let count = source.sampleCount
    var builder = try SamplesBuilder(count: count, steps: window.steps, units: window.units)
    if window.coincidence == .spike { try builder.reserve(events: source.eventCount) }
    let edges = EventEdges(window, source.precision, looksLikeFloat32: source.looksLikeFloat32)
    var (events, dropped) = (0, 0)
    var seen = EventExtent()
    for sample in 0..<count {
      let (times, units) = try source.events(of: sample)
      var places: [UInt64] = []
      places.reserveCapacity(times.count)
      for (time, unit) in zip(times, units) {
        if (0..<window.units).contains(unit), let step = try edges.step(of: time) {
          places.append(UInt64(step * window.units + unit))
        } else if window.outside == .refused {
          throw window.refusal(of: "an event of sample \(sample)", unit, time)
        }
      }
      events += times.count
      dropped += times.count - places.count
      // What was outside is told only where nothing was inside.
      if dropped == events { seen.add(times, units) }
      try builder.append(events: places, into: window)
      progress(sample + 1)
    }
    guard dropped == 0 || dropped < events else { throw window.allDropped(seen) }
    let dataset = try Dataset(
      builder.finish(), count: count, steps: window.steps, units: window.units, targets: targets)
    return (dataset, events, dropped)
  }
}

/// How many events there are, and between which times and units.
struct EventExtent {
  private(set) var count = 0
  private(set) var times = (least: Double.infinity, most: -Double.infinity)
  private(set) var units = (least: Int.max, most: Int.min)

  mutating func add(_ times: [Double], _ units: [Int]) {
    count += times.count
    for time in times { self.times = (min(self.times.least, time), max(self.times.most, time)) }
    for unit in units { self.units = (min(self.units.least, unit), max(self.units.most, unit)) }
  }
}

extension EventWindow {
  /// What becomes of an event that is outside.
  func refusal(of event: String, _ unit: Int, _ time: Double) -> SpindleError {
    .invalidValue(what: event, expected: "of a unit " + inside, got: "unit \(unit) at \(time) s")
  }

  /// No event at all inside of the window is a mistake, such as times in another unit.
  func allDropped(_ events: EventExtent) -> SpindleError {
    .invalidValue(
      what: "\(events.count) events, of which all would be dropped,",
      expected: "of units " + inside,
      got: "units from \(events.units.least) to \(events.units.most), from "
        + "\(events.times.least) s to \(events.times.most) s")
  }

  private var inside: String {
    "from 0 to \(units - 1), from \(start) s to before "
      + "\(start + Double(steps) * timeStep) s"
  }
}

extension SamplesBuilder {
  /// Adds the sample that has events at these places of [T, I], in any order.
  mutating func append(
    events: [UInt64], into window: EventWindow
  ) throws(SpindleError) {
    var events = events
    events.sort()
    switch window.coincidence {
    case .spike:
      var places: [UInt64] = []
      places.reserveCapacity(events.count)
      for place in events where places.last != place { places.append(place) }
      try append(places: places)
    case .count:
      try checkMemory(
        [window.steps, window.units], bytes: MemoryLayout<Float>.size, of: "a sample of events")
      var counts = [Float](repeating: 0, count: window.steps * window.units)
      for place in events { counts[Int(place)] += 1 }
      try append(counts)
    }
  }
}
