import CSpindle

extension Layer {
  /// What a grid's step is made of, where it is clear what neurons it is for.
  package var scale: Quantization.Scale? {
    guard let scale = hardware.quantization?.scale else { return nil }
    return scale == .neuron && neurons.spiking == nil ? .tensor : scale
  }

  /// The layer's chip as the core takes it.
  var rawHardware: spindle_hardware {
    var raw = spindle_hardware()
    if let grid = hardware.quantization {
      raw.bits = UInt32(grid.bits)
      raw.power_of_two = grid.isPowerOfTwo
      raw.quantize_bias = grid.includesBias
    }
    switch scale {
    case .range(let range):
      raw.scale = SPINDLE_SCALE_RANGE
      raw.range = range
    case .tensor: raw.scale = SPINDLE_SCALE_TENSOR
    case .neuron: raw.scale = SPINDLE_SCALE_NEURON
    case nil: break
    }
    raw.weight_mismatch = Float(hardware.mismatch.weights)
    raw.tau_mismatch = Float(hardware.mismatch.tau)
    raw.synaptic_tau_mismatch = Float(hardware.mismatch.synapticTau)
    raw.threshold_mismatch = Float(hardware.mismatch.threshold)
    raw.has_floor = hardware.floor != nil
    raw.floor = Float(hardware.floor ?? 0)
    raw.magnitude_strength = Float(hardware.magnitudePenalty?.strength ?? 0)
    raw.magnitude_limit = Float(hardware.magnitudePenalty?.limit ?? 0)
    raw.sign_strength = Float(hardware.signPenalty?.strength ?? 0)
    raw.sign_group = UInt32(hardware.signPenalty?.group ?? 0)
    return raw
  }
}

/// One chip of those that mismatch makes: its numbers depend on seed and number alone.
public struct Chip: Sendable, Equatable {
  /// What its numbers are drawn from.
  public let seed: UInt64
  /// Its number in the core's order: steps of training have the first half.
  let number: UInt64

  private static let half = UInt64(SPINDLE_MAXIMUM_CHIPS / 2)

  /// A chip to measure on.
  ///
  /// - Parameters:
  ///   - seed: what its numbers are drawn from.
  ///   - index: which chip of the seed, from 0 on; none is one that training saw.
  public init(seed: UInt64, index: Int) {
    self.seed = seed
    number = Self.half + UInt64(truncatingIfNeeded: index) % Self.half
  }

  /// The chip of a step of training.
  init(seed: UInt64, step: UInt64) {
    self.seed = seed
    number = step % Self.half
  }

  var raw: spindle_chip { spindle_chip(seed: seed, number: number) }
}

extension Workspace {
  /// Derives from the parameters, on a chip, what the next forward passes need.
  mutating func load(_ parameters: [Float], on chip: Chip) throws(SpindleError) {
    let handle = unsafe handle
    var raw = chip.raw
    try check(
      unsafe parameters.withUnsafeBufferPointer {
        unsafe spindle_load_chip(handle, $0.baseAddress, &raw)
      })
  }

  /// What a chip made of the parameters that were loaded.
  func effective(_ parameters: [Float]) throws(SpindleError) -> [Float] {
    var values = parameters
    let status = unsafe values.withUnsafeMutableBufferPointer { values in
      unsafe parameters.withUnsafeBufferPointer {
        unsafe spindle_effective(handle, $0.baseAddress, values.baseAddress)
      }
    }
    try check(status)
    return values
  }

  /// The steps of the grids of a layer's neurons in the last load: [N].
  func gridSteps(layer: Int) throws(SpindleError) -> [Float] {
    var steps = [Float](repeating: 0, count: neurons[layer])
    let status = unsafe steps.withUnsafeMutableBufferPointer {
      unsafe spindle_grid_steps(handle, UInt32(layer), $0.baseAddress)
    }
    try check(status)
    return steps
  }

  /// What penalties of weights add to the loss; adds their gradients.
  func penalizeWeights(
    _ parameters: [Float], gradients: inout [Float]
  ) throws(SpindleError) -> Double {
    var value = 0.0
    let status = unsafe parameters.withUnsafeBufferPointer { parameters in
      unsafe gradients.withUnsafeMutableBufferPointer {
        unsafe spindle_penalize_weights(handle, parameters.baseAddress, $0.baseAddress, &value)
      }
    }
    try check(status)
    return value
  }

  /// What penalties of weights add to the loss.
  func weightPenalty(_ parameters: [Float]) throws(SpindleError) -> Double {
    var value = 0.0
    try check(
      unsafe parameters.withUnsafeBufferPointer {
        unsafe spindle_penalize_weights(handle, $0.baseAddress, nil, &value)
      })
    return value
  }
}

extension Network {
  /// What a chip makes of the network: its weights on their grid and, on a chip, with its mismatch.
  ///
  /// - Parameter chip: which chip; nil for one without mismatch.
  /// - Returns: the network with those parameters, and the same description.
  public func effective(on chip: Chip? = nil) throws(SpindleError) -> Network {
    try gridded(on: chip).network
  }

  /// The same, with the steps of each layer's grids [N]; none for a layer without.
  package func gridded(
    on chip: Chip? = nil
  ) throws(SpindleError) -> (network: Network, steps: [[Float]]) {
    try checkParameters()
    var workspace = try Workspace(
      self, batch: 1, steps: 1, purpose: .inference, execution: .init(threads: 1))
    if let chip {
      try workspace.load(values, on: chip)
    } else {
      try workspace.load(values)
    }
    var network = self
    network.values = try workspace.effective(values)
    var steps: [[Float]] = []
    for (index, layer) in layers.enumerated() {
      steps.append(layer.hardware.quantization == nil ? [] : try workspace.gridSteps(layer: index))
    }
    return (network, steps)
  }
}
