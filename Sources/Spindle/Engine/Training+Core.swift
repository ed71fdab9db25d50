import CSpindle

extension Loss {
  /// As the C core takes it.
  var raw: spindle_loss_kind {
    switch self {
    case .meanRateMSE: SPINDLE_MEAN_RATE_MSE
    case .rateCrossEntropy: SPINDLE_RATE_CROSS_ENTROPY
    case .maxMembraneCrossEntropy: SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY
    case .meanMembraneCrossEntropy: SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY
    case .recallCrossEntropy: SPINDLE_RECALL_CROSS_ENTROPY
    case .membraneMSE: SPINDLE_MEMBRANE_MSE
    case .spikeCountMSE: SPINDLE_SPIKE_COUNT_MSE
    case .firingRateMSE: SPINDLE_FIRING_RATE_MSE
    case .vanRossum: SPINDLE_VAN_ROSSUM
    case .custom: SPINDLE_CUSTOM_LOSS
    }
  }
}

extension Optimizer {
  /// The largest learning rate.
  static let maximumRate = Float(SPINDLE_MAXIMUM_RATE)

  /// As the C core takes it.
  func raw(_ clipping: Clipping) -> spindle_optimizer {
    var raw = spindle_optimizer()
    raw.kind =
      switch kind {
      case .sgd: SPINDLE_SGD
      case .adam, .adamW: SPINDLE_ADAM
      case .adamax: SPINDLE_ADAMAX
      }
    raw.learning_rate = learningRate
    raw.momentum = momentum
    raw.nesterov = nesterov
    raw.beta1 = beta1
    raw.beta2 = beta2
    raw.epsilon = epsilon
    raw.weight_decay = weightDecay
    raw.decoupled = kind == .adamW
    raw.weight_bound = weightBound ?? 0
    switch clipping {
    case .none: break
    case .byNorm(let limit): raw.clip_norm = limit
    case .byValue(let limit): raw.clip_value = limit
    }
    return raw
  }
}

/// Penalties as the C core takes them, each checked against a network.
struct CorePenalties {
  let raw: [spindle_penalty]

  init(_ penalties: [RatePenalty], for network: Network) throws(SpindleError) {
    var raw: [spindle_penalty] = []
    for penalty in penalties {
      try penalty.check()
      raw.append(try penalty.raw(for: network))
    }
    self.raw = raw
  }
}

extension RatePenalty {
  fileprivate func raw(for network: Network) throws(SpindleError) -> spindle_penalty {
    var raw = spindle_penalty()
    raw.kind =
      switch kind {
      case .l1: SPINDLE_RATE_L1
      case .l2: SPINDLE_RATE_L2
      case .lowerBound: SPINDLE_RATE_LOWER
      case .upperBound: SPINDLE_RATE_UPPER
      }
    raw.bound = bound
    raw.strength = strength
    raw.layer = try layer(in: network.description).map { UInt32($0) } ?? .max  // SPINDLE_ALL_LAYERS
    return raw
  }
}

/// What a training step tells. See `StepMetrics`.
struct StepResult {
  let loss: Double
  let regularization: Double
  let gradientNorm: Double
  let correct: Int
  /// Whether the loss and the gradients are finite; else nothing was updated.
  let isFinite: Bool
}

/// The arrays of a training run, each laid out as the parameters.
struct TrainingArrays {
  var gradients: [Float]
  var mean: [Float]
  var variance: [Float]
  /// What holds each parameter; empty where nothing does.
  let constraints: [UInt8]
}

/// How a training step updates.
struct UpdateRule {
  let optimizer: Optimizer
  let clipping: Clipping
  let penalties: CorePenalties
  /// The gradients wait for a later window's update.
  let waits: Bool
}

extension Workspace {
  /// A training step in one call of the core; or, after forward, the rest of it. Of a window whose
  /// gradients wait, without the update.
  mutating func trainStep(
    _ parameters: inout [Float], _ arrays: inout TrainingArrays, _ rule: UpdateRule,
    _ input: Input, _ call: LossCall, dropout: Dropout, isForwardDone: Bool,
    _ windows: inout WindowMemory?
  ) throws(SpindleError) -> StepResult {
    var result = spindle_step_result()
    let handle = unsafe handle
    var draw = dropout.raw
    let drops = dropsAny
    let chip = Chip(seed: dropout.seed, step: dropout.step)
    let status = unsafe Self.withTraining(&parameters, &arrays, rule, chip, &windows) { training in
      unsafe input.withRaw { input in
        unsafe call.withRaw { target in
          guard !isForwardDone else {
            _ = unsafe spindle_move_input(handle, input)
            return unsafe spindle_finish_step(
              handle, training, input, target, dropout.step, &result)
          }
          guard drops else {
            return unsafe spindle_train_step(
              handle, training, input, target, nil, dropout.step, &result)
          }
          return unsafe spindle_train_step(
            handle, training, input, target, &draw, dropout.step, &result)
        }
      }
    }
    if status != SPINDLE_NOT_FINITE { try check(status) }
    return StepResult(
      loss: result.loss, regularization: result.regularization, gradientNorm: result.gradient_norm,
      correct: Int(result.correct), isFinite: status == SPINDLE_OK)
  }

  /// The arrays of training as the C core takes them, for the length of a call.
  private static func withTraining(
    _ parameters: inout [Float], _ arrays: inout TrainingArrays, _ rule: UpdateRule, _ chip: Chip,
    _ windows: inout WindowMemory?, _ body: (UnsafePointer<spindle_training>) -> spindle_status
  ) -> spindle_status {
    var training = unsafe spindle_training()
    unsafe training.waits = rule.waits
    unsafe training.optimizer = rule.optimizer.raw(rule.clipping)
    unsafe training.penalty_count = UInt32(rule.penalties.raw.count)
    // Outside, since the other arrays are changed in place.
    let constraints = arrays.constraints
    var raw = chip.raw
    return unsafe arrays.gradients.withUnsafeMutableBufferPointer { gradients in
      unsafe arrays.mean.withUnsafeMutableBufferPointer { mean in
        unsafe arrays.variance.withUnsafeMutableBufferPointer { variance in
          unsafe parameters.withUnsafeMutableBufferPointer { parameters in
            unsafe rule.penalties.raw.withUnsafeBufferPointer { penalties in
              unsafe constraints.withUnsafeBufferPointer { constraints in
                unsafe withUnsafePointer(to: &raw) { chip in
                  unsafe training.parameters = parameters.baseAddress
                  unsafe training.gradients = gradients.baseAddress
                  unsafe training.mean = mean.baseAddress
                  unsafe training.variance = variance.baseAddress
                  unsafe training.penalties = penalties.baseAddress
                  unsafe training.constraints =
                    constraints.isEmpty ? nil : constraints.baseAddress
                  unsafe training.chip = chip
                  return unsafe windows.withRaw { initial, final, sum in
                    unsafe training.initial = initial
                    unsafe training.final = final
                    unsafe training.sum = sum
                    return unsafe body(&training)
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
