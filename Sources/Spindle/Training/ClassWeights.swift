/// Factors by which samples count in a cross-entropy, by their class: the loss of a batch is the mean
/// over its samples of the factor times the sample's cross-entropy. It is not divided by the factors'
/// sum, so that a sample counts the same whatever batch it is in.
public enum ClassWeights: Sendable, Equatable {
  /// Samples / (classes x samples of the class), so that every class counts the same and the mean
  /// factor of the samples is 1; of the samples that are trained on.
  case balanced
  /// A factor for each class, not negative: [N].
  case factors([Float])
}

extension Loss {
  /// Refuses class weights of a loss without classes, and factors that none can be weighted by.
  func check(_ classWeights: [Float]?, classes: Int) throws(SpindleError) {
    guard let classWeights else { return }
    try require(wantsClasses, "the loss of class weights", "a cross-entropy", name)
    try ClassWeights.check(classWeights, classes: classes)
  }
}

extension ClassWeights {
  /// The factor of each class.
  ///
  /// - Parameters:
  ///   - labels: the classes of the samples that are trained on.
  ///   - classes: N.
  /// - Throws: where there are not N factors, one is negative or not finite or all are 0, and where
  ///   classes are to be balanced of which one has no samples, or there are no classes.
  public func factors(for labels: ClassLabels?, classes: Int) throws(SpindleError) -> [Float] {
    switch self {
    case .factors(let factors):
      try Self.check(factors, classes: classes)
      return factors
    case .balanced:
      guard let labels else {
        throw .invalidValue(
          what: "the data of balanced class weights", expected: "with classes", got: "none")
      }
      var counts = [Int](repeating: 0, count: max(classes, labels.classCount))
      for label in labels.labels { counts[Int(label)] += 1 }
      if let index = counts[..<classes].firstIndex(of: 0) {
        throw .invalidValue(
          what: "the samples of class \(index), whose weight is to balance them,",
          expected: "at least one", got: "none")
      }
      return counts[..<classes].map {
        Float(Double(labels.labels.count) / (Double(classes) * Double($0)))
      }
    }
  }

  /// Refuses factors that no loss can be weighted by.
  static func check(_ factors: [Float], classes: Int) throws(SpindleError) {
    try require(factors.count == classes, "the class weights", shape: [classes], [factors.count])
    if let index = factors.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw .invalidValue(
        what: "the weight of class \(index)", expected: "finite and not negative",
        got: "\(factors[index])")
    }
    try require(
      factors.contains { $0 > 0 }, "a class weight", "positive for some class", "0 for all")
  }
}
