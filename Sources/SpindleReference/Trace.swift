/// What every layer did at every step.
public struct ReferenceTrace<Scalar: ReferenceScalar>: Sendable {
  /// From the input to the output; at least one.
  public let layers: [LayerTrace<Scalar>]

  /// The states after the last step, [B,N] of each layer: where the next piece of the sequences
  /// begins.
  public var finalStates: [[NeuronState<Scalar>]] { layers.map { $0.states(at: $0.steps) } }
}

/// What one layer did at every step. Each tensor is gathered anew when it is asked for: O(B T N).
public struct LayerTrace<Scalar: ReferenceScalar>: Sendable {
  /// The layer, counted from 0.
  public let index: Int
  /// N.
  public let neurons: Int
  let layer: ReferenceLayer<Scalar>
  let batch: Int
  let steps: Int
  /// [B,T+1,N]: those before the first step, and after each.
  private var all: [NeuronState<Scalar>]

  init(
    _ index: Int, _ layer: ReferenceLayer<Scalar>, batch: Int, steps: Int,
    initial: [NeuronState<Scalar>]?
  ) {
    self.index = index
    self.layer = layer
    self.batch = batch
    self.steps = steps
    neurons = layer.neurons.count
    all = Array(repeating: NeuronState(), count: batch * (steps + 1) * neurons)
    guard let initial else { return }
    for b in 0..<batch {
      for n in 0..<neurons { self[b, 0, n] = initial[b * neurons + n] }
    }
  }

  /// The state of a neuron after `t` steps.
  subscript(b: Int, t: Int, n: Int) -> NeuronState<Scalar> {
    get { all[(b * (steps + 1) + t) * neurons + n] }
    set { all[(b * (steps + 1) + t) * neurons + n] = newValue }
  }

  /// The states of a sample after `t` steps [N].
  func states(_ b: Int, _ t: Int) -> [NeuronState<Scalar>] {
    let first = (b * (steps + 1) + t) * neurons
    return Array(all[first..<first + neurons])
  }

  /// The states of all samples after `t` steps [B,N].
  func states(at t: Int) -> [NeuronState<Scalar>] { (0..<batch).flatMap { states($0, t) } }

  /// Spikes s [B,T,N]; nil for integrators, which have none.
  public var spikes: [Scalar]? { layer.spikes ? gather { _, now, _ in now.s } : nil }
  /// Potentials u [B,T,N], before the reset.
  public var potential: [Scalar] { gather { _, now, _ in now.u } }
  /// Membranes v [B,T,N], after the reset.
  public var membrane: [Scalar] { gather { _, now, _ in now.v } }
  /// Thresholds theta [B,T,N], with what adaptation adds; 0 for integrators.
  public var thresholds: [Scalar] { gather { _, now, neuron in neuron.theta(now) } }
  /// 1 where a spike is allowed, 0 where a refractory period forbids it [B,T,N].
  public var gates: [Scalar] { gather { before, _, _ in before.refractory == 0 ? 1 : 0 } }

  private func gather(
    _ value: (_ before: NeuronState<Scalar>, _ now: NeuronState<Scalar>, Neuron<Scalar>) -> Scalar
  ) -> [Scalar] {
    var result: [Scalar] = []
    result.reserveCapacity(batch * steps * neurons)
    for b in 0..<batch {
      for t in 0..<steps {
        for n in 0..<neurons {
          result.append(value(self[b, t, n], self[b, t + 1, n], layer.neurons[n]))
        }
      }
    }
    return result
  }
}
