import Spindle
import SpindleReference
import Testing

/// Datasets of samples of different length.
struct DatasetLengthTests {
  /// Three samples of up to 4 steps and 2 units; what stands past their ends is 9.
  private func dataset(targets: Targets = .none) throws -> Dataset {
    let lengths = [4, 1, 3]
    let values = (0..<24).map { place -> Float in
      let (sample, step) = (place / 8, place / 2 % 4)
      return step < lengths[sample] ? Float(place) + 0.5 : 9
    }
    return try Dataset(
      values, count: 3, steps: 4, units: 2, targets: targets, lengths: lengths)
  }

  @Test func whatIsPastTheEndIsNotKept() throws {
    let dataset = try dataset()
    #expect(dataset.lengths == [4, 1, 3])
    #expect(dataset[1] == [8.5, 9.5, 0, 0, 0, 0, 0, 0])
    #expect(dataset[2] == [16.5, 17.5, 18.5, 19.5, 20.5, 21.5, 0, 0])
    let batch = try dataset.batch([2, 1])
    #expect(batch.input.lengths == [3, 1])
    let part = try dataset.subset([1])
    #expect(part.lengths == [1] && part.fingerprint != dataset.fingerprint)
    let whole = try Dataset(dataset[0] + dataset[1] + dataset[2], count: 3, steps: 4, units: 2)
    #expect(whole.fingerprint != dataset.fingerprint, "the lengths are no part of it")
  }

  @Test func spikesMayHaveLengths() throws {
    let dataset = try Dataset(
      [Float](repeating: 1, count: 12), count: 2, steps: 3, units: 2, lengths: [3, 2])
    #expect(dataset.isSpiking)
    let batch = try dataset.batch()
    guard case .spikes(let train) = batch.input else {
      Issue.record("no spikes")
      return
    }
    #expect(train.count == 10 && train.rate == 1)
    #expect(!train[1, 2, 0])
    // Of a train that was given more than that.
    let full = try Input([Float](repeating: 1, count: 12), batch: 2, steps: 3, units: 2)
    guard case .spikes(let cut) = try full.with(lengths: [1, 2]) else { return }
    #expect(cut.count == 6 && cut.rate == 1)
  }

  @Test func transformsHeedLengths() throws {
    let dataset = try dataset()
    let affine = try dataset.affine(scale: 1, offset: 100)
    #expect(affine[1] == [108.5, 109.5, 0, 0, 0, 0, 0, 0] && affine.lengths == [4, 1, 3])
    let repeated = try dataset.repeatingSteps(2)
    #expect(repeated.lengths == [8, 2, 6])
    #expect(repeated[1].prefix(6) == [8.5, 9.5, 8.5, 9.5, 0, 0])
    let binned = try dataset.binned(2, by: .mean)
    #expect(binned.lengths == [2, 1, 2])
    #expect(binned[1] == [8.5, 9.5, 0, 0])
    #expect(binned[2] == [17.5, 18.5, 20.5, 21.5], "the last bin is of one step alone")
    let padded = try dataset.padded(before: 1, after: 1, with: 7)
    #expect(padded.lengths == [6, 3, 5])
    #expect(padded[1].prefix(8) == [7, 7, 8.5, 9.5, 7, 7, 0, 0])
    let selected = try dataset.selecting(units: [1])
    #expect(selected.lengths == [4, 1, 3] && selected[1] == [9.5, 0, 0, 0])
    let cropped = try dataset.subset([0, 2]).cropped(to: 2..<4)
    #expect(cropped.lengths == [2, 1] && cropped[1] == [20.5, 21.5, 0, 0])
    expectError("sample 1 of a dataset to crop must be longer than the 2 steps") {
      _ = try dataset.cropped(to: 2..<4)
    }
    expectError("the lengths of samples must have shape [3], got [2]") {
      _ = try Dataset(
        [Float](repeating: 0, count: 3), count: 3, steps: 1, units: 1, lengths: [1, 1])
    }
  }

  /// Mean and deviation are those of the steps that samples have.
  @Test func standardizationIsOfTheSteps() throws {
    let dataset = try dataset()
    let values = (0..<3).flatMap { sample in
      dataset[sample].prefix([4, 1, 3][sample] * 2)
    }
    let flat = try Dataset(values, count: 1, steps: 8, units: 2)
    #expect(try Standardization(of: dataset) == Standardization(of: flat))
    let standardized = try dataset.standardized(by: Standardization(of: dataset))
    #expect(standardized[1].dropFirst(2).allSatisfy { $0 == 0 })
  }

  /// A sample is encoded as it is alone, with the same random numbers.
  @Test func encodersSeeTheSampleAlone() throws {
    let values = (0..<40).map { Float($0 % 11) / 10 }
    let dataset = try Dataset(values, count: 2, steps: 10, units: 2, lengths: [10, 4])
    let encoded = try EncodedDataset(dataset, encoder: RateEncoder(repeats: 3), seed: 5)
    let batch = try encoded.batch([0, 1], epoch: 2)
    #expect(batch.input.lengths == [30, 12])
    let alone = try Dataset(
      Array(values[20..<28] + values[20..<28]), count: 2, steps: 4, units: 2)
    let other = try EncodedDataset(alone, encoder: RateEncoder(repeats: 3), seed: 5)
    guard case .spikes(let padded) = batch.input,
      case .spikes(let own) = try other.batch([1], epoch: 2).input
    else {
      Issue.record("no spikes")
      return
    }
    for step in 0..<30 {
      for unit in 0..<2 {
        #expect(padded[1, step, unit] == (step < 12 ? own[0, step, unit] : false))
      }
    }
    #expect(try encoded.materialized(epoch: 2).lengths == [30, 12])
  }

