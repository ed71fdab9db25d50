/// Takes samples [T, I] one by one and keeps them in the form that needs the least memory: lists of
/// events, bits, or, from the first number on that is neither 0 nor 1, float32.
struct SamplesBuilder {
  private let steps: Int
  private let units: Int
  private let width: Int
  /// Samples that will come.
  private let expected: Int
  private var count = 0
  private var samples: Samples

  init(count: Int, steps: Int, units: Int) throws(SpindleError) {
    try Dataset.checkSizes(count: count, steps: steps, units: units)
    _ = try [count, steps, units].volume(of: "a dataset")
    self.steps = steps
    self.units = units
    width = Samples.words(units)
    expected = count
    // A place in a sample is kept in 32 bits.
    let fits = steps * units <= 1 << 32
    if !fits {
      try checkMemory(
        [count, steps, width], bytes: MemoryLayout<UInt32>.size, of: "a dataset")
    }
    samples = fits ? .events(EventLists()) : .spikes([])
  }

  /// Numbers [count, T, I] at once.
  static func compact(
    _ values: [Float], count: Int, steps: Int, units: Int
  ) throws(SpindleError) -> Samples {
    guard values.allSatisfy({ $0 == 0 || $0 == 1 }) else { return .signals(values) }
    var builder = try SamplesBuilder(count: count, steps: steps, units: units)
    let size = steps * units
    for sample in 0..<count {
      try builder.append(Array(values[sample * size..<(sample + 1) * size]))
    }
    return builder.finish()
  }

  /// Makes room for so many events, so that the lists need not grow, which would hold them twice.
  mutating func reserve(events count: Int) throws(SpindleError) {
    guard case .events(var events) = samples, count <= expected * steps * width else { return }
    try checkMemory([count], bytes: MemoryLayout<UInt32>.size, of: "events")
    samples = .events(EventLists())
    events.reserve(count)
    samples = .events(events)
  }

  /// Adds the sample with these finite numbers [T, I].
  mutating func append(_ sample: [Float]) throws(SpindleError) {
    if case .signals = samples {
    } else if !sample.allSatisfy({ $0 == 0 || $0 == 1 }) {
      var values = try samples.values(count: count, steps: steps, units: units)
      try checkMemory(
        [expected, steps, units], bytes: MemoryLayout<Float>.size, of: "a dataset")
      values.reserveCapacity(expected * steps * units)
      samples = .signals(values)
    }
    guard case .signals(var values) = samples else {
      try append(places: sample.indices.lazy.filter { sample[$0] == 1 }.map { UInt64($0) })
      return
    }
    // So that the array is changed in place.
    samples = .signals([])
    values += sample
    samples = .signals(values)
    count += 1
  }

  /// Adds the sample that has spikes at these places of [T, I], ascending and none twice.
  mutating func append(places: some Collection<UInt64>) throws(SpindleError) {
    switch samples {
    case .signals(var values):
      samples = .signals([])
      let first = values.count
      values.append(contentsOf: repeatElement(0, count: steps * units))
      for place in places { values[first + Int(place)] = 1 }
      samples = .signals(values)
    case .events(var events):
      samples = .events(EventLists())
      events.append(places.lazy.map { UInt32($0) })
      samples = .events(events)
      if events.places.count > (count + 1) * steps * width {
        try checkMemory(
          [expected, steps, width], bytes: MemoryLayout<UInt32>.size, of: "a dataset")
        samples = .spikes(words(of: events))
      }
    case .spikes(var words):
      samples = .spikes([])
      append(places, to: &words)
      samples = .spikes(words)
    }
    count += 1
  }

  /// All samples.
  consuming func finish() -> Samples { samples }

  /// Adds the bits [T][words] of a sample.
  private func append(_ places: some Sequence<UInt64>, to words: inout [UInt32]) {
    let first = words.count
    words.append(contentsOf: repeatElement(0, count: steps * width))
    for place in places {
      let (step, unit) = Int(place).quotientAndRemainder(dividingBy: units)
      words[first + step * width + unit / 32] |= 1 << UInt32(unit % 32)
    }
  }

  private func words(of events: EventLists) -> [UInt32] {
    var words: [UInt32] = []
    for sample in 0..<events.starts.count - 1 {
      append(events[sample].lazy.map { UInt64($0) }, to: &words)
    }
    return words
  }
}
