import CSpindle

/// What training makes small. v is the membrane, s the spikes of the last layer.
public enum Loss: String, Sendable, CaseIterable {
  /// Mean over (t, n) of (mean over the batch of s - target)^2; target [T, N].
  case meanRateMSE = "mean_rate_mse"
  /// Cross-entropy of the spike counts over time as logits, mean over the batch; classes [B].
  case rateCrossEntropy = "rate_cross_entropy"
  /// Cross-entropy of the maximum over time of v as logits, mean over the batch; classes [B].
  case maxMembraneCrossEntropy = "max_membrane_cross_entropy"
  /// Cross-entropy of the mean over time of v as logits, mean over the batch; classes [B].
  case meanMembraneCrossEntropy = "mean_membrane_cross_entropy"
  /// Mean over (b, t, n) of (v - target)^2; target [B, T, N].
  case membraneMSE = "membrane_mse"

  var raw: spindle_loss_kind {
    switch self {
    case .meanRateMSE: SPINDLE_MEAN_RATE_MSE
    case .rateCrossEntropy: SPINDLE_RATE_CROSS_ENTROPY
    case .maxMembraneCrossEntropy: SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY
    case .meanMembraneCrossEntropy: SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY
    case .membraneMSE: SPINDLE_MEMBRANE_MSE
    }
  }

  /// Refuses a loss of spikes for leaky integrators, which have none.
  func check(outputOf network: Network) throws(SpindleError) {
    guard self == .meanRateMSE || self == .rateCrossEntropy, case .li? = network.layers.last else {
      return
    }
    throw .invalidNetwork("\(rawValue) needs spikes, and leaky integrators have none")
  }

  var wantsClasses: Bool { self != .meanRateMSE && self != .membraneMSE }
}

/// What the output should be.
public enum Target: Sendable, Equatable {
  /// Numbers, of the shape that the loss says.
  case values(Tensor)
  /// The class of each sample, from 0 to N - 1: [B].
  case classes([Int32])
}

extension Target {
  /// The target as the C core takes it, for the length of a call.
  func withRaw(
    _ loss: Loss, _ body: (UnsafePointer<spindle_loss_target>) -> spindle_status
  ) -> spindle_status {
    var raw = unsafe spindle_loss_target()
    unsafe raw.kind = loss.raw
    switch self {
    case .values(let tensor):
      return unsafe tensor.values.withUnsafeBufferPointer {
        unsafe raw.target = $0.baseAddress
        return unsafe body(&raw)
      }
    case .classes(let classes):
      return unsafe classes.withUnsafeBufferPointer {
        unsafe raw.classes = $0.baseAddress
        return unsafe body(&raw)
      }
    }
  }
}

extension Workspace {
  /// Refuses a target that does not fit the loss and this workspace's shape.
  func checkTarget(_ loss: Loss, _ target: Target) throws(SpindleError) {
    let count = neurons[neurons.count - 1]
    switch target {
    case .values(let tensor):
      guard !loss.wantsClasses else {
        throw .invalidValue(
          what: "the target of \(loss.rawValue)", expected: "classes", got: "values")
      }
      // Compared without arrays: a training step allocates nothing.
      let (shape, isMean) = (tensor.shape, loss == .meanRateMSE)
      guard shape.count == (isMean ? 2 : 3), shape[shape.count - 1] == count,
        shape[shape.count - 2] == steps, isMean || shape[0] == batch
      else {
        let expected = isMean ? [steps, count] : [batch, steps, count]
        throw .shapeMismatch(what: "the target", expected: expected, got: shape)
      }
    case .classes(let classes):
      guard loss.wantsClasses else {
        throw .invalidValue(
          what: "the target of \(loss.rawValue)", expected: "values", got: "classes")
      }
      guard classes.count == batch else {
        throw .shapeMismatch(what: "the target's classes", expected: [batch], got: [classes.count])
      }
      for value in classes where value < 0 || Int(value) >= count {
        throw .invalidValue(
          what: "a class", expected: "from 0 to \(count - 1)", got: "\(value)")
      }
    }
  }
}
