/// Truncated backpropagation through time (Williams and Peng 1990): a long sequence is cut into
/// windows, one training step each. The network's state goes on from window to window; its gradient
/// stops where a window begins.
extension Trainer {
  /// The state that the next window goes on from, of several ranks that of this one's samples; nil
  /// where it begins from zero.
  public var carriedState: NetworkState? { windows?.state }

  /// Windows whose gradients wait for an update.
  public var waitingWindows: Int { windows?.waiting ?? 0 }

  /// A training step on the next window of a sequence, from the state that the last one left.
  ///
  ///     for window in recording {
  ///       try trainer.step(window: window.input, target: window.target)
  ///     }
  ///
  /// - Parameters:
  ///   - input: [B, T, I] with the samples that the last window had; or with fewer steps than the
  ///     trainer's.
  ///   - target: as the loss says, of this window.
  ///   - begins: for each sample whether its sequence begins anew with this window, from zero state;
  ///     nil for none. The first window of all begins so in any case.
  ///   - updates: false to add the gradients to those of later windows, of which one updates by the
  ///     sum. Such windows have the same dropout. The gradient's norm is then that of the sum so far.
  /// - Throws: as `step(_:target:)`. The state and the gradients that wait then are those from before
  ///   the step, too.
  @discardableResult
  public mutating func step(
    window input: Input, target: Target, begins: [Bool]? = nil, updates: Bool = true
  ) throws(SpindleError) -> StepMetrics {
    try select(input, mayBeShort: true)
    try prepareWindow(samples: input.batch, begins)
    let (own, target) = try share(input, target)
    return try step(
      window: own, target, begins: begins.map { Array($0[current.workspace.share.samples]) },
      updates: updates)
  }

  /// The same on this rank's share of a batch; the workspace is selected.
  mutating func step(
    window input: Input, _ target: Target, begins: [Bool]?, updates: Bool
  ) throws(SpindleError) -> StepMetrics {
    let before = windows?.state
    begin(begins)
    // Out of the trainer for the call, which changes both.
    var windows = self.windows.take()
    do throws(SpindleError) {
      let metrics = try step(input, target, &windows, waits: !updates)
      self.windows = windows
      return metrics
    } catch {
      if let before { windows?.state = before }
      self.windows = windows
      throw error
    }
  }

  /// Lets the next window begin from zero state, and forgets gradients that wait.
  public mutating func restartWindows() { windows = nil }

  /// Lets the next window go on from a state that was kept, of a batch of the trainer's size, or of
  /// this rank's share of it; forgets gradients that wait.
  public mutating func restartWindows(from state: NetworkState) throws(SpindleError) {
    current = workspace
    var memory = try newWindows(parameters: network.parameterCount)
    try require(
      state.shape == memory.state.shape, "the state [B, N of each layer]",
      shape: memory.state.shape, state.shape)
    memory.state = state
    windows = memory
  }

  /// Makes room for the state of a batch of windows, and refuses windows that do not go on with the
  /// last one's samples.
  mutating func prepareWindow(samples: Int, _ begins: [Bool]? = nil) throws(SpindleError) {
    if let begins {
      try require(
        begins.count == samples, "the samples that begin [B]", shape: [samples], [begins.count])
    }
    guard let windows else {
      windows = try newWindows(parameters: network.parameterCount)
      return
    }
    try require(
      windows.total == samples, "the samples of a window",
      "\(windows.total), as of the one before (or first restartWindows)", samples)
  }

  private mutating func begin(_ begins: [Bool]?) {
    guard let begins else { return }
    for sample in begins.indices where begins[sample] { windows?.state.restart(sample: sample) }
  }

  /// Zero state for the samples of the selected workspace.
  func newWindows(parameters: Int) throws(SpindleError) -> WindowMemory {
    WindowMemory(
      try current.workspace.zeroState(of: network), total: current.workspace.share.total,
      parameters: parameters)
  }

  /// Takes over a state that a checkpoint holds.
  mutating func restore(carried values: [Float]) throws(SpindleError) {
    current = workspace
    var memory = try newWindows(parameters: network.parameterCount)
    let state = memory.state
    guard batch * state.width == values.count else {
      throw .invalidFile(
        path: "",
        .otherTraining(
          "the checkpoint's state has \(values.count) numbers, and a batch of \(batch) has "
            + "\(batch * state.width)"))
    }
    try values.checkFinite("the checkpoint's state")
    var all = NetworkState(shape: [batch] + state.shape.dropFirst(), width: state.width)
    all.values = values
    memory.state = link == nil ? all : all.samples(workspace.workspace.share.samples)
    windows = memory
  }
}
