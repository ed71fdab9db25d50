/// How `Trainer.fit` cuts samples that are longer than the trainer's steps: into windows, one
/// training step each (truncated backpropagation through time). The last window of a sample may be
/// shorter.
public struct Windows: Sendable, Equatable {
  /// How far a network's state is carried.
  public enum Carry: String, Sendable, CaseIterable {
    /// Nowhere: each window begins from zero state.
    case nothing = "none"
    /// From window to window of a sample, which begins from zero state.
    case sample
    /// From epoch to epoch too, where an epoch goes on with what the last one ended. All samples must
    /// fit in one batch, and they keep their order. Validation begins from zero state.
    case run
  }

  /// Windows whose gradients are summed for an update; the end of a sample updates in any case.
  public var updateEvery: Int
  /// How far the state is carried; its gradient stops where a window begins.
  public var carry: Carry

  /// By default every window updates, and the state is carried through each sample.
  public init(updateEvery: Int = 1, carry: Carry = .sample) {
    self.updateEvery = updateEvery
    self.carry = carry
  }

  /// Refuses what cannot be cut into windows.
  func check(_ loss: Loss) throws(SpindleError) {
    try Limits.check(updateEvery, "the windows of an update")
    switch loss {
    case .recallCrossEntropy, .spikeCountMSE:
      throw .invalidValue(
        what: "the loss of windows", expected: "one that each window has, not of a whole sample",
        got: loss.name)
    default: return
    }
  }
}

/// The windows of one batch.
struct WindowCut {
  /// Of the longest.
  let steps: Int
  /// Of the samples.
  let total: Int
  /// Nil where samples are not cut.
  let windows: Windows?

  var count: Int { (total - 1) / steps + 1 }

  func range(_ index: Int) -> Range<Int> { index * steps..<min((index + 1) * steps, total) }

  /// Whether the window begins from zero state.
  func begins(_ index: Int) -> Bool {
    switch windows?.carry {
    case .nothing: true
    case .sample, nil: index == 0
    case .run: false
    }
  }

  /// Whether a window's step updates.
  func updates(_ index: Int) -> Bool {
    (index + 1) % (windows?.updateEvery ?? 1) == 0 || index + 1 == count
  }
}

extension Batch {
  /// One of its windows, for a loss; without samples where a rank has none.
  func window(
    _ index: Int, of cut: WindowCut, _ loss: Loss
  ) throws(SpindleError) -> (input: Input, target: Target) {
    let (input, target) = try wholeWindow(index, of: cut, loss)
    guard share?.places.isEmpty == true else { return (input, target) }
    return (input.samples(0..<0), target.samples(0..<0, for: loss))
  }

  private func wholeWindow(
    _ index: Int, of cut: WindowCut, _ loss: Loss
  ) throws(SpindleError) -> (input: Input, target: Target) {
    let target = try requireTarget()
    guard cut.count > 1 else { return (input, target) }
    let range = cut.range(index)
    return (
      input.steps(range), loss == .firingRateMSE ? target : try target.steps(range, of: input)
    )
  }
}

extension Input {
  /// The steps of a range alone.
  fileprivate func steps(_ range: Range<Int>) -> Input {
    switch self {
    case .spikes(let train):
      let row = train.batch * train.wordsPerRow
      return .spikes(
        SpikeTrain(
          batch: train.batch, steps: range.count, units: train.units,
          words: Array(train.words[range.lowerBound * row..<range.upperBound * row])))
    case .signal(let signal):
      let row = signal.batch * signal.units
      return .signal(
        Signal(
          batch: signal.batch, steps: range.count, units: signal.units,
          values: Array(signal.values[range.lowerBound * row..<range.upperBound * row])))
    }
  }
}

extension Target {
  /// The steps of a range, of values [B, T, N] or [T, N]; classes are those of every window.
  fileprivate func steps(_ range: Range<Int>, of input: Input) throws(SpindleError) -> Target {
    guard case .values(let tensor) = self else { return self }
    try require(
      tensor.shape.count > 1, "the target's dimensions, for windows", "with steps",
      "\(tensor.shape)")
    let axis = tensor.shape.count - 2
    try require(
      tensor.shape[axis] == input.steps, "the target's steps, for windows", "\(input.steps)",
      tensor.shape[axis])
    let row = tensor.shape[axis + 1]
    var values: [Float] = []
    let samples = tensor.values.count / (input.steps * row)
    values.reserveCapacity(samples * range.count * row)
    for sample in 0..<samples {
      let first = (sample * input.steps + range.lowerBound) * row
      values += tensor.values[first..<first + range.count * row]
    }
    var shape = tensor.shape
    shape[axis] = range.count
    return .values(Tensor(uncheckedShape: shape, values: values))
  }
}
