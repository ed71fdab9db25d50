/// Mean and standard deviation of each unit of a dataset, by which it, and others, are made
/// comparable: x' = (x - mean) / standardDeviation. Take it from the training samples and apply it
/// to all; it can be stored with the network.
public struct Standardization: Sendable, Equatable, Codable {
  /// [I].
  public let mean: [Float]
  /// [I], positive.
  public let standardDeviation: [Float]

  /// Stored numbers, checked.
  public init(mean: [Float], standardDeviation: [Float]) throws(SpindleError) {
    try require(
      mean.count == standardDeviation.count, "a standardization's deviations", shape: [mean.count],
      [standardDeviation.count])
    try mean.checkFinite("a standardization's mean")
    try standardDeviation.checkFinite("a standardization's deviations")
    if let unit = standardDeviation.firstIndex(where: { $0 <= 0 }) {
      throw .invalidValue(
        what: "the standard deviation of unit \(unit)", expected: "positive",
        got: "\(standardDeviation[unit])")
    }
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// Those of a dataset over its samples and the steps that each has: the deviation's square is the mean square of
  /// the difference from the mean. Summed in Double, in the order of the samples.
  ///
  /// - Throws: where a unit is constant.
  public init(of dataset: Dataset) throws(SpindleError) {
    try dataset.checkSampleMemory()
    let units = dataset.units
    let rows = dataset.rowCount
    var mean = [Double](repeating: 0, count: units)
    dataset.forEachRow { row in
      for unit in 0..<units { mean[unit] += Double(row[row.startIndex + unit]) }
    }
    for unit in 0..<units { mean[unit] /= rows }
    var squares = [Double](repeating: 0, count: units)
    dataset.forEachRow { row in
      for unit in 0..<units {
        let difference = Double(row[row.startIndex + unit]) - mean[unit]
        squares[unit] += difference * difference
      }
    }
    // Rounding alone leaves a constant unit a deviation of up to some 2^-50 of its mean.
    if let unit = squares.indices.first(where: {
      (squares[$0] / rows).squareRoot() <= abs(mean[$0]) * 0x1p-40
    }) {
      throw .invalidValue(
        what: "unit \(unit) of a dataset to standardise",
        expected: "changing (select the units that do)", got: "\(mean[unit]) throughout")
    }
    try self.init(
      mean: mean.map { Float($0) },
      standardDeviation: squares.map { Float(($0 / rows).squareRoot()) })
  }

  private enum CodingKeys: String, CodingKey {
    case mean
    case standardDeviation = "standard_deviation"
  }

  /// Reads stored numbers, and refuses what `init(mean:standardDeviation:)` refuses.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      mean: container.decode([Float].self, forKey: .mean),
      standardDeviation: container.decode([Float].self, forKey: .standardDeviation))
  }
}

extension Dataset {
  /// x' = (x - mean) / standardDeviation for each unit.
  public func standardized(by standardization: Standardization) throws(SpindleError) -> Dataset {
    try require(
      standardization.mean.count == units, "a standardization", shape: [units],
      [standardization.mean.count])
    let mean = standardization.mean.map(Double.init)
    let deviation = standardization.standardDeviation.map(Double.init)
    return try mapValues { value, unit in Float((Double(value) - mean[unit]) / deviation[unit]) }
  }

  /// The steps of all samples together.
  package var rowCount: Double {
    lengths.map { $0.reduce(0) { $0 + Double($1) } } ?? Double(count) * Double(steps)
  }

  /// Calls `body` with each row [I], in the order of samples and their steps.
  func forEachRow(_ body: (ArraySlice<Float>) -> Void) {
    for sample in 0..<count {
      let values = self[sample]
      for step in 0..<length(of: sample) { body(values[step * units..<(step + 1) * units]) }
    }
  }
}
