/// What every layer did at every step, and all that backward needs.
public struct ReferenceTrace<Scalar: ReferenceScalar>: Sendable {
  let network: Reference<Scalar>
  let input: [Scalar]
  let batch, steps: Int
  /// The steps of each sample [B].
  let ends: [Int]
  let inputFactors: [[Scalar]?]
  /// From the input to the output; at least one.
  public internal(set) var layers: [LayerTrace<Scalar>]

  /// The states after the last step of each sample, [B,N] of each layer: where the next piece of the sequences
  /// begins.
  public var finalStates: [[NeuronState<Scalar>]] {
    layers.map { layer in (0..<batch).flatMap { layer.states($0, ends[$0]) } }
  }
}

/// What one layer did at every step. Each tensor is gathered anew when it is asked for: O(B T N).
public struct LayerTrace<Scalar: ReferenceScalar>: Sendable {
  /// The layer, counted from 0.
  public let index: Int
  let layer: ReferenceLayer<Scalar>
  let batch, steps: Int
  /// The steps of each sample [B].
  let ends: [Int]
  /// [B,T+1,N]: before the first step, and after each.
  private var states: [NeuronState<Scalar>]

  /// States to be filled in; those before the first step are zero where they are not given [B,N].
  init(
    _ index: Int, _ layer: ReferenceLayer<Scalar>, _ batch: Int, _ steps: Int, _ ends: [Int],
    initial: [NeuronState<Scalar>]?
  ) {
    (self.index, self.layer, self.batch, self.steps) = (index, layer, batch, steps)
    self.ends = ends
    states = Array(repeating: NeuronState(), count: batch * (steps + 1) * layer.neurons)
    guard let initial else { return }
    for b in 0..<batch {
      for n in 0..<neurons { self[b, 0, n] = initial[b * neurons + n] }
    }
  }

  /// N.
  public var neurons: Int { layer.neurons }

  /// The state of a neuron after `t` steps.
  subscript(b: Int, t: Int, n: Int) -> NeuronState<Scalar> {
    get { states[(b * (steps + 1) + t) * neurons + n] }
    set { states[(b * (steps + 1) + t) * neurons + n] = newValue }
  }

  /// The states of a sample after `t` steps [N].
  func states(_ b: Int, _ t: Int) -> [NeuronState<Scalar>] {
    let first = (b * (steps + 1) + t) * neurons
    return Array(states[first..<first + neurons])
  }

  /// Spikes s [B,T,N]; nil for integrators, which have none.
  public var spikes: [Scalar]? { layer.fires ? gather { self[$0, $1 + 1, $2].s } : nil }
  /// Potentials u [B,T,N], before the reset.
  public var potential: [Scalar] { gather { self[$0, $1 + 1, $2].u } }
  /// Membranes v [B,T,N], after the reset.
  public var membrane: [Scalar] { gather { self[$0, $1 + 1, $2].v } }
  /// Thresholds theta [B,T,N], with what adaptation adds; 0 for integrators.
  public var thresholds: [Scalar] { gather { layer.theta($2, self[$0, $1 + 1, $2]) } }
  /// 1 where a spike is allowed, 0 where a refractory period forbids it [B,T,N].
  public var gates: [Scalar] { gather { self[$0, $1, $2].refractory == 0 ? 1 : 0 } }

  /// Of every sample, step and neuron.
  private func gather(_ value: (_ b: Int, _ t: Int, _ n: Int) -> Scalar) -> [Scalar] {
    var result: [Scalar] = []
    result.reserveCapacity(batch * steps * neurons)
    for b in 0..<batch {
      for t in 0..<steps { for n in 0..<neurons { result.append(value(b, t, n)) } }
    }
    return result
  }
}
