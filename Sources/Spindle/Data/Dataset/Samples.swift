/// How a dataset keeps its numbers [count, T, I].
enum Samples: Sendable {
  /// A bit each: [count][T][words]; unit i is bit i % 32 of word i / 32, as in a `SpikeTrain`.
  case spikes([UInt32])
  /// [count][T][I], finite.
  case signals([Float])
  /// A number a spike.
  case events(EventLists)

  /// Words of a row of bits.
  static func words(_ units: Int) -> Int { (units + 31) / 32 }

  /// All numbers, [count][T][I].
  func values(count: Int, steps: Int, units: Int) throws(SpindleError) -> [Float] {
    if case .signals(let values) = self { return values }
    let total = try [count, steps, units].volume(of: "a dataset")
    // One sample more, which is copied.
    try checkMemory((total + steps * units) * MemoryLayout<Float>.size)
    var values: [Float] = []
    values.reserveCapacity(total)
    for index in 0..<count { values += self.values(of: index, steps: steps, units: units) }
    return values
  }

  /// The numbers [T][I] of one sample.
  func values(of sample: Int, steps: Int, units: Int) -> [Float] {
    switch self {
    case .signals(let values):
      return Array(values[sample * steps * units..<(sample + 1) * steps * units])
    case .spikes(let words):
      let width = Self.words(units)
      var values = [Float](repeating: 0, count: steps * units)
      for row in 0..<steps {
        for word in 0..<width {
          var bits = words[(sample * steps + row) * width + word]
          while bits != 0 {
            values[row * units + word * 32 + bits.trailingZeroBitCount] = 1
            bits &= bits - 1
          }
        }
      }
      return values
    case .events(let events):
      var values = [Float](repeating: 0, count: steps * units)
      for place in events[sample] { values[Int(place)] = 1 }
      return values
    }
  }

  func subset(_ indices: [Int], steps: Int, units: Int) -> Samples {
    switch self {
    case .signals(let values): .signals(values.gathered(indices, size: steps * units))
    case .spikes(let words): .spikes(words.gathered(indices, size: steps * Self.words(units)))
    case .events(let events): .events(EventLists(indices.map { events[$0] }))
    }
  }
}

/// The spikes of each sample, as places in [T][I].
struct EventLists: Sendable {
  /// Where each sample's places begin, and where the last one's end: [count + 1].
  private(set) var starts = [0]
  /// step I + unit, ascending in each sample, none twice.
  private(set) var places: [UInt32] = []

  /// No samples yet.
  init() {}

  /// The lists of all samples.
  init(_ samples: [ArraySlice<UInt32>]) {
    places.reserveCapacity(samples.reduce(0) { $0 + $1.count })
    for sample in samples { append(sample) }
  }

  /// Makes room for so many spikes.
  mutating func reserve(_ count: Int) { places.reserveCapacity(count) }

  /// Adds a sample.
  mutating func append(_ sample: some Sequence<UInt32>) {
    places.append(contentsOf: sample)
    starts.append(places.count)
  }

  /// The places of a sample.
  subscript(sample: Int) -> ArraySlice<UInt32> { places[starts[sample]..<starts[sample + 1]] }
}

extension Array where Element: BitwiseCopyable {
  /// The blocks of `size` elements with these numbers, one after the other.
  func gathered(_ blocks: [Int], size: Int) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(blocks.count * size)
    for block in blocks { result += self[block * size..<(block + 1) * size] }
    return result
  }
}
