/// Samples [count, T, I] and what the output should be for each. A value: every change makes a new
/// dataset.
///
/// Numbers that are all 0 or 1 are kept as spikes, a bit each, events as lists where that takes
/// less, and everything else as float32.
public struct Dataset: Sendable {
  /// Samples.
  public let count: Int
  /// T of every sample, or of the longest; 1 for static vectors, which an encoder spreads over time.
  public let steps: Int
  /// I.
  public let units: Int
  /// What the output should be.
  public let targets: Targets
  /// The steps of each sample [count], past which its numbers are 0 and are never looked at; nil
  /// where all have T.
  public let lengths: [Int]?
  /// The place that each sample had in the dataset from which this one was split: what random
  /// encoders draw by, so that a sample's noise does not depend on the split.
  public let identities: [Int]
  let samples: Samples

  /// Samples from numbers [count, T, I] in row-major order; NaN and infinity are errors.
  ///
  /// - Parameters:
  ///   - values: [count, T, I].
  ///   - count: samples.
  ///   - steps: T.
  ///   - units: I.
  ///   - targets: what the output should be.
  ///   - lengths: the steps of each sample, from 1 to T, whatever stands behind them: [count]; nil
  ///     where all have T.
  /// - Throws: where the number of values, a target's shape or a length does not fit.
  public init(
    _ values: [Float], count: Int, steps: Int, units: Int, targets: Targets = .none,
    lengths: [Int]? = nil
  ) throws(SpindleError) {
    try Self.checkSizes(count: count, steps: steps, units: units)
    let shape = [count, steps, units]
    try require(
      try shape.volume(of: "a dataset") == values.count, "a dataset's values", shape: shape,
      [values.count])
    try values.checkFinite("a dataset")
    var values = values
    if let lengths {
      try checkLengths(lengths, count: count, steps: steps)
      for (sample, length) in lengths.enumerated() {
        let end = (sample + 1) * steps * units
        for place in (sample * steps + length) * units..<end { values[place] = 0 }
      }
    }
    try self.init(
      try SamplesBuilder.compact(values, count: count, steps: steps, units: units), count: count,
      steps: steps, units: units, targets: targets, lengths: lengths)
  }

  /// Samples that are known to fit the sizes, and to be 0 past their lengths.
  init(
    _ samples: Samples, count: Int, steps: Int, units: Int, targets: Targets,
    lengths: [Int]? = nil, identities: [Int]? = nil
  ) throws(SpindleError) {
    try targets.check(count: count, steps: steps)
    self.count = count
    self.steps = steps
    self.units = units
    self.targets = targets
    self.lengths = lengths
    self.identities = identities ?? Array(0..<count)
    self.samples = samples
  }

  static func checkSizes(count: Int, steps: Int, units: Int) throws(SpindleError) {
    try Limits.check(count, "the number of samples")
    try Limits.check(steps, "the number of steps")
    try Limits.check(units, "the number of units")
  }

  /// [count, T, I].
  public var shape: [Int] { [count, steps, units] }

  /// Whether the samples are spikes, 0 or 1.
  public var isSpiking: Bool {
    if case .signals = samples { false } else { true }
  }

  /// The numbers [T, I] of one sample, in row-major order; an index out of range ends the program,
  /// as an array's does. O(T I).
  public subscript(sample: Int) -> [Float] {
    precondition((0..<count).contains(sample), "index out of a dataset's range")
    return samples.values(of: sample, steps: steps, units: units)
  }

  /// Refuses samples that do not fit in memory as numbers, though they do as spikes.
  func checkSampleMemory() throws(SpindleError) {
    try checkMemory([steps, units], bytes: MemoryLayout<Float>.size, of: "a sample")
  }

  /// The same samples with other targets.
  public func with(targets: Targets) throws(SpindleError) -> Dataset {
    try Dataset(
      samples, count: count, steps: steps, units: units, targets: targets, lengths: lengths,
      identities: identities)
  }

  /// The same samples as if they had stood behind others: no random encoder draws for one of them
  /// what it draws for one of those.
  package func following(_ others: Int) throws(SpindleError) -> Dataset {
    try Dataset(
      samples, count: count, steps: steps, units: units, targets: targets, lengths: lengths,
      identities: identities.map { $0 + others })
  }

  /// The steps of a sample.
  package func length(of sample: Int) -> Int { lengths?[sample] ?? steps }

  /// The samples of these indices, in their order.
  ///
  /// - Throws: where an index is out of range, or there is none.
  public func subset(_ indices: [Int]) throws(SpindleError) -> Dataset {
    try checkIndices(indices)
    if case .signals = samples {
      try checkMemory(
        [indices.count, steps, units], bytes: MemoryLayout<Float>.size, of: "a part of a dataset")
    }
    return try Dataset(
      samples.subset(indices, steps: steps, units: units), count: indices.count, steps: steps,
      units: units, targets: targets.subset(indices),
      lengths: lengths.map { lengths in indices.map { lengths[$0] } },
      identities: indices.map { identities[$0] })
  }

  /// Refuses indices out of range, and an empty list.
  func checkIndices(_ indices: [Int]) throws(SpindleError) {
    try Limits.check(indices.count, "the number of chosen samples")
    guard let index = indices.first(where: { !(0..<count).contains($0) }) else { return }
    throw .invalidValue(
      what: "a sample's index", expected: "from 0 to \(count - 1)", got: "\(index)")
  }
}
