import CSpindle

/// A loss with the target of a batch, checked and ready for the core.
struct LossCall {
  let loss: Loss
  let target: Target
  /// Factors of samples by their class [N]; nil for 1.
  var classWeights: [Float]?
  /// What a custom loss gave.
  var result: CustomLoss.Result?

  /// As the C core takes it, for the length of a call. Allocates nothing.
  func withRaw(_ body: (UnsafePointer<spindle_loss_target>) -> spindle_status) -> spindle_status {
    var raw = unsafe spindle_loss_target()
    unsafe raw.kind = loss.raw
    switch loss {
    case .vanRossum(let tau): unsafe raw.tau = tau
    case .recallCrossEntropy(let firstStep, let answerSteps):
      unsafe raw.first_step = UInt32(firstStep)
      unsafe raw.answer_steps = UInt32(answerSteps)
    default: break
    }
    if let result { return unsafe withRaw(result, &raw, body) }
    switch target {
    case .values(let tensor):
      unsafe raw.shared = tensor.shape.count == 1
      return unsafe tensor.values.withUnsafeBufferPointer {
        unsafe raw.target = $0.baseAddress
        return unsafe body(&raw)
      }
    case .classes(let classes):
      return unsafe classes.withUnsafeBufferPointer {
        unsafe raw.classes = $0.baseAddress
        guard let classWeights else { return unsafe body(&raw) }
        return unsafe classWeights.withUnsafeBufferPointer {
          unsafe raw.class_weights = $0.baseAddress
          return unsafe body(&raw)
        }
      }
    }
  }

  private func withRaw(
    _ result: CustomLoss.Result, _ raw: inout spindle_loss_target,
    _ body: (UnsafePointer<spindle_loss_target>) -> spindle_status
  ) -> spindle_status {
    unsafe raw.value = result.value
    return unsafe (result.spikeGradient ?? []).withUnsafeBufferPointer { bySpike in
      unsafe (result.membraneGradient ?? []).withUnsafeBufferPointer { byMembrane in
        unsafe raw.target = result.spikeGradient == nil ? nil : bySpike.baseAddress
        unsafe raw.membrane_gradient =
          result.membraneGradient == nil ? nil : byMembrane.baseAddress
        return unsafe body(&raw)
      }
    }
  }
}

extension Workspace {
  /// The call of a loss of an input; a custom one is evaluated on the output of the last sequence,
  /// which had this input.
  func lossCall(
    _ loss: Loss, _ target: Target, of input: Input, classWeights: [Float]? = nil
  ) throws(SpindleError) -> LossCall {
    guard case .custom(let custom) = loss else {
      try checkTarget(loss, target, of: input)
      return LossCall(loss: loss, target: target, classWeights: classWeights)
    }
    let last = neurons.count - 1
    let result = custom.run(
      .init(
        spikes: try read(SPINDLE_SPIKES, layer: last, input),
        membrane: try read(SPINDLE_MEMBRANE, layer: last, input), lengths: input.lengths), target)
    for (name, gradient) in [("s", result.spikeGradient), ("v", result.membraneGradient)] {
      guard let gradient, gradient.count != batch * steps * neurons[last] else { continue }
      throw .shapeMismatch(
        what: "the gradient by \(name) of \(custom.name)",
        expected: [batch, steps, neurons[last]], got: [gradient.count])
    }
    return LossCall(loss: loss, target: target, result: result)
  }

  /// Refuses a target that does not fit the loss, this workspace's shape and the input's lengths.
  func checkTarget(_ loss: Loss, _ target: Target, of input: Input) throws(SpindleError) {
    try loss.check(
      target, batch: batch, steps: steps, neurons: neurons[neurons.count - 1],
      shortest: input.ends?.min().map { Int($0) })
  }
}
