/// A batch of analog signals [B, T, units], such as currents or filtered sensor values.
public struct Signal: Sendable, Equatable {
  /// B.
  public let batch: Int
  /// T.
  public let steps: Int
  /// Inputs.
  public let units: Int
  /// [T][B][units], finite: the order in which the engine reads.
  let values: [Float]
  /// Steps of each sample [B]; nil where all have T.
  var ends: [UInt32]?
}

extension Signal {
  /// Signals from numbers [B, T, units] in row-major order; NaN and infinity are errors.
  public init(_ values: [Float], batch: Int, steps: Int, units: Int) throws(SpindleError) {
    try Limits.check(batch, "the batch")
    try Limits.check(steps, "the number of steps")
    try Limits.check(units, "the number of units")
    try require(
      try [batch, steps, units].volume(of: "a signal") == values.count, "a signal's values",
      shape: [batch, steps, units], [values.count])
    try values.checkFinite("a signal")
    self.batch = batch
    self.steps = steps
    self.units = units
    var ordered: [Float] = []
    ordered.reserveCapacity(values.count)
    for t in 0..<steps {
      for b in 0..<batch {
        let first = (b * steps + t) * units
        ordered.append(contentsOf: values[first..<first + units])
      }
    }
    self.values = ordered
  }

  /// The number of a sample, step and unit; indices out of range end the program, as an array's do.
  /// O(1).
  public subscript(sample: Int, step: Int, unit: Int) -> Float {
    precondition(
      (0..<batch).contains(sample) && (0..<steps).contains(step) && (0..<units).contains(unit),
      "index out of a signal's range")
    return values[(step * batch + sample) * units + unit]
  }
}

/// What a network is given: spikes, which cost as much as there are of them, or analog signals.
public enum Input: Sendable {
  /// Spike trains [B, T, I].
  case spikes(SpikeTrain)
  /// Analog signals [B, T, I].
  case signal(Signal)

  /// Numbers [B, T, I] in row-major order: spike trains where all are 0 or 1, else signals.
  public init(_ values: [Float], batch: Int, steps: Int, units: Int) throws(SpindleError) {
    self =
      values.allSatisfy { $0 == 0 || $0 == 1 }
      ? .spikes(try SpikeTrain(values, batch: batch, steps: steps, units: units))
      : .signal(try Signal(values, batch: batch, steps: steps, units: units))
  }

  private var sizes: (batch: Int, steps: Int, units: Int) {
    switch self {
    case .spikes(let spikes): (spikes.batch, spikes.steps, spikes.units)
    case .signal(let signal): (signal.batch, signal.steps, signal.units)
    }
  }

  /// B.
  public var batch: Int { sizes.batch }
  /// T.
  public var steps: Int { sizes.steps }
  /// I.
  public var units: Int { sizes.units }
  /// [B, T, I].
  public var shape: [Int] { [batch, steps, units] }
}

extension Input {
  /// The steps of each sample where they are of different length: [B]; nil where all have T.
  public var lengths: [Int]? { ends.map { $0.map { Int($0) } } }

  /// As the engine takes them.
  var ends: [UInt32]? {
    switch self {
    case .spikes(let spikes): spikes.ends
    case .signal(let signal): signal.ends
    }
  }

  /// The same, of which sample b ends after `lengths[b]` steps, from 1 to T; nil for samples that
  /// all have T.
  ///
  /// What stands past a sample's end is never looked at: losses, gradients, penalties, predictions
  /// and rates are, to the bit, those of a sample that stops there.
  public func with(lengths: [Int]?) throws(SpindleError) -> Input {
    let ends = try lengths.map { lengths throws(SpindleError) in
      try checkLengths(lengths, count: batch, steps: steps)
      return lengths.map { UInt32($0) }
    }
    switch self {
    case .spikes(var spikes):
      spikes.ends = ends
      return .spikes(spikes)
    case .signal(var signal):
      signal.ends = ends
      return .signal(signal)
    }
  }
}

/// Refuses lengths that are not one for each sample, from 1 to T.
package func checkLengths(_ lengths: [Int], count: Int, steps: Int) throws(SpindleError) {
  try require(lengths.count == count, "the lengths of samples", shape: [count], [lengths.count])
  guard let sample = lengths.firstIndex(where: { !(1...steps).contains($0) }) else { return }
  throw .invalidValue(
    what: "the length of sample \(sample)", expected: "from 1 to \(steps), the steps",
    got: "\(lengths[sample])")
}
