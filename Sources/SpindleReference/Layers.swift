import Spindle

/// A layer with its numbers: I inputs, N neurons.
struct ReferenceLayer<Scalar: ReferenceScalar>: Sendable {
  let inputs: Int
  let topology: Topology
  /// W [I,N].
  let weight: [Scalar]
  /// b [N]; zeros for none.
  let bias: [Scalar]
  /// R [N,N], row source, column target; r [N] one-to-one; empty for none.
  let recurrentWeight: [Scalar]
  /// [N].
  let neurons: [Neuron<Scalar>]
  let spikes: Bool

  /// `values` gives the numbers of each role that the layer has.
  init(
    _ layer: Layer, inputs: Int, timeStep: Double, _ values: (Role) -> [Scalar]?
  ) {
    let count = layer.neurons.count
    let zeros = [Scalar](repeating: 0, count: count)
    func decays(_ role: Role) -> [Scalar] {
      values(role)?.map { exp(-Scalar(timeStep) / $0) } ?? zeros
    }
    self.inputs = inputs
    topology = layer.recurrence.topology
    weight = values(.weight) ?? []
    bias = values(.bias) ?? zeros
    recurrentWeight = values(.recurrentWeight) ?? []
    spikes = layer.neurons.spiking != nil
    let (beta, alpha, rho) = (decays(.tau), decays(.synapticTau), decays(.adaptationTau))
    let threshold = values(.threshold) ?? zeros
    let strength = values(.adaptationStrength) ?? zeros
    let firing = layer.neurons.spiking.map { Firing($0) }
    neurons = (0..<count).map { n in
      Neuron(
        beta: beta[n], alpha: alpha[n], rho: rho[n], threshold: threshold[n],
        strength: strength[n], firing: firing)
    }
  }

  /// i_t = x_t W + b + s_{t-1} R [N], from x_t [I] and the states after the step before [N].
  func current(_ x: [Scalar], _ before: [NeuronState<Scalar>]) -> [Scalar] {
    var current = bias
    addProduct(x, weight, to: &current)
    let s = before.map(\.s)
    switch topology {
    case .ff: break
    case .rc: addProduct(s, recurrentWeight, to: &current)
    case .oneToOne: for n in s.indices { current[n] += s[n] * recurrentWeight[n] }
    }
    return current
  }

  /// What the layer above reads [N]: s, or v of integrators.
  func output(_ states: [NeuronState<Scalar>]) -> [Scalar] {
    spikes ? states.map(\.s) : states.map(\.v)
  }
}

/// The derivative of the loss by the numbers of one layer, summed over samples and steps.
struct LayerGradient<Scalar: ReferenceScalar> {
  var weight: [Scalar]
  var bias: [Scalar]
  var recurrentWeight: [Scalar]
  var neurons: [NeuronGradient<Scalar>]

  init(_ layer: ReferenceLayer<Scalar>) {
    weight = [Scalar](repeating: 0, count: layer.weight.count)
    bias = [Scalar](repeating: 0, count: layer.bias.count)
    recurrentWeight = [Scalar](repeating: 0, count: layer.recurrentWeight.count)
    neurons = layer.neurons.map { _ in NeuronGradient() }
  }
}

extension ReferenceLayer {
  /// Backward of `current`: from delta = dL/di_t [N] to the gradients of W, b and R; adds
  /// delta R^T to dL/ds_{t-1}, and returns delta W^T = dL/dx_t [I], or nothing for the first layer.
  func backward(
    _ delta: [Scalar], _ x: [Scalar], _ before: [NeuronState<Scalar>],
    _ adjoint: inout [NeuronAdjoint<Scalar>], _ gradient: inout LayerGradient<Scalar>,
    isFirst: Bool
  ) -> [Scalar] {
    for n in delta.indices { gradient.bias[n] += delta[n] }
    addOuterProduct(x, delta, to: &gradient.weight)
    let s = before.map(\.s)
    switch topology {
    case .ff: break
    case .rc:
      addOuterProduct(s, delta, to: &gradient.recurrentWeight)
      let byS = transposedProduct(delta, recurrentWeight, rows: s.count)
      for n in s.indices { adjoint[n].s += byS[n] }
    case .oneToOne:
      for n in s.indices {
        gradient.recurrentWeight[n] += delta[n] * s[n]
        adjoint[n].s += delta[n] * recurrentWeight[n]
      }
    }
    return isFirst ? [] : transposedProduct(delta, weight, rows: inputs)
  }
}

/// y [N] += x [M] times the matrix [M,N]. Zeros of x, most of spikes, cost nothing.
func addProduct<Scalar: ReferenceScalar>(_ x: [Scalar], _ matrix: [Scalar], to y: inout [Scalar]) {
  for m in x.indices where x[m] != 0 {
    for n in y.indices { y[n] += x[m] * matrix[m * y.count + n] }
  }
}

/// The matrix [M,N] += x [M] times y [N].
func addOuterProduct<Scalar: ReferenceScalar>(
  _ x: [Scalar], _ y: [Scalar], to matrix: inout [Scalar]
) {
  for m in x.indices where x[m] != 0 {
    for n in y.indices { matrix[m * y.count + n] += x[m] * y[n] }
  }
}

/// y [N] times the transpose of the matrix [M,N]: [M].
func transposedProduct<Scalar: ReferenceScalar>(
  _ y: [Scalar], _ matrix: [Scalar], rows: Int
) -> [Scalar] {
  (0..<rows).map { m in
    var sum = Scalar.zero
    for n in y.indices where y[n] != 0 { sum += y[n] * matrix[m * y.count + n] }
    return sum
  }
}