  @Test func splitsKeepGroupsTogether() throws {
    let groups = (0..<97).map { $0 * $0 % 11 }
    let dataset = try Dataset(
      (0..<97).map { Float($0) + 0.5 }, count: 97, steps: 1, units: 1)
    for seed: UInt64 in 0..<20 {
      let parts = try dataset.split([0.6, 0.2, 0.2], seed: seed, groups: groups)
      #expect(parts.count == 3 && parts.map(\.count).reduce(0, +) == 97)
      let members = parts.map { Set($0.identities.map { groups[$0] }) }
      #expect(members.map(\.count).reduce(0, +) == Set(groups).count, "a group is in two parts")
      #expect(
        try dataset.split([0.6, 0.2, 0.2], seed: seed, groups: groups).map(\.identities)
          == parts.map(\.identities))
    }
    let halves = try dataset.split([0.5], seed: 1, groups: groups)
    #expect(halves.count == 1 && (30...67).contains(halves[0].count))
    expectError("the groups of a split into 3 parts must be at least as many, got 2") {
      _ = try dataset.split([0.4, 0.3, 0.3], seed: 1, groups: groups.map { $0 > 4 ? 1 : 0 })
    }
    expectError("the groups of a dataset's samples must have shape [97], got [1]") {
      _ = try dataset.split([0.5, 0.5], seed: 1, groups: [1])
    }
    expectError("a split by groups must be not stratified") {
      _ = try dataset.split([0.5, 0.5], seed: 1, stratified: true, groups: groups)
    }
  }

  @Test func classWeightsBalance() throws {
    let labels = try ClassLabels([0, 0, 0, 1, 2, 2])
    #expect(
      try ClassWeights.balanced.factors(for: labels, classes: 3) == [6.0 / 9, 2, 1] as [Float])
    #expect(try ClassWeights.factors([1, 0]).factors(for: nil, classes: 2) == [1, 0])
    expectError("the samples of class 3, whose weight is to balance them, must be at least one") {
      _ = try ClassWeights.balanced.factors(for: labels, classes: 4)
    }
    expectError("the class weights must have shape [2], got [1]") {
      _ = try ClassWeights.factors([1]).factors(for: nil, classes: 2)
    }
    expectError("the weight of class 1 must be finite and not negative, got -1.0") {
      _ = try ClassWeights.factors([1, -1]).factors(for: nil, classes: 2)
    }
  }

  /// A weighted loss is the mean of the weighted losses, and its gradients are the oracle's.
  @Test(arguments: [
    Loss.rateCrossEntropy, .maxMembraneCrossEntropy, .meanMembraneCrossEntropy,
    .recallCrossEntropy(firstStep: 1, answerSteps: 1),
  ])
  func classWeightsAreFactors(loss: Loss) throws {
    let network = try Network(inputs: 3, layers: [.lif(8), .lif(4)], seed: 2)
    var random = SplitMix(seed: 9)
    let values = (0..<4 * 6 * 3).map { _ in random.float(0...2) }
    let input = try Input(values, batch: 4, steps: 6, units: 3)
    let (classes, weights): ([Int32], [Float]) = ([0, 1, 3, 1], [0.5, 2, 7, 0])
    let weighted = try network.evaluate(
      input, target: .classes(classes), loss: loss, classWeights: weights)
    var sum = 0.0
    for sample in 0..<4 {
      let own = Array(values[sample * 18..<(sample + 1) * 18])
      let alone = try network.evaluate(
        Input(own, batch: 1, steps: 6, units: 3), target: .classes([classes[sample]]), loss: loss)
      sum += Double(weights[Int(classes[sample])]) * alone.loss / 4
    }
    #expect(abs(weighted.loss - sum) <= 1e-14 * sum)
    let plain = try network.evaluate(input, target: .classes(classes), loss: loss)
    let ones = try network.evaluate(
      input, target: .classes(classes), loss: loss, classWeights: [1, 1, 1, 1])
    Bits(ones).expectSame(as: Bits(plain), "weights of 1 against none")
    let spikes = try (0..<2).map { layer in
      try network.run(input, recording: layer).spikes.values.map(Double.init)
    }
    let oracle = try Reference<Double>(network).run(
      input: values.map(Double.init), batch: 4, steps: 6, spikes: .forced(spikes)
    ).step(loss: loss, target: .classes(classes), classWeights: weights.map(Double.init))
    for (name, gradient) in weighted.gradients {
      let difference = Difference(name, gradient, try #require(oracle.gradients[name]))
      // Sums of at most 24 rows and 8 neurons, in float32.
      #expect(difference.isWithin(1e-4, floor: 1e-6), "\(difference)")
    }
    #expect(weighted.gradients != plain.gradients)
    expectError("the loss of class weights must be a cross-entropy, got membrane_mse") {
      _ = try Trainer(network, batch: 1, steps: 1, loss: .membraneMSE, classWeights: weights)
    }
  }
}
