/// How many samples of each class were put in each class.
public struct ConfusionMatrix: Sendable, Equatable {
  /// Number of classes.
  public let classes: Int
  /// [classes, classes]: row by row, the row is the true class, the column the predicted one.
  public private(set) var counts: [Int]

  /// An empty matrix.
  public init(classes: Int) throws(SpindleError) {
    try Limits.check(classes, "the number of classes")
    let count = try [classes, classes].volume(of: "a confusion matrix")
    try checkMemory(count * MemoryLayout<Int>.size)
    self.classes = classes
    counts = [Int](repeating: 0, count: count)
  }

  /// Counts samples; each class is from 0 to below `classes`.
  public mutating func add(
    truth: [Int32], predictions: [Int32]
  ) throws(SpindleError) {
    try require(
      truth.count == predictions.count, "the predictions", shape: [truth.count], [predictions.count]
    )
    for value in [truth, predictions].joined() where !(0..<classes).contains(Int(value)) {
      throw .invalidValue(what: "a class", expected: "from 0 to \(classes - 1)", got: "\(value)")
    }
    for (row, column) in zip(truth, predictions) {
      counts[Int(row) * classes + Int(column)] += 1
    }
  }

  /// Makes the counts those of all ranks.
  mutating func sum(over link: RankLink?) throws(SpindleError) {
    counts = try link.sum(counts.map { UInt64($0) }).map { Int($0) }
  }

  /// How many samples of class `truth` were put in class `prediction`; a class out of range ends
  /// the program, as an array's index does.
  public subscript(truth: Int, prediction: Int) -> Int {
    precondition(
      (0..<classes).contains(truth) && (0..<classes).contains(prediction), "no such class")
    return counts[truth * classes + prediction]
  }

  /// Samples counted.
  public var total: Int { counts.reduce(0, +) }

  /// Fraction of samples put in their class: the trace over the total. Nil without a sample.
  public var accuracy: Double? {
    fraction((0..<classes).reduce(0) { $0 + self[$1, $1] }, of: total)
  }

  /// Fraction of the samples put in a class that belong to it: C_kk / sum_i C_ik. Nil where none
  /// was put there.
  public func precision(of k: Int) -> Double? {
    fraction(self[k, k], of: (0..<classes).reduce(0) { $0 + self[$1, k] })
  }

  /// Fraction of a class's samples that were put in it: C_kk / sum_j C_kj. Nil where there is none.
  public func recall(of k: Int) -> Double? {
    fraction(self[k, k], of: (0..<classes).reduce(0) { $0 + self[k, $1] })
  }

  private func fraction(_ part: Int, of whole: Int) -> Double? {
    whole == 0 ? nil : Double(part) / Double(whole)
  }
}
