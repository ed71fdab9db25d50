/// What a sequence left of a layer.
public struct Recording: Sendable, Equatable {
  /// s_t: [B, T, N], 0 or 1; zeros for leaky integrators.
  public let spikes: Tensor
  /// u_t: [B, T, N], before the reset.
  public let potential: Tensor
  /// v_t: [B, T, N], after the reset.
  public let membrane: Tensor
}

/// The loss of a batch, with the gradient of every parameter and what the network did.
public struct LossEvaluation: Sendable {
  /// The loss, without the regularization.
  public let loss: Double
  /// What the regularization, and penalties of weights of layers for chips, add to the loss.
  public let regularization: Double
  /// By parameter name, row by row as the parameter itself; learned parameters alone.
  public let gradients: [String: [Float]]
  /// The last layer.
  public let recording: Recording
}

extension Network {
  /// Runs whole sequences from zero state. Allocates the memory of a run each time.
  ///
  /// - Parameters:
  ///   - input: [B, T, I].
  ///   - layer: which layer to record, counted from 0; nil for the last.
  ///   - execution: where and how the engine runs.
  /// - Returns: spikes, potential and membrane [B, T, N] of that layer.
  public func run(
    _ input: Input, recording layer: Int? = nil, execution: Execution = .init()
  ) throws(SpindleError) -> Recording {
    let layer = layer ?? layers.count - 1
    try require(
      layers.indices.contains(layer), "the recorded layer", "from 0 to \(layers.count - 1)", layer)
    var workspace = try workspace(for: input, .inference, execution)
    return try workspace.recordRun(values, input, layer: layer)
  }

  /// The loss of a batch and its gradients, without training. To do it often, and for training,
  /// use a `Trainer`, which keeps its memory.
  ///
  /// - Parameters:
  ///   - input: [B, T, I].
  ///   - target: as the loss says.
  ///   - loss: what is computed, and derived.
  ///   - classWeights: factors of samples by their class [N], as `Trainer` takes them.
  ///   - regularization: what is added to the loss.
  ///   - execution: where and how the engine runs.
  public func evaluate(
    _ input: Input, target: Target, loss: Loss, classWeights: [Float]? = nil,
    regularization: [RatePenalty] = [],
    execution: Execution = .init()
  ) throws(SpindleError) -> LossEvaluation {
    try loss.check(outputOf: description)
    try loss.check(classWeights, classes: outputs)
    let penalties = try CorePenalties(regularization, for: self)
    var workspace = try workspace(for: input, .training, loss: loss, execution)
    var windows: WindowMemory?
    try workspace.forward(values, input, &windows)
    let recording = try workspace.record(layer: layers.count - 1, input)
    let call = try workspace.lossCall(loss, target, of: input, classWeights: classWeights)
    let value = try workspace.loss(input, call)
    var penalty = try workspace.regularize(penalties)
    var flat = [Float](repeating: 0, count: parameterCount)
    try workspace.backward(input, call, gradients: &flat)
    penalty += try workspace.penalizeWeights(values, gradients: &flat)
    for (index, raw) in try description.constraints(of: parameters).enumerated()
    where raw == WeightConstraint.absent.rawValue {
      flat[index] = 0
    }
    var gradients: [String: [Float]] = [:]
    for parameter in parameters where parameter.isLearned {
      gradients[parameter.name] = Array(flat[parameter.range])
    }
    return LossEvaluation(
      loss: value, regularization: penalty, gradients: gradients, recording: recording)
  }

  /// What the engine plans for a batch of this shape.
  public func plan(
    batch: Int, steps: Int, execution: Execution = .init()
  ) throws(SpindleError) -> Plan {
    try Workspace(self, batch: batch, steps: steps, execution: execution).plan
  }

  private func workspace(
    for input: Input, _ purpose: Workspace.Purpose, loss: Loss? = nil, _ execution: Execution
  ) throws(SpindleError) -> Workspace {
    try checkParameters()
    try require(
      input.shape[2] == inputs, "the input [B, T, I]", shape: [input.batch, input.steps, inputs],
      input.shape)
    return try Workspace(
      self, batch: input.batch, steps: input.steps, purpose: purpose, loss: loss,
      execution: execution)
  }
}
