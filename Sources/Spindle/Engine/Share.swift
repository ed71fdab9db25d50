import CSpindle

/// A rank's share of a batch: the samples of whole parts.
struct Share: Equatable {
  /// Its places in the batch of all ranks; none where there are more ranks than parts.
  let samples: Range<Int>
  /// Samples of all ranks.
  let total: Int
  /// Parts of all ranks.
  let parts: Int
}

extension Network {
  /// The share of a rank of so many; one alone has all.
  func share(
    ofBatch batch: Int, steps: Int, rank: Int = 0, ranks: Int = 1, _ execution: Execution
  ) throws(SpindleError) -> Share {
    var share = spindle_share()
    try check(
      unsafe withConfiguration(
        batch: batch, steps: steps, rank: rank, ranks: ranks, execution
      ) { unsafe spindle_share_of($0, &share) })
    let first = Int(share.first)
    return Share(
      samples: first..<first + Int(share.samples), total: batch, parts: Int(share.parts))
  }

  /// Refuses more ranks than parts, and a loss that needs the whole batch.
  func checkRanks(
    _ link: RankLink, _ loss: Loss, batch: Int, steps: Int, _ execution: Execution
  ) throws(SpindleError) {
    if case .custom = loss {
      throw .invalidValue(
        what: "the loss of several ranks",
        expected: "one of Spindle's own, for none sees all samples",
        got: loss.name)
    }
    try Limits.check(batch, "the batch")
    try Limits.check(steps, "the number of steps")
    var finest = execution
    finest.parts = Execution.maximumParts
    let most = try share(ofBatch: batch, steps: steps, finest).parts
    let parts = try share(ofBatch: batch, steps: steps, execution).parts
    guard link.ranks > parts else { return }
    throw .tooManyRanks(ranks: link.ranks, parts: parts, most: most)
  }
}

extension Input {
  /// Some of the samples. None are one in memory, which nothing reads, so that what the core is
  /// given is never NULL.
  func samples(_ range: Range<Int>) -> Input {
    let kept = range.isEmpty ? 0..<1 : range
    switch self {
    case .spikes(let train):
      return .spikes(
        SpikeTrain(
          batch: range.count, steps: train.steps, units: train.units,
          words: rows(of: train.words, kept, width: train.wordsPerRow),
          ends: train.ends.map { Array($0[kept]) }))
    case .signal(let signal):
      return .signal(
        Signal(
          batch: range.count, steps: signal.steps, units: signal.units,
          values: rows(of: signal.values, kept, width: signal.units),
          ends: signal.ends.map { Array($0[kept]) }))
    }
  }

  /// The samples of each step [T][B][width].
  private func rows<Element>(
    of values: [Element], _ samples: Range<Int>, width: Int
  ) -> [Element] {
    var kept: [Element] = []
    kept.reserveCapacity(steps * samples.count * width)
    for step in 0..<steps {
      let first = step * batch
      kept +=
        values[
          (first + samples.lowerBound) * width..<(first + samples.upperBound) * width]
    }
    return kept
  }
}

extension Target {
  /// Of some of the samples, as the loss wants it.
  func samples(_ range: Range<Int>, for loss: Loss) -> Target {
    switch self {
    case .classes(let classes): return .classes(Array(classes[range]))
    case .values(let tensor):
      // One target for all samples.
      if loss == .meanRateMSE || tensor.shape.count == 1 { return self }
      let row = tensor.shape.dropFirst().reduce(1, *)
      return .values(
        Tensor(
          uncheckedShape: [range.count] + tensor.shape.dropFirst(),
          values: Array(tensor.values[range.lowerBound * row..<range.upperBound * row])))
    }
  }
}
