/// Trainers of several ranks, each with its share of every batch.
extension Trainer {
  /// This rank's share of a batch that all were given; the workspace is selected.
  func share(_ input: Input) -> Input {
    link == nil ? input : input.samples(current.workspace.share.samples)
  }

  /// The same with its target.
  func share(
    _ input: Input, _ target: Target
  ) throws(SpindleError) -> (input: Input, target: Target) {
    guard link != nil else { return (input, target) }
    let share = current.workspace.share
    try loss.check(
      target, batch: share.total, steps: input.steps, neurons: network.outputs,
      shortest: input.ends?.min().map { Int($0) })
    return (input.samples(share.samples), target.samples(share.samples, for: loss))
  }

  /// This rank's places in the batches of an epoch of so many samples, the same in all windows; nil
  /// for one alone.
  func places(inEpochOf count: Int) throws(SpindleError) -> BatchPlaces? {
    guard let link, count > 0 else { return nil }
    let last = (count - 1) % batch + 1
    func places(_ total: Int) throws(SpindleError) -> Range<Int> {
      try network.share(
        ofBatch: total, steps: steps, rank: link.rank, ranks: link.ranks, execution
      ).samples
    }
    return BatchPlaces(full: try places(batch), last: try places(last))
  }

  /// Refuses windows that are shorter than others where the samples of a rank would be others.
  func checkShare(of total: Int, steps short: Int) throws(SpindleError) {
    guard let link else { return }
    let share = try network.share(
      ofBatch: total, steps: short, rank: link.rank, ranks: link.ranks, execution)
    let whole = try network.share(
      ofBatch: total, steps: steps, rank: link.rank, ranks: link.ranks, execution)
    try require(
      share.parts == whole.parts, "the parts of a window of \(short) steps, for several ranks",
      "\(whole.parts), as of one of \(steps) (ask for a number: Execution.parts)", share.parts)
  }

  /// Gives each rank the gradients of all parameters in the last step, of which it has a slice.
  /// Every rank calls it; for one alone it does nothing.
  public mutating func gatherGradients() throws(SpindleError) {
    guard !hasGradients else { return }
    try current.workspace.gatherSlices(&arrays.gradients)
    hasGradients = true
  }

  /// An array of the optimizer's, of which each rank has a slice.
  func gathered(_ values: [Float]) throws(SpindleError) -> [Float] {
    guard link != nil else { return values }
    var all = values
    try workspace.workspace.gatherSlices(&all)
    return all
  }

  /// Numbers of this rank's samples, a row each, as those of all.
  func gathered<Value: BitwiseCopyable>(
    _ rows: [Value], ofBatch total: Int, width: Int, zero: Value
  ) throws(SpindleError) -> [Value] {
    guard let link else { return rows }
    var counts: [Int] = []
    for rank in 0..<link.ranks {
      let share = try network.share(
        ofBatch: total, steps: steps, rank: rank, ranks: link.ranks, execution)
      counts.append(share.samples.count * width)
    }
    return try link.gather(rows, counts: counts, zero: zero)
  }

  /// The state that windows carry, of all ranks' samples, as a checkpoint holds it; nil for none.
  func carriedOfAll() throws(SpindleError) -> [Float]? {
    guard let windows else { return nil }
    guard link != nil else { return windows.state.values }
    let state = windows.state
    var all = NetworkState(
      shape: [windows.total] + state.shape.dropFirst(), width: state.width)
    all.bySample = try gathered(
      state.bySample, ofBatch: windows.total, width: state.width, zero: 0)
    return all.values
  }
}
