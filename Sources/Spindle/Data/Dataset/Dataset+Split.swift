extension Dataset {
  /// Cuts the dataset at random into parts that share no sample, each in the order of this dataset.
  ///
  /// Of n samples, the first k parts together have n times the sum of the first k fractions,
  /// rounded to the nearest integer. `splitSizes` tells how many that makes.
  ///
  /// - Parameters:
  ///   - fractions: what each part gets; where they sum to less than 1, the rest is left out.
  ///   - seed: the same seed gives the same parts.
  ///   - stratified: whether every part holds each class in the same proportion, as nearly as whole
  ///     samples allow; needs class targets. The sizes of the parts stay the same.
  /// - Throws: where a fraction is not positive, they sum to more than 1, or a part would be empty.
  public func split(
    _ fractions: [Double], seed: UInt64, stratified: Bool = false
  ) throws(SpindleError) -> [Dataset] {
    let sizes = try Self.splitSizes(count: count, fractions)
    var random = RandomStream(seed: seed, stream: try .of(.split, epoch: 0))
    var order = try random.permutation(count: count)
    if stratified { order = try stratify(order) }
    var parts: [Dataset] = []
    var first = 0
    for size in sizes {
      parts.append(try subset(order[first..<first + size].sorted()))
      first += size
    }
    return parts
  }

  /// The sizes of the parts into which `split` cuts `count` samples.
  public static func splitSizes(
    count: Int, _ fractions: [Double]
  ) throws(SpindleError) -> [Int] {
    var sum = 0.0
    var end = 0
    var sizes: [Int] = []
    for fraction in fractions {
      try require(fraction > 0 && fraction.isFinite, "a part's fraction", "positive", fraction)
      sum += fraction
      // Decimal fractions such as 0.7, 0.2 and 0.1 need not sum to 1 exactly.
      try require(sum <= 1 + 1e-9, "the sum of a split's fractions", "at most 1", sum)
      let next = Int((min(sum, 1) * Double(count)).rounded())
      try require(
        next > end, "a part of \(fraction) of \(count) samples", "of at least one sample", "none")
      sizes.append(next - end)
      end = next
    }
    return sizes
  }

  /// The same order, in which each class is spread evenly from the beginning to the end: the k-th
  /// of a class's n samples comes at (k + 1/2) / n of the way.
  private func stratify(_ order: [Int]) throws(SpindleError) -> [Int] {
    guard let labels = targets.labels else {
      throw .invalidValue(
        what: "the targets of a stratified split", expected: "classes", got: "none")
    }
    var sizes = [Int](repeating: 0, count: labels.classCount)
    for label in labels.labels { sizes[Int(label)] += 1 }
    var seen = [Int](repeating: 0, count: labels.classCount)
    let places = order.enumerated().map { rank, sample in
      let label = Int(labels.labels[sample])
      defer { seen[label] += 1 }
      return (way: (Double(seen[label]) + 0.5) / Double(sizes[label]), rank: rank, sample: sample)
    }
    return places.sorted { ($0.way, $0.rank) < ($1.way, $1.rank) }.map(\.sample)
  }
}
