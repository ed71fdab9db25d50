import Spindle
import Testing

/// Datasets from arrays, and their batches, against the arrays themselves.
struct DatasetTests {
  /// How many spikes make the three forms in memory: lists, bits and float32.
  static let probabilities: [Double?] = [0, 0.01, 0.3, 1, nil]

  @Test(arguments: [1, 3, 31, 32, 33, 70], probabilities)
  func keepsEveryNumber(units: Int, probability: Double?) throws {
    var random = SplitMix(seed: UInt64(units))
    let (values, dataset) = try randomDataset(
      &random, count: 5, steps: 7, units: units, probability: probability)
    #expect(firstDifference(dataset.values, values) == nil)
    #expect(dataset.isSpiking == (probability != nil))
    #expect(dataset.shape == [5, 7, units])
    #expect(dataset.identities == [0, 1, 2, 3, 4])
  }

  @Test(arguments: [1, 3, 31, 32, 33, 70], probabilities)
  func batchesHoldTheirSamples(units: Int, probability: Double?) throws {
    var random = SplitMix(seed: 100 + UInt64(units))
    let (values, dataset) = try randomDataset(
      &random, count: 9, steps: 4, units: units, probability: probability)
    for indices in [[0], [8, 1, 1, 5], Array(0..<9)] {
      let batch = try dataset.batch(indices)
      #expect(batch.input.shape == [indices.count, 4, units])
      #expect(batch.input.isSpiking == (probability != nil))
      #expect(batch.indices == indices)
      #expect(batch.target == nil)
      let size = 4 * units
      let expected = indices.flatMap { Array(values[$0 * size..<($0 + 1) * size]) }
      let difference = firstDifference(batch.input.numbers, expected)
      #expect(difference == nil, "\(indices): \(difference ?? "")")
      // The same order in memory as an input made from numbers.
      let shape = (batch: indices.count, steps: 4, units: units)
      switch batch.input {
      case .spikes(let got):
        #expect(
          try got
            == SpikeTrain(expected, batch: shape.batch, steps: shape.steps, units: shape.units))
      case .signal(let got):
        #expect(
          try got == Signal(expected, batch: shape.batch, steps: shape.steps, units: shape.units))
      }
    }
    #expect(try dataset.batch().input.batch == 9)
  }

  @Test func oneSampleOfAnotherKindIsKept() throws {
    // Two samples of few spikes, one of many, one of fractions, one of spikes again.
    var values = [Float](repeating: 0, count: 5 * 40)
    values[3] = 1
    for index in 80..<115 { values[index] = 1 }
    values[130] = -0.5
    values[199] = 1
    let dataset = try Dataset(values, count: 5, steps: 4, units: 10)
    #expect(dataset.values == values)
    #expect(try dataset.repeatingSteps(1).values == values)
    let spikes = try dataset.subset([0, 1, 2, 4]).repeatingSteps(1)
    #expect(spikes.isSpiking && !dataset.isSpiking)
    #expect(spikes.values == Array(values[..<120] + values[160...]))
  }

  @Test func subsetsGoOnKnowingTheirSamples() throws {
    let labels = try ClassLabels([2, 0, 1, 2], names: ["a", "b", "c"])
    let dataset = try Dataset(
      (0..<8).map { Float($0) }, count: 4, steps: 1, units: 2, targets: .classes(labels))
    let part = try dataset.subset([3, 1]).subset([1, 0, 1])
    #expect(part.identities == [1, 3, 1])
    #expect(part.values == [2, 3, 6, 7, 2, 3])
    #expect(part.labels?.labels == [0, 2, 0])
    #expect(part.labels?.classCount == 3)
    #expect(try part.batch([2, 1]).target == .classes([0, 2]))
  }

  @Test func targetsOfEachKind() throws {
    let values = [Float](repeating: 0.5, count: 6)
    func target(_ targets: Targets) throws -> Target? {
      try Dataset(values, count: 3, steps: 2, units: 1, targets: targets).batch([2, 0]).target
    }
    let series = try Tensor(shape: [3, 2, 1], values: [0, 1, 2, 3, 4, 5])
    let chosenSeries = try Tensor(shape: [2, 2, 1], values: [4, 5, 0, 1])
    #expect(try target(.values(series)) == .values(chosenSeries))
    let rates = try Tensor(shape: [3, 2], values: [0, 1, 2, 3, 4, 5])
    let chosenRates = try Tensor(shape: [2, 2], values: [4, 5, 0, 1])
    #expect(try target(.values(rates)) == .values(chosenRates))
    #expect(try target(.shared(rates)) == .values(rates))
    #expect(try target(.none) == nil)
  }

  @Test func refusals() throws {
    let four: [Float] = [0, 1, 0, 1]
    expectError("a dataset's values must have shape [2, 1, 3]") {
      _ = try Dataset(four, count: 2, steps: 1, units: 3)
    }
    expectError("got nan at index 2") {
      _ = try Dataset([0, 1, .nan, 1], count: 2, steps: 2, units: 1)
    }
    for size in [0, -1, Int.min, Int.max] {
      expectError("samples") { _ = try Dataset(four, count: size, steps: 1, units: 1) }
      expectError("steps") { _ = try Dataset(four, count: 1, steps: size, units: 1) }
      expectError("units") { _ = try Dataset(four, count: 1, steps: 1, units: size) }
    }
    expectError("does not fit") {
      _ = try Dataset(four, count: 1 << 30, steps: 1 << 30, units: 1 << 30)
    }
    expectError("class of sample 1 must be from 0 to 2, got 3") {
      _ = try ClassLabels([0, 3], classCount: 3)
    }
    expectError("class of sample 0 must be from 0 to 1, got -1") { _ = try ClassLabels([-1, 1]) }
    expectError("names of the classes") { _ = try ClassLabels([0], classCount: 2, names: ["a"]) }
    let dataset = try Dataset(four, count: 2, steps: 2, units: 1)
    expectError("classes must have shape [2], got [3]") {
      _ = try dataset.with(targets: .classes(ClassLabels([0, 1, 0])))
    }
    let six = [Float](repeating: 0, count: 6)
    expectError("target must have shape [2, 2, 3], got [2, 1, 3]") {
      _ = try dataset.with(targets: .values(Tensor(shape: [2, 1, 3], values: six)))
    }
    expectError("[count, T, N] or [count, N]") {
      _ = try dataset.with(targets: .values(Tensor(shape: [6], values: six)))
    }
    for index in [2, -1, Int.min, Int.max] {
      expectError("index must be from 0 to 1") { _ = try dataset.batch([0, index]) }
      expectError("index must be from 0 to 1") { _ = try dataset.subset([index]) }
    }
    expectError("chosen samples") { _ = try dataset.batch([]) }
    expectError("chosen samples") { _ = try dataset.subset([]) }
  }
}
