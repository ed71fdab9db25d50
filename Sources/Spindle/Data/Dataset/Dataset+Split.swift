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
  ///   - groups: a number for each sample, such as that of the person it was recorded from [count]:
  ///     all samples of a group go to one part, so that the parts have their sizes only as nearly as
  ///     whole groups allow. Nil for none.
  /// - Throws: where a fraction is not positive, they sum to more than 1, or a part would be empty,
  ///   and where a split by groups is to be stratified.
  public func split(
    _ fractions: [Double], seed: UInt64, stratified: Bool = false, groups: [Int]? = nil
  ) throws(SpindleError) -> [Dataset] {
    if let groups {
      try require(!stratified, "a split by groups", "not stratified", "stratified")
      return try split(fractions, seed: seed, by: groups)
    }
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

  /// Goes through the groups in random order, and ends each part after the group with which the parts
  /// so far come nearest to their share of the samples.
  private func split(
    _ fractions: [Double], seed: UInt64, by groups: [Int]
  ) throws(SpindleError) -> [Dataset] {
    try require(
      groups.count == count, "the groups of a dataset's samples", shape: [count], [groups.count])
    let names = Set(groups).sorted()
    try require(
      names.count >= fractions.count, "the groups of a split into \(fractions.count) parts",
      "at least as many", "\(names.count)")
    var random = RandomStream(seed: seed, stream: try .of(.split, epoch: 0))
    let order = try random.permutation(count: names.count).map { names[$0] }
    let members = Dictionary(grouping: groups.indices) { groups[$0] }
    var parts: [Dataset] = []
    var (target, taken, place) = (0, 0, 0)
    for (part, size) in try Self.splitSizes(count: count, fractions).enumerated() {
      target += size
      var indices: [Int] = []
      let others = fractions.count - part - 1
      while place < order.count - others {
        let group = members[order[place]] ?? []
        let isNearer = abs(taken + group.count - target) <= abs(taken - target)
        guard indices.isEmpty || isNearer else { break }
        indices += group
        taken += group.count
        place += 1
      }
      parts.append(try subset(indices.sorted()))
    }
    return parts
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
