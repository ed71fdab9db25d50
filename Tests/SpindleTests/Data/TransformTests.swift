import Foundation
import Spindle
import Testing

/// Each transform against a formula on the plain array, for all forms in memory.
struct TransformTests {
  private static let (count, steps, units) = (4, 6, 35)

  private func check(
    _ name: String, steps: Int, units: Int, _ transform: (Dataset) throws -> Dataset,
    expected: (_ value: (Int, Int, Int) -> Float, Int, Int, Int) -> Float
  ) throws {
    for probability in DatasetTests.probabilities {
      var random = SplitMix(seed: 5)
      let (values, dataset) = try randomDataset(
        &random, count: Self.count, steps: Self.steps, units: Self.units,
        probability: probability)
      let result = try transform(dataset)
      #expect(result.count == Self.count && result.steps == steps && result.units == units)
      func value(_ sample: Int, _ step: Int, _ unit: Int) -> Float {
        values[(sample * Self.steps + step) * Self.units + unit]
      }
      var wanted: [Float] = []
      for sample in 0..<Self.count {
        for step in 0..<steps {
          for unit in 0..<units { wanted.append(expected(value, sample, step, unit)) }
        }
      }
      let difference = firstDifference(result.values, wanted)
      #expect(
        difference == nil, "\(name) at \(String(describing: probability)): \(difference ?? "")")
    }
  }

  @Test func unitsAreChosen() throws {
    let chosen = [34, 0, 2, 2]
    try check("select", steps: Self.steps, units: 4) {
      try $0.selecting(units: chosen)
    } expected: {
      $0($1, $2, chosen[$3])
    }
  }

  @Test func valuesAreScaled() throws {
    try check("affine", steps: Self.steps, units: Self.units) {
      try $0.affine(scale: -1.0 / 255, offset: 1)
    } expected: {
      Float(-1.0 / 255 * Double($0($1, $2, $3)) + 1)
    }
  }

  @Test func stepsAreRepeated() throws {
    try check("repeat", steps: 18, units: Self.units) {
      try $0.repeatingSteps(3)
    } expected: {
      $0($1, $2 / 3, $3)
    }
  }

  @Test func stepsAreCroppedAndPadded() throws {
    try check("crop", steps: 3, units: Self.units) {
      try $0.cropped(to: 2..<5)
    } expected: {
      $0($1, $2 + 2, $3)
    }
    for value in [0, 1, 0.25] as [Float] {
      try check("pad", steps: Self.steps + 3, units: Self.units) {
        try $0.padded(before: 1, after: 2, with: value)
      } expected: {
        (1...Self.steps).contains($2) ? $0($1, $2 - 1, $3) : value
      }
    }
  }

  @Test func stepsAreBinned() throws {
    func sum(_ value: (Int, Int, Int) -> Float, _ b: Int, _ t: Int, _ i: Int) -> Double {
      Double(value(b, 2 * t, i)) + Double(value(b, 2 * t + 1, i))
    }
    try check("sum", steps: 3, units: Self.units) {
      try $0.binned(2, by: .sum)
    } expected: {
      Float(sum($0, $1, $2, $3))
    }
    try check("mean", steps: 3, units: Self.units) {
      try $0.binned(2, by: .mean)
    } expected: {
      Float(sum($0, $1, $2, $3) / 2)
    }
    var random = SplitMix(seed: 6)
    let (_, spikes) = try randomDataset(
      &random, count: 3, steps: 6, units: 33, probability: 0.4)
    let sums = try spikes.binned(3, by: .sum)
    let any = try spikes.binned(3, by: .any)
    #expect(any.isSpiking && !sums.isSpiking)
    #expect(any.values == sums.values.map { $0 > 0 ? 1 : 0 })
  }

  @Test func targetsGoAlong() throws {
    let own = Targets.values(try Tensor(shape: [2, 3, 1], values: [0, 1, 2, 3, 4, 5]))
    let dataset = try Dataset([1, 2, 3, 4, 5, 6], count: 2, steps: 3, units: 1, targets: own)
    let twice = try Tensor(shape: [2, 6, 1], values: [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    #expect(try dataset.repeatingSteps(2).targets == .values(twice))
    let last = try Tensor(shape: [2, 2, 1], values: [1, 2, 4, 5])
    #expect(try dataset.cropped(to: 1..<3).targets == .values(last))
    let shared = try dataset.with(targets: .shared(Tensor(shape: [3, 1], values: [7, 8, 9])))
    let lastShared = try Tensor(shape: [1, 1], values: [9])
    #expect(try shared.cropped(to: 2..<3).targets == .shared(lastShared))
    for targets in [own, shared.targets] {
      let dataset = try dataset.with(targets: targets)
      expectError("without steps of their own") { _ = try dataset.padded(after: 1) }
      expectError("without steps of their own") { _ = try dataset.binned(3, by: .sum) }
    }
    let classes = try dataset.with(targets: .classes(ClassLabels([1, 0])))
    #expect(try classes.binned(3, by: .sum).labels?.labels == [1, 0])
    #expect(try classes.subset([1]).repeatingSteps(2).identities == [1])
  }

  @Test func standardizedUnitsHaveMeanZeroAndDeviationOne() throws {
    var random = SplitMix(seed: 7)
    let count = 50 * 8
    let values = (0..<count * 3).map { random.float(0...1) * Float($0 % 3 + 1) * 100 + 1000 }
    let dataset = try Dataset(values, count: 50, steps: 8, units: 3)
    let standardization = try Standardization(of: dataset)
    let result = try dataset.standardized(by: standardization).values
    for unit in 0..<3 {
      let unitValues = stride(from: unit, to: result.count, by: 3).map { Double(result[$0]) }
      let mean = unitValues.reduce(0, +) / Double(count)
      let square = unitValues.reduce(0) { $0 + $1 * $1 } / Double(count)
      // The mean and the deviation are rounded to Float: the mean's error is up to 2^-24 of at most
      // 1300, against deviations of about 29 at least.
      let bound = 1300 * 0x1p-24 / 25
      #expect(!(abs(mean) > bound), "mean \(mean) of unit \(unit)")
      #expect(!(abs(square - 1) > 4 * bound), "mean square \(square) of unit \(unit)")
    }
    // From the training samples alone, and stored in between.
    let taken = try Standardization(of: dataset.subset(Array(0..<30)))
    #expect(taken != standardization)
    let stored = try JSONDecoder().decode(
      Standardization.self, from: JSONEncoder().encode(taken))
    #expect(stored == taken)
    let test = try dataset.subset([31]).standardized(by: stored).values
    let first =
      (Double(values[31 * 24]) - Double(taken.mean[0])) / Double(taken.standardDeviation[0])
    #expect(test[0] == Float(first))
  }

  @Test func refusals() throws {
    let dataset = try Dataset([1, 5, 1, 7], count: 2, steps: 1, units: 2)
    for unit in [2, -1, Int.max] {
      expectError("chosen unit must be from 0 to 1") {
        _ = try dataset.selecting(units: [0, unit])
      }
    }
    expectError("chosen units") { _ = try dataset.selecting(units: []) }
    expectError("finite") { _ = try dataset.affine(scale: .infinity) }
    expectError("finite") { _ = try dataset.affine(scale: 1e300) }
    for times in [0, -1, Int.max, Int.min] {
      expectError("repetitions") { _ = try dataset.repeatingSteps(times) }
      expectError("width of a bin") { _ = try dataset.binned(times, by: .sum) }
    }
    expectError("number of steps") {
      _ = try dataset.repeatingSteps(2).repeatingSteps(1 << 30)
    }
    for range in [0..<0, 0..<2, -1..<1] {
      expectError("steps of a crop") { _ = try dataset.cropped(to: range) }
    }
    expectError("steps of a padding") { _ = try dataset.padded(before: -1) }
    expectError("steps of a padding") { _ = try dataset.padded(after: Int.max) }
    expectError("value of a padding") { _ = try dataset.padded(after: 1, with: .nan) }
    expectError("of spikes") { _ = try dataset.binned(1, by: .any) }
    expectError("unit 0 of a dataset to standardise must be changing") {
      _ = try Standardization(of: dataset)
    }
    let one = try Standardization(mean: [0], standardDeviation: [1])
    expectError("a standardization must have shape [2], got [1]") {
      _ = try dataset.standardized(by: one)
    }
    expectError("deviation of unit 1 must be positive") {
      _ = try Standardization(mean: [0, 0], standardDeviation: [1, 0])
    }
    expectError("deviation of unit 0 must be positive") {
      _ = try JSONDecoder().decode(
        Standardization.self, from: Data(#"{"mean":[0],"standard_deviation":[-1]}"#.utf8))
    }
  }
}
