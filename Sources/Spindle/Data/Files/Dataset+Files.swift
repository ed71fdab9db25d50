extension Dataset {
  /// Samples [count, T, I], or static vectors [count, I], which make samples of one step.
  ///
  ///     let taxels = try NumericArray(contentsOf: "braille.safetensors", tensor: "taxels")
  ///     let labels = try NumericArray(contentsOf: "braille.safetensors", tensor: "labels")
  ///     let dataset = try Dataset(taxels, targets: .classes(ClassLabels(labels)))
  public init(_ array: NumericArray, targets: Targets = .none) throws(SpindleError) {
    let shape = array.shape
    try require(
      shape.count == 3 || shape.count == 2, in: array.path,
      "expected samples of shape [count, steps, units] or [count, units], found \(shape)")
    try self.init(
      array.floats(), count: shape[0], steps: shape.count == 3 ? shape[1] : 1,
      units: shape[shape.count - 1], targets: targets)
  }

  /// One long recording [rows, I], a row a step, cut into samples of `steps` steps.
  ///
  /// - Throws: where the rows do not fill the last sample.
  public init(
    recording array: NumericArray, steps: Int, targets: Targets = .none
  ) throws(SpindleError) {
    try require(
      array.shape.count == 2, in: array.path,
      "expected a recording of shape [steps, units], found \(array.shape)")
    try require(
      steps >= 1 && array.shape[0] % steps == 0, in: array.path,
      "expected a multiple of \(steps) rows, the steps of a sample, "
        + "found \(array.shape[0])")
    try self.init(
      array.floats(), count: array.shape[0] / steps, steps: steps, units: array.shape[1],
      targets: targets)
  }
}

extension ClassLabels {
  /// Labels [count] or [count, 1] of a file; `classCount` and `names` as for an array.
  public init(
    _ array: NumericArray, classCount: Int? = nil, names: [String]? = nil
  ) throws(SpindleError) {
    try require(
      array.shape.count == 1 || array.shape.count == 2 && array.shape[1] == 1, in: array.path,
      "expected labels of shape [count], found \(array.shape)")
    var labels: [Int32] = []
    for value in try array.integers() {
      guard let label = Int32(exactly: value), label < Int32.max else {
        throw .invalidValue(
          what: "the class of sample \(labels.count) in \(array.path)",
          expected: "from 0 to \(Int32.max - 1)", got: "\(value)")
      }
      labels.append(label)
    }
    try self.init(labels, classCount: classCount, names: names)
  }
}

extension Tensor {
  /// The numbers of a file, such as the values of `Targets`.
  public init(_ array: NumericArray) throws(SpindleError) {
    try self.init(shape: array.shape, values: array.floats())
  }
}

extension EventTable {
  /// Events from three arrays [events].
  public init(
    samples: NumericArray, times: NumericArray, units: NumericArray
  ) throws(SpindleError) {
    try self.init(
      samples: samples.integers(), times: times.doubles(), units: units.integers())
  }

  /// Events from a .csv file with the columns sample, time (in seconds) and unit: in any order
  /// where a header names them, in this order where there is none.
  public init(contentsOf path: String) throws(SpindleError) {
    var table = try NumericTable(contentsOf: path)
    let columns = ["sample", "time", "unit"]
    if table.names != nil {
      table = try table.selecting(columns)
    } else if table.columns != columns.count {
      throw .invalidData(
        path: path, reason: "expected the columns sample, time and unit, found \(table.columns)")
    }
    var samples: [Int] = []
    var times: [Double] = []
    var units: [Int] = []
    for row in 0..<table.rows {
      let fields = table.values[row * 3..<row * 3 + 3]
      let line = row + (table.names == nil ? 1 : 2)
      samples.append(try integer(fields[row * 3], "sample", line, path))
      times.append(fields[row * 3 + 1])
      units.append(try integer(fields[row * 3 + 2], "unit", line, path))
    }
    try self.init(samples: samples, times: times, units: units)
  }
}

/// A number that must be an index.
private func integer(
  _ value: Double, _ column: String, _ line: Int, _ path: String
) throws(SpindleError) -> Int {
  guard let integer = Int(exactly: value), integer >= 0 else {
    throw .invalidData(
      path: path,
      reason: "line \(line): expected an integer from 0 on in column \(column), found \(value)")
  }
  return integer
}
