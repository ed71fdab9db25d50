/// What the output should be for each sample of a dataset.
public enum Targets: Sendable, Equatable {
  /// Nothing is known.
  case none
  /// A class each.
  case classes(ClassLabels)
  /// Numbers of each sample's own: [count, T, N], or [count, N].
  case values(Tensor)
  /// The same numbers for every sample: [T, N] for `Loss.meanRateMSE`, [N] for
  /// `Loss.firingRateMSE`.
  case shared(Tensor)

  /// The class labels, where there are any.
  public var labels: ClassLabels? {
    if case .classes(let labels) = self { labels } else { nil }
  }

  /// Refuses targets for another number of samples or, where the samples have more than one step,
  /// of steps.
  func check(count: Int, steps: Int) throws(SpindleError) {
    switch self {
    case .none, .shared: return
    case .classes(let labels):
      try require(
        labels.labels.count == count, "a dataset's classes", shape: [count], [labels.labels.count])
    case .values(let tensor):
      let shape = tensor.shape
      try require(
        shape.count == 2 || shape.count == 3, "a dataset's target",
        "of shape [count, T, N] or [count, N]", shape)
      let free = shape.count == 2 || steps == 1
      guard shape[0] == count, free || shape[1] == steps else {
        let expected = [count] + (free ? shape.dropFirst() : [steps, shape[2]])
        throw .shapeMismatch(what: "a dataset's target", expected: expected, got: shape)
      }
    }
  }

  func subset(_ indices: [Int]) -> Targets {
    switch self {
    case .none, .shared: self
    case .classes(let labels): .classes(labels.subset(indices))
    case .values(let tensor): .values(tensor.gathered(indices))
    }
  }

  /// The target of a batch of these samples; nil where nothing is known.
  func batch(_ indices: [Int]) -> Target? {
    switch self {
    case .none: nil
    case .classes(let labels): .classes(indices.map { labels.labels[$0] })
    case .values(let tensor): .values(tensor.gathered(indices))
    case .shared(let tensor): .values(tensor)
    }
  }
}

/// The class of each sample, and what the classes are called.
public struct ClassLabels: Sendable, Equatable {
  /// From 0 to the number of classes less 1: [count].
  public let labels: [Int32]
  /// The number of classes, of which a dataset need not hold all.
  public let classCount: Int
  /// A name for each class; nil for none.
  public let names: [String]?

  /// Labels, checked.
  ///
  /// - Parameters:
  ///   - labels: [count].
  ///   - classCount: nil for as many as there are names, or else for one more than the largest
  ///     label.
  ///   - names: a name for each class.
  /// - Throws: where a label is not from 0 to `classCount` - 1, or names are too few or too many.
  public init(
    _ labels: [Int32], classCount: Int? = nil, names: [String]? = nil
  ) throws(SpindleError) {
    let classCount = classCount ?? names?.count ?? Int(labels.max() ?? 0) + 1
    if let index = labels.firstIndex(where: { $0 < 0 || Int($0) >= classCount }) {
      throw .invalidValue(
        what: "the class of sample \(index)", expected: "from 0 to \(classCount - 1)",
        got: "\(labels[index])")
    }
    if let names, names.count != classCount {
      throw .shapeMismatch(
        what: "the names of the classes", expected: [classCount], got: [names.count])
    }
    self.labels = labels
    self.classCount = classCount
    self.names = names
  }

  /// Those of the samples with these indices.
  func subset(_ indices: [Int]) -> ClassLabels {
    ClassLabels(unchecked: indices.map { labels[$0] }, like: self)
  }

  private init(unchecked labels: [Int32], like other: ClassLabels) {
    self.labels = labels
    classCount = other.classCount
    names = other.names
  }
}

extension Tensor {
  /// The parts with these indices along the first dimension.
  func gathered(_ indices: [Int]) -> Tensor {
    let rest = Array(shape.dropFirst())
    return Tensor(
      uncheckedShape: [indices.count] + rest,
      values: values.gathered(indices, size: rest.reduce(1, *)))
  }
}
