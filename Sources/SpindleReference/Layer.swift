import Spindle

/// A layer: its numbers and its options. Where it stands for a gradient, its numbers are the
/// derivatives of the loss by each. Neuron.swift has the equations of its neurons.
struct ReferenceLayer<Scalar: ReferenceScalar>: Sendable {
  let inputs, neurons: Int
  let topology: Topology
  /// Whether it has spikes; integrators have none, nor options.
  let fires: Bool
  let options: Spiking
  let isDelayed: Bool
  /// The least membrane; minus infinity for none.
  let floor: Scalar
  /// W [I,N], b [N], and R [N,N], row source, column target, or one-to-one its diagonal [N].
  var weight, bias, recurrent: [Scalar]
  /// exp(-dt / tau) of the membrane, the filter and the adaptation [N].
  var beta, alpha, rho: [Scalar]
  /// theta = threshold + strength a [N].
  var threshold, strength: [Scalar]

  /// A layer of zeros, which stand for what it does not have.
  init(_ layer: Layer, inputs: Int) {
    (self.inputs, neurons, topology) = (inputs, layer.neurons.count, layer.recurrence.topology)
    fires = layer.neurons.spiking != nil
    options = layer.neurons.spiking ?? Spiking()
    floor = layer.hardware.floor.map { Scalar($0) } ?? -.infinity
    isDelayed = options.resetTiming == .delayed
    func zeros(_ count: Int) -> [Scalar] { Array(repeating: 0, count: count) }
    weight = zeros(inputs * neurons)
    recurrent = zeros(topology == .rc ? neurons * neurons : neurons)
    bias = zeros(neurons)
    (beta, alpha, rho, threshold, strength) = (bias, bias, bias, bias, bias)
  }

  /// Where the numbers of a parameter are; a tau is there as its decay.
  static func place(of role: Role) -> WritableKeyPath<Self, [Scalar]> {
    switch role {
    case .weight: \.weight
    case .bias: \.bias
    case .recurrentWeight: \.recurrent
    case .tau: \.beta
    case .synapticTau: \.alpha
    case .threshold: \.threshold
    case .adaptationStrength: \.strength
    case .adaptationTau: \.rho
    }
  }

  /// i_t = x_t W + b + s_{t-1} R, from x_t [I] and the states after step t - 1 [N]. Zeros, most of
  /// spikes, cost nothing.
  func current(_ x: [Scalar], _ before: [NeuronState<Scalar>]) -> [Scalar] {
    var current = bias
    for i in 0..<inputs where x[i] != 0 {
      for n in 0..<neurons { current[n] += x[i] * weight[i * neurons + n] }
    }
    switch topology {
    case .ff: break
    case .rc:
      for m in 0..<neurons where before[m].s != 0 {
        for n in 0..<neurons { current[n] += before[m].s * recurrent[m * neurons + n] }
      }
    case .oneToOne: for n in 0..<neurons { current[n] += before[n].s * recurrent[n] }
    }
    return current
  }

  /// Backward of `current`, from delta = dL/di_t [N]: adds to the gradients of W, b and R and to
  /// dL/ds_{t-1}.
  func backward(
    _ delta: [Scalar], _ x: [Scalar], _ before: [NeuronState<Scalar>],
    _ adjoint: inout [NeuronAdjoint<Scalar>], _ gradient: inout Self
  ) {
    for n in 0..<neurons { gradient.bias[n] += delta[n] }
    for i in 0..<inputs where x[i] != 0 {
      for n in 0..<neurons { gradient.weight[i * neurons + n] += x[i] * delta[n] }
    }
    switch topology {
    case .ff: break
    case .rc:
      for m in 0..<neurons {
        adjoint[m].s += product(delta, row: m, of: recurrent)
        guard before[m].s != 0 else { continue }
        for n in 0..<neurons { gradient.recurrent[m * neurons + n] += before[m].s * delta[n] }
      }
    case .oneToOne:
      for n in 0..<neurons {
        adjoint[n].s += delta[n] * recurrent[n]
        gradient.recurrent[n] += before[n].s * delta[n]
      }
    }
  }

  /// An element of delta times the transpose of a matrix [M,N]; with W it is dL/dx_t.
  func product(_ delta: [Scalar], row m: Int, of matrix: [Scalar]) -> Scalar {
    var sum = Scalar.zero
    for n in 0..<neurons { sum += delta[n] * matrix[m * neurons + n] }
    return sum
  }
}
