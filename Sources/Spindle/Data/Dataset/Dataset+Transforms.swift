/// How several steps become one.
public enum Binning: String, Sendable, CaseIterable {
  /// A spike where there was one in any of the steps; spikes alone.
  case any
  /// The sum, such as the number of spikes.
  case sum
  /// The mean.
  case mean
}

extension Dataset {
  /// The given units alone, in the given order; one may come twice.
  public func selecting(units chosen: [Int]) throws(SpindleError) -> Dataset {
    try Limits.check(chosen.count, "the number of chosen units")
    if let unit = chosen.first(where: { !(0..<units).contains($0) }) {
      throw .invalidValue(
        what: "a chosen unit", expected: "from 0 to \(units - 1)", got: "\(unit)")
    }
    return try rebuilt(
      steps: steps, units: chosen.count, targets: targets, lengths: lengths
    ) { values, _, step in
      chosen.map { values[step * units + $0] }
    }
  }

  /// scale x + offset, computed in Double.
  public func affine(scale: Double, offset: Double = 0) throws(SpindleError) -> Dataset {
    try mapValues { value, _ in Float(scale * Double(value) + offset) }
  }

  /// Every step `times` times in a row. A target [T, N] goes along.
  public func repeatingSteps(_ times: Int) throws(SpindleError) -> Dataset {
    try Limits.check(times, "the number of repetitions")
    let longer = try product(steps, times)
    return try rebuilt(
      steps: longer, units: units, targets: try targets.mapSteps(steps, to: longer) { $0 / times },
      lengths: lengths?.map { $0 * times }
    ) { values, _, step in
      Array(values[step / times * units..<(step / times + 1) * units])
    }
  }

  /// The steps of a range alone. A target [T, N] goes along.
  ///
  /// - Throws: also where a sample ends before the range begins.
  public func cropped(to range: Range<Int>) throws(SpindleError) -> Dataset {
    try require(
      !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= steps, "the steps of a crop",
      "some of 0..<\(steps)", range)
    if let sample = lengths?.firstIndex(where: { $0 <= range.lowerBound }) {
      throw .invalidValue(
        what: "sample \(sample) of a dataset to crop",
        expected: "longer than the \(range.lowerBound) steps that are cut from its beginning",
        got: "of \(length(of: sample)) steps")
    }
    return try rebuilt(
      steps: range.count, units: units,
      targets: try targets.mapSteps(steps, to: range.count) { range.lowerBound + $0 },
      lengths: lengths?.map { min($0, range.upperBound) - range.lowerBound }
    ) { values, _, step in
      let step = range.lowerBound + step
      return Array(values[step * units..<(step + 1) * units])
    }
  }

  /// Steps of `value` in front and behind, where each sample ends.
  ///
  /// - Throws: where the targets have steps of their own, which would need a value too.
  public func padded(
    before: Int = 0, after: Int = 0, with value: Float = 0
  ) throws(SpindleError) -> Dataset {
    try require(
      before >= 0 && after >= 0 && before <= Limits.size && after <= Limits.size,
      "the steps of a padding", "from 0 to \(Limits.size)", "\(before) and \(after)")
    try Limits.check(steps + before + after, "the number of steps")
    try [value].checkFinite("the value of a padding")
    try require(
      !targets.haveSteps(steps), "the targets of a dataset to pad", "without steps of their own",
      "some of \(steps) steps")
    let padding = [Float](repeating: value, count: units)
    return try rebuilt(
      steps: steps + before + after, units: units, targets: targets,
      lengths: lengths?.map { $0 + before + after }
    ) { values, length, step in
      guard (before..<before + length).contains(step) else { return padding }
      return Array(values[(step - before) * units..<(step - before + 1) * units])
    }
  }

  /// Each `width` steps become one; the last steps that do not fill a bin are an error, to be
  /// cropped or padded first. The last bin of a sample that ends before T has the steps that are left.
  ///
  /// - Throws: where the targets have steps of their own, too.
  public func binned(_ width: Int, by binning: Binning) throws(SpindleError) -> Dataset {
    try require(
      width >= 1 && steps % width == 0, "the width of a bin", "a divisor of the \(steps) steps",
      width)
    try require(
      binning != .any || isSpiking, "a dataset to bin by \"any\"", "of spikes",
      "one of analog values")
    try require(
      !targets.haveSteps(steps) || width == 1, "the targets of a dataset to bin",
      "without steps of their own", "some of \(steps) steps")
    return try rebuilt(
      steps: steps / width, units: units, targets: targets,
      lengths: lengths?.map { ($0 - 1) / width + 1 }
    ) { values, length, step in
      let bin = step * width..<max(step * width + 1, min((step + 1) * width, length))
      return (0..<units).map { unit in
        var sum = 0.0
        for inner in bin {
          sum += Double(values[inner * units + unit])
        }
        switch binning {
        case .any: return sum > 0 ? 1 : 0
        case .sum: return Float(sum)
        case .mean: return Float(sum / Double(bin.count))
        }
      }
    }
  }

