import Spindle
import Testing

/// Random splits and the order of epochs.
struct SplitTests {
  private func dataset(_ labels: [Int32]) throws -> Dataset {
    try Dataset(
      labels.indices.map { Float($0) + 0.5 }, count: labels.count, steps: 1, units: 1,
      targets: .classes(ClassLabels(labels)))
  }

  @Test(arguments: [false, true])
  func partsAreDisjointAndOfTheSaidSizes(stratified: Bool) throws {
    var random = SplitMix(seed: 3)
    let labels = (0..<103).map { _ in Int32.random(in: 0..<5, using: &random) }
    let dataset = try dataset(labels)
    for fractions in [[1], [0.8, 0.2], [0.7, 0.2, 0.1], [0.5, 0.25], [0.01, 0.33]] {
      let sizes = try Dataset.splitSizes(count: 103, fractions)
      let parts = try dataset.split(fractions, seed: 9, stratified: stratified)
      #expect(parts.map(\.count) == sizes)
      let all = parts.flatMap(\.identities)
      #expect(Set(all).count == all.count, "a sample is in two parts")
      #expect(Set(all).isSubset(of: Set(0..<103)))
      var sum = 0.0
      for (index, fraction) in fractions.enumerated() {
        sum += fraction
        let end = sizes[...index].reduce(0, +)
        #expect(abs(Double(end) - sum * 103) <= 0.5 + 1e-9, "\(sizes)")
      }
      for part in parts {
        #expect(part.identities == part.identities.sorted())
        #expect(part.values == part.identities.map { Float($0) + 0.5 })
        #expect(part.labels?.labels == part.identities.map { labels[$0] })
      }
      let again = try dataset.split(fractions, seed: 9, stratified: stratified)
      #expect(again.map(\.identities) == parts.map(\.identities))
      if fractions != [1] {
        let other = try dataset.split(fractions, seed: 10, stratified: stratified)
        #expect(other.map(\.identities) != parts.map(\.identities))
      }
    }
  }

  @Test func everySampleIsEquallyLikelyToBeChosen() throws {
    let dataset = try dataset([Int32](repeating: 0, count: 20))
    var hits = [Int](repeating: 0, count: 20)
    for seed in 0..<2000 as Range<UInt64> {
      for sample in try dataset.split([0.3], seed: seed)[0].identities { hits[sample] += 1 }
    }
    // Binomial of mean 600 and deviation sqrt(2000 * 0.3 * 0.7) = 20.5; six of them.
    for (sample, count) in hits.enumerated() {
      #expect(abs(Double(count) - 600) < 6 * 20.5, "sample \(sample): \(count) times")
    }
  }

  @Test func stratifiedPartsHaveTheClassesOfTheWhole() throws {
    // 27 classes of 50, as the Braille letters: exactly 40 and 10 of each.
    let even = try dataset((0..<1350).map { Int32($0 / 50) })
    let parts = try even.split([0.8, 0.2], seed: 1, stratified: true)
    for (part, wanted) in zip(parts, [40, 10]) {
      for label in 0..<27 as Range<Int32> {
        #expect(part.labels?.labels.count { $0 == label } == wanted)
      }
    }
    // Uneven ones: each class within one sample of its share.
    let sizes = [3, 10, 57, 130]
    let uneven = try dataset(
      sizes.enumerated().flatMap { [Int32](repeating: Int32($0), count: $1) })
    for seed in 0..<20 as Range<UInt64> {
      let part = try uneven.split([0.6], seed: seed, stratified: true)[0]
      #expect(part.count == 120)
      for (label, size) in sizes.enumerated() {
        let got = part.labels?.labels.count { $0 == Int32(label) } ?? 0
        #expect(abs(Double(got) - 0.6 * Double(size)) <= 1, "class \(label): \(got) of \(size)")
      }
    }
  }

  @Test func epochsHaveOrdersOfTheirOwn() throws {
    let order = SampleOrder.shuffled(seed: 4)
    let first = try order.indices(count: 100, epoch: 0)
    #expect(first != Array(0..<100) && first.sorted() == Array(0..<100))
    #expect(try order.indices(count: 100, epoch: 0) == first)
    #expect(try order.indices(count: 100, epoch: 1) != first)
    #expect(try SampleOrder.shuffled(seed: 5).indices(count: 100, epoch: 0) != first)
    #expect(try SampleOrder.given.indices(count: 3, epoch: 7) == [0, 1, 2])
    #expect(try order.indices(count: 1, epoch: 0) == [0])
    for epoch in [-1, 1 << 32] {
      expectError("an epoch") { _ = try order.indices(count: 2, epoch: epoch) }
    }
  }

  /// All 24 orders of four samples come equally often: chi squared of 23 degrees, whose standard
  /// deviation is sqrt(46) = 6.8; six of them from the mean.
  @Test func ordersAreUniform() throws {
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<4800 {
      counts[try SampleOrder.shuffled(seed: 6).indices(count: 4, epoch: epoch), default: 0] += 1
    }
    #expect(counts.count == 24)
    let chi = counts.values.reduce(0) { $0 + Double(($1 - 200) * ($1 - 200)) / 200 }
    #expect(abs(chi - 23) < 6 * 6.8, "chi squared of \(chi)")
  }

  @Test func refusals() throws {
    let dataset = try dataset([0, 1, 0, 1])
    for fraction in [0, -0.5, .nan, .infinity] {
      expectError("fraction must be positive") { _ = try dataset.split([fraction], seed: 0) }
    }
    expectError("at most 1, got 1.1") { _ = try dataset.split([0.5, 0.6], seed: 0) }
    expectError("of at least one sample") { _ = try dataset.split([0.1], seed: 0) }
    expectError("of at least one sample") { _ = try dataset.split([0.9, 0.1], seed: 0) }
    expectError("stratified split must be classes") {
      _ = try dataset.with(targets: .none).split([0.5], seed: 0, stratified: true)
    }
  }
}
