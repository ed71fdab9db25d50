/// A batch of spike trains [B, T, units], a bit a spike: what the engine reads without copying.
public struct SpikeTrain: Sendable, Equatable {
  /// B.
  public let batch: Int
  /// T.
  public let steps: Int
  /// Inputs or neurons.
  public let units: Int
  /// [T][B][words of units]; unit i is bit i % 32 of word i / 32, the rest of a row is zero.
  var words: [UInt32]
  /// Steps of each sample [B]; nil where all have T.
  var ends: [UInt32]?
}

extension SpikeTrain {
  var wordsPerRow: Int { (units + 31) / 32 }

  /// Trains without a spike.
  public init(batch: Int, steps: Int, units: Int) throws(SpindleError) {
    try Limits.check(batch, "the batch")
    try Limits.check(steps, "the number of steps")
    try Limits.check(units, "the number of units")
    self.batch = batch
    self.steps = steps
    self.units = units
    let count = try [batch, steps, (units + 31) / 32].volume(of: "a spike train")
    try checkMemory(count.multipliedReportingOverflow(by: 4).partialValue)
    words = [UInt32](repeating: 0, count: count)
  }

  /// Trains of the numbers 0 and 1, [B, T, units] in row-major order; another number is an error.
  public init(_ values: [Float], batch: Int, steps: Int, units: Int) throws(SpindleError) {
    try self.init(batch: batch, steps: steps, units: units)
    try require(
      values.count == batch * steps * units, "a spike train's values",
      shape: [batch, steps, units], [values.count])
    var index = 0
    for b in 0..<batch {
      for t in 0..<steps {
        let row = (t * batch + b) * wordsPerRow
        for unit in 0..<units {
          let value = values[index]
          try require(value == 0 || value == 1, "a spike at index \(index)", "0 or 1", value)
          if value == 1 { words[row + unit / 32] |= 1 << UInt32(unit % 32) }
          index += 1
        }
      }
    }
  }

  /// Whether a unit fires at a step; indices out of range end the program, as an array's do. O(1).
  public subscript(sample: Int, step: Int, unit: Int) -> Bool {
    get { words[wordIndex(sample, step, unit)] >> UInt32(unit % 32) & 1 == 1 }
    set {
      let bit: UInt32 = 1 << UInt32(unit % 32)
      if newValue {
        words[wordIndex(sample, step, unit)] |= bit
      } else {
        words[wordIndex(sample, step, unit)] &= ~bit
      }
    }
  }

  /// Draws every spike anew with the given probability. Allocates nothing.
  public mutating func fill(
    probability: Double, from random: inout RandomStream
  ) throws(SpindleError) {
    try random.fillSpikes(
      probability: probability, rows: batch * steps, units: units, words: &words)
  }

  /// Spikes in all trains, within their lengths. O(B T units / 32).
  public var count: Int {
    guard let ends else { return words.reduce(0) { $0 + $1.nonzeroBitCount } }
    var count = 0
    for t in 0..<steps {
      for b in 0..<batch where t < ends[b] {
        let row = (t * batch + b) * wordsPerRow
        count += words[row..<row + wordsPerRow].reduce(0) { $0 + $1.nonzeroBitCount }
      }
    }
    return count
  }

  /// Fraction of units and steps that fire.
  public var rate: Double {
    let rows = ends.map { $0.reduce(0) { $0 + Double($1) } } ?? Double(batch) * Double(steps)
    return Double(count) / (rows * Double(units))
  }

  private func wordIndex(_ sample: Int, _ step: Int, _ unit: Int) -> Int {
    precondition(
      (0..<batch).contains(sample) && (0..<steps).contains(step) && (0..<units).contains(unit),
      "index out of a spike train's range")
    return (step * batch + sample) * wordsPerRow + unit / 32
  }
}
