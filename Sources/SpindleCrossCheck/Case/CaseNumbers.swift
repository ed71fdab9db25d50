import Spindle

extension Role {
  /// Whether the description has its numbers; of the others it says how they begin, and a case must
  /// have a tensor.
  var isOfNumbers: Bool {
    switch self {
    case .weight, .bias, .recurrentWeight: false
    case .tau, .synapticTau, .threshold, .adaptationStrength, .adaptationTau: true
    }
  }
}

extension Layer {
  /// The numbers of neurons of a role; nil where the layer has none.
  subscript(numbers role: Role) -> PerNeuron? {
    get {
      switch role {
      case .weight, .bias, .recurrentWeight: nil
      case .tau: neurons.tau
      case .synapticTau: neurons.synapticTau
      case .threshold: neurons.spiking?.threshold
      case .adaptationStrength: neurons.spiking?.adaptation?.strength
      case .adaptationTau: neurons.spiking?.adaptation?.tau
      }
    }
    set {
      guard let newValue else { return }
      switch role {
      case .weight, .bias, .recurrentWeight: break
      case .tau: neurons.tau = newValue
      case .synapticTau: neurons.synapticTau = newValue
      case .threshold: neurons.spiking?.threshold = newValue
      case .adaptationStrength: neurons.spiking?.adaptation?.strength = newValue
      case .adaptationTau: neurons.spiking?.adaptation?.tau = newValue
      }
    }
  }

  /// The numbers of a role, one for each neuron [N]; nil where the layer has none.
  func values(_ role: Role) -> [Double]? { self[numbers: role]?.values(neurons.count) }
}
