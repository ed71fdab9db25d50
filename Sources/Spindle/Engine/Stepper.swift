/// Runs a network step by step, for input that comes piece by piece. The state lies outside, in a
/// value that the caller makes, copies and passes on, or stays in the stepper: equal bit for bit to
/// a whole sequence.
///
///     var stepper = try Stepper(network, batch: 1)
///     var output = stepper.emptyOutput
///     while let input = source.next() { try stepper.step(input, into: &output) }
public struct Stepper: ~Copyable {
  /// What a network carries from one step to the next.
  public typealias State = NetworkState

  /// What a step gave: the last layer's neurons [B, N].
  public struct Output: Sendable, Equatable {
    /// s_t: [B, N].
    public fileprivate(set) var spikes: [Float]
    /// v_t: [B, N].
    public fileprivate(set) var membrane: [Float]
  }

  private var workspace: Workspace
  /// The state before the first step: all zero.
  public let initialState: State
  private let outputCount: Int
  private var hasStepped = false

  /// Prepares a network, as it is now, for a batch of streams.
  public init(
    _ network: Network, batch: Int = 1, execution: Execution = .init()
  ) throws(SpindleError) {
    try network.checkParameters()
    var workspace = try Workspace(
      network, batch: batch, steps: 1, purpose: .inference, execution: execution)
    let state = try workspace.zeroState(of: network)
    try workspace.load(network.values)
    initialState = state
    outputCount = batch * network.outputs
    self.workspace = workspace
  }

  /// Zeros, for steps to write into.
  public var emptyOutput: Output {
    let zeros = [Float](repeating: 0, count: outputCount)
    // Not copies of one another, which would be made in the first step.
    return Output(spikes: zeros.map { $0 }, membrane: zeros)
  }

  /// Takes one step: input [B, 1, I]. `state` must come from a stepper of the same batch and
  /// neurons; where the step is refused it stays as it was.
  public mutating func step(_ input: Input, _ state: inout State) throws(SpindleError) -> Output {
    var output = emptyOutput
    try step(input, &state, into: &output)
    return output
  }

  /// The same into an output of such a stepper, and allocates nothing.
  public mutating func step(
    _ input: Input, _ state: inout State, into output: inout Output
  ) throws(SpindleError) {
    try require(
      state.shape == initialState.shape, "the state [B, N of each layer]",
      shape: initialState.shape, state.shape)
    try check(input, output)
    try workspace.step(
      input, state: &state.values, spikes: &output.spikes, membrane: &output.membrane)
    hasStepped = true
  }

  /// Takes one step of a single stream, whose state stays in the stepper: it goes on from where the
  /// stepper's last step ended, from zero state before any. The fastest way, since no state is
  /// copied. Allocates nothing.
  public mutating func step(_ input: Input, into output: inout Output) throws(SpindleError) {
    try check(input, output)
    try workspace.step(
      input, goesOn: hasStepped, spikes: &output.spikes, membrane: &output.membrane)
    hasStepped = true
  }

  /// The same into buffers of the caller's, each [B, N] of the last layer, in row-major order.
  ///
  /// - Parameters:
  ///   - input: [B, 1, I].
  ///   - spikes: receives s_t, 0 or 1.
  ///   - membrane: receives v_t.
  public mutating func step(
    _ input: Input, spikes: inout MutableSpan<Float>, membrane: inout MutableSpan<Float>
  ) throws(SpindleError) {
    for (count, name) in [(spikes.count, "spikes"), (membrane.count, "membranes")] {
      try require(
        count == outputCount, "the buffer of \(name) [B N]", shape: [outputCount], [count])
    }
    try workspace.checkShape(input)
    try workspace.step(input, goesOn: hasStepped, spikes: &spikes, membrane: &membrane)
    hasStepped = true
  }

  /// Lets the next step of a single stream begin from zero state.
  public mutating func restart() { hasStepped = false }

  private func check(_ input: Input, _ output: Output) throws(SpindleError) {
    try require(
      output.spikes.count == outputCount, "the output [B N]", shape: [outputCount],
      [output.spikes.count])
    try workspace.checkShape(input)
    try require(input.ends == nil, "the input of a stepper", "without lengths", "some")
  }
}
