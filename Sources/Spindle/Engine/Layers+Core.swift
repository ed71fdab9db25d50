import CSpindle

// How a network is told to the C core: the one place that knows both.

extension NetworkDescription {
  /// The layers as the core takes them. The description has been checked.
  var rawLayers: [spindle_layer] {
    layers.indices.map { layers[$0].raw(inputs: inputs(of: $0)) }
  }
}

extension Spiking {
  /// The largest number of refractory steps.
  public static let maximumRefractorySteps = Int(SPINDLE_MAXIMUM_REFRACTORY)
}

extension Layer {
  fileprivate func raw(inputs: Int) -> spindle_layer {
    var raw = spindle_layer()
    raw.inputs = UInt32(inputs)
    raw.neurons = UInt32(neurons.count)
    raw.neuron = neurons.spiking == nil ? SPINDLE_LI : SPINDLE_LIF
    raw.topology = recurrence.topology.raw
    raw.bias = connection.bias != nil
    raw.synaptic_filter = neurons.synapticTau != nil
    raw.dropout = Float(connection.dropout)
    if let spiking = neurons.spiking { spiking.write(to: &raw) }
    raw.hardware = rawHardware
    for (bit, role) in Role.allCases.enumerated() where learned.contains(role) {
      raw.learned |= 1 << UInt32(bit)
    }
    return raw
  }
}

extension Spiking {
  fileprivate func write(to raw: inout spindle_layer) {
    raw.reset = reset.raw
    raw.reset_gradient = resetGradient == .attached ? SPINDLE_ATTACHED : SPINDLE_DETACHED
    raw.reset_timing = resetTiming == .delayed ? SPINDLE_RESET_DELAYED : SPINDLE_RESET_IMMEDIATE
    raw.surrogate = surrogate.kind.raw
    raw.slope = Float(surrogate.slope)
    raw.peak = Float(surrogate.peak ?? 0)
    raw.support = Float(surrogate.support ?? 0)
    raw.adaptive = adaptation != nil
    raw.refractory_steps = UInt32(refractorySteps)
  }
}

extension Topology {
  fileprivate var raw: spindle_topology {
    switch self {
    case .ff: SPINDLE_FF
    case .rc: SPINDLE_RC
    case .oneToOne: SPINDLE_ONE_TO_ONE
    }
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
