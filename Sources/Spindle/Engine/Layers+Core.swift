import CSpindle

extension Network {
  /// The layers as the C core takes them: a synapse and its neurons each.
  var coreLayers: [spindle_layer] {
    stride(from: 0, to: layers.count - 1, by: 2).map { index in
      var raw = spindle_layer()
      if case .synapse(let synapse) = layers[index] { synapse.describe(&raw) }
      switch layers[index + 1] {
      case .lif(let lif): lif.describe(&raw)
      case .li(let li): li.describe(&raw)
      case .synapse: break
      }
      return raw
    }
  }

  /// The layers of neurons that fire.
  var spikingLayers: [Int] {
    coreLayers.indices.filter { coreLayers[$0].neuron == SPINDLE_LIF }
  }
}

extension spindle_layer {
  fileprivate mutating func learn(_ role: spindle_role, _ learns: Bool) {
    if learns { learned |= 1 << role.rawValue }
  }
}

extension Synapse {
  fileprivate func describe(_ raw: inout spindle_layer) {
    raw.inputs = UInt32(inputs)
    raw.neurons = UInt32(outputs)
    raw.bias = bias != nil
    raw.dropout = dropout
    raw.learn(SPINDLE_WEIGHT, trainsWeights)
    raw.learn(SPINDLE_BIAS, trainsBias)
  }
}

extension LIF {
  fileprivate func describe(_ raw: inout spindle_layer) {
    raw.neuron = SPINDLE_LIF
    raw.topology =
      switch topology {
      case .ff: SPINDLE_FF
      case .rc: SPINDLE_RC
      case .oneToOne: SPINDLE_ONE_TO_ONE
      }
    raw.reset = reset.raw
    raw.reset_gradient = resetGradient == .attached ? SPINDLE_ATTACHED : SPINDLE_DETACHED
    raw.reset_timing = resetTiming == .delayed ? SPINDLE_RESET_DELAYED : SPINDLE_RESET_IMMEDIATE
    raw.surrogate = surrogate.kind.raw
    raw.slope = surrogate.slope
    raw.refractory_steps = UInt32(refractorySteps)
    raw.synaptic_filter = synapticTau != nil
    raw.adaptive = adaptation != nil
    raw.learn(SPINDLE_RECURRENT_WEIGHT, trainsRecurrentWeights)
    raw.learn(SPINDLE_TAU, learnsTau)
    raw.learn(SPINDLE_SYNAPTIC_TAU, learnsSynapticTau)
    raw.learn(SPINDLE_THRESHOLD, learnsThreshold)
    raw.learn(SPINDLE_ADAPTATION_STRENGTH, adaptation?.learnsStrength ?? false)
    raw.learn(SPINDLE_ADAPTATION_TAU, adaptation?.learnsTau ?? false)
  }
}

extension LI {
  fileprivate func describe(_ raw: inout spindle_layer) {
    raw.neuron = SPINDLE_LI
    raw.synaptic_filter = synapticTau != nil
    raw.learn(SPINDLE_TAU, learnsTau)
    raw.learn(SPINDLE_SYNAPTIC_TAU, learnsSynapticTau)
  }
}

extension Reset {
  fileprivate var raw: spindle_reset {
    switch self {
    case .subtraction: SPINDLE_RESET_SUBTRACTION
    case .zero: SPINDLE_RESET_ZERO
    case .none: SPINDLE_RESET_NONE
    }
  }
}

extension Surrogate.Kind {
  fileprivate var raw: spindle_surrogate {
    switch self {
    case .fastSigmoid: SPINDLE_FAST_SIGMOID
    case .atan: SPINDLE_ATAN
    case .sigmoid: SPINDLE_SIGMOID
    case .triangular: SPINDLE_TRIANGULAR
    case .rectangular: SPINDLE_RECTANGULAR
    }
  }
}
