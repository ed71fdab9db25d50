extension Dataset {
  /// Samples [count, T, I], or static vectors [count, I], which make samples of one step.
  ///
  ///     let taxels = try NumericArray(contentsOf: "braille.safetensors", tensor: "taxels")
  ///     let labels = try NumericArray(contentsOf: "braille.safetensors", tensor: "labels")
  ///     let dataset = try Dataset(taxels, targets: .classes(ClassLabels(labels)))
  ///
  /// - Parameters:
  ///   - array: the samples.
  ///   - targets: what the output should be.
  ///   - lengths: the steps of each sample; nil where all have T.
  public init(
    _ array: NumericArray, targets: Targets = .none, lengths: [Int]? = nil
  ) throws(SpindleError) {
    let shape = array.shape
    try require(
      shape.count == 3 || shape.count == 2, in: array.path,
      "expected samples of shape [count, steps, units] or [count, units], found \(shape)")
    try self.init(
      array.floats(), count: shape[0], steps: shape.count == 3 ? shape[1] : 1,
      units: shape[shape.count - 1], targets: targets, lengths: lengths)
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