  private func product(_ steps: Int, _ times: Int) throws(SpindleError) -> Int {
    let (product, overflow) = steps.multipliedReportingOverflow(by: times)
    try Limits.check(overflow ? Int.max : product, "the number of steps")
    return product
  }

  /// A function of each number and its unit.
  func mapValues(_ transform: (Float, Int) -> Float) throws(SpindleError) -> Dataset {
    var values = try samples.values(count: count, steps: steps, units: units)
    for sample in 0..<count {
      let first = sample * steps * units
      for index in first..<first + length(of: sample) * units {
        values[index] = transform(values[index], index % units)
      }
    }
    try values.checkFinite("a transformed dataset")
    return try Dataset(
      try SamplesBuilder.compact(values, count: count, steps: steps, units: units), count: count,
      steps: steps, units: units, targets: targets, lengths: lengths, identities: identities)
  }

  /// Each sample made anew from its numbers [T, I] and its length, row by row up to its new length,
  /// which is `newSteps` where there are no lengths.
  private func rebuilt(
    steps newSteps: Int, units newUnits: Int, targets: Targets, lengths newLengths: [Int]?,
    _ row: (_ values: [Float], _ length: Int, _ step: Int) -> [Float]
  ) throws(SpindleError) -> Dataset {
    // A sample as numbers, before and after.
    try checkSampleMemory()
    try checkMemory(
      [newSteps, newUnits], bytes: MemoryLayout<Float>.size, of: "a transformed sample")
    var builder = try SamplesBuilder(count: count, steps: newSteps, units: newUnits)
    for index in 0..<count {
      let values = self[index]
      var sample: [Float] = []
      sample.reserveCapacity(newSteps * newUnits)
      let length = length(of: index)
      let end = newLengths?[index] ?? newSteps
      for step in 0..<end { sample += row(values, length, step) }
      sample += repeatElement(0, count: (newSteps - end) * newUnits)
      try builder.append(sample)
    }
    return try Dataset(
      builder.finish(), count: count, steps: newSteps, units: newUnits, targets: targets,
      lengths: newLengths, identities: identities)
  }
}

extension Targets {
  /// Whether the targets have the steps of samples with more than one.
  func haveSteps(_ steps: Int) -> Bool {
    switch self {
    case .none, .classes: false
    case .values(let tensor): tensor.shape.count == 3 && tensor.shape[1] == steps
    case .shared(let tensor): tensor.shape.count == 2 && tensor.shape[0] == steps
    }
  }

  /// Refuses targets that would not fit in memory with so many steps: their numbers, and the place
  /// that each row comes from.
  private func checkMemory(ofSteps count: Int) throws(SpindleError) {
    guard let tensor, let width = tensor.shape.last else { return }
    let samples = tensor.shape.count == 3 ? tensor.shape[0] : 1
    try Spindle.checkMemory(
      [samples, count, width + 2], bytes: MemoryLayout<Float>.size, of: "transformed targets")
  }

  private var tensor: Tensor? {
    switch self {
    case .none, .classes: nil
    case .values(let tensor), .shared(let tensor): tensor
    }
  }

  /// Targets that have the samples' steps, with step `source(t)` of them at step t.
  func mapSteps(
    _ steps: Int, to count: Int, _ source: (Int) -> Int
  ) throws(SpindleError) -> Targets {
    guard haveSteps(steps) else { return self }
    try checkMemory(ofSteps: count)
    switch self {
    case .none, .classes: return self
    case .values(let tensor):
      let blocks = (0..<tensor.shape[0]).flatMap { sample in
        (0..<count).map { sample * steps + source($0) }
      }
      return .values(
        Tensor(
          uncheckedShape: [tensor.shape[0], count, tensor.shape[2]],
          values: tensor.values.gathered(blocks, size: tensor.shape[2])))
    case .shared(let tensor):
      return .shared(
        Tensor(
          uncheckedShape: [count, tensor.shape[1]],
          values: tensor.values.gathered((0..<count).map(source), size: tensor.shape[1])))
    }
  }
}
