import CSpindle

/// Runs a network step by step, for input that comes piece by piece. The state lies outside, in a
/// value that the caller makes, copies and passes on: equal bit for bit to a whole sequence.
///
///     var stepper = try Stepper(network, batch: 1)
///     var state = stepper.initialState
///     while let input = source.next() { let output = try stepper.step(input, &state) }
public struct Stepper: ~Copyable {
  /// What a network carries from one step to the next.
  public struct State: Sendable, Equatable {
    /// B, then N of each layer.
    fileprivate let shape: [Int]
    /// Per layer: membranes [B, N], filtered currents [B, N], spikes [B, N]. Never nil.
    fileprivate var values: [Float]?
  }

  /// What a step gave: the last layer's neurons [B, N].
  public struct Output: Sendable, Equatable {
    /// s_t: [B, N].
    public let spikes: [Float]
    /// v_t: [B, N].
    public let membrane: [Float]
  }

  private let network: Network
  private var workspace: Workspace
  private let stateCount: Int

  /// Prepares a network, as it is now, for a batch of streams.
  public init(
    _ network: Network, batch: Int = 1, execution: Execution = .init()
  ) throws(SpindleError) {
    try network.checkParameters()
    var rows = execution
    rows.layout = .rows
    let workspace = try Workspace(network, batch: batch, steps: 1, execution: rows)
    var count = 0
    let status = unsafe network.withConfiguration(batch: batch, steps: 1, rows) {
      unsafe spindle_state_count($0, &count)
    }
    guard status == SPINDLE_OK else { throw .sizeOverflow(what: "the state of \(batch) streams") }
    self.network = network
    self.workspace = workspace
    stateCount = count
  }

  /// The state before the first step: all zero.
  public var initialState: State {
    State(shape: stateShape, values: [Float](repeating: 0, count: stateCount))
  }

  private var stateShape: [Int] { [workspace.batch] + workspace.neurons }

  /// Takes one step: input [B, 1, I]. `state` must come from a stepper of the same batch and
  /// neurons; where the step is refused it stays as it was.
  public mutating func step(_ input: Input, _ state: inout State) throws(SpindleError) -> Output {
    guard state.shape == stateShape else {
      throw .shapeMismatch(
        what: "the state [B, N of each layer]", expected: stateShape, got: state.shape)
    }
    try workspace.forward(network.values, input, state: &state.values)
    let last = network.layers.count - 1
    return Output(
      spikes: try workspace.read(SPINDLE_SPIKES, layer: last).values,
      membrane: try workspace.read(SPINDLE_MEMBRANE, layer: last).values)
  }
}
