import Spindle

/// How a step of time decides which neurons spike.
public enum SpikeRule<Scalar: ReferenceScalar>: Sendable {
  /// s = 1 where u - theta > 0.
  case threshold
  /// The given spikes, each 0 or 1: one [B,T,N] for each layer, nil to compare as usual. With the
  /// spikes of another engine its gradients are comparable even where a potential lies within
  /// rounding of the threshold.
  case forced([[Scalar]?])
  /// s = S(u - theta), the surrogate's primitive: backward is then the derivative of forward, and
  /// finite differences can test it. `resets` [B,T,N], one for each layer, are constants that take
  /// the place of s in the reset alone, which is what a detached reset means; empty or nil for none.
  case smooth(resets: [[Scalar]?] = [])

  /// Of one element of one layer.
  func choice(_ layer: Int, _ element: Int) -> SpikeChoice<Scalar> {
    switch self {
    case .threshold: return .threshold
    case .forced(let spikes): return spikes[layer].map { .forced($0[element]) } ?? .threshold
    case .smooth(let resets):
      return .smooth(reset: layer < resets.count ? resets[layer]?[element] : nil)
    }
  }
}

/// What a run is given, checked. B batch, T steps, I inputs, N neurons.
struct Simulation<Scalar: ReferenceScalar>: Sendable {
  let layers: [ReferenceLayer<Scalar>]
  let batch: Int
  let steps: Int
  /// [B,T,I].
  let input: [Scalar]
  let rule: SpikeRule<Scalar>
  /// The states before the first step: [B,N] of each layer, or none for zero.
  let initial: [[NeuronState<Scalar>]]
  /// What the input of each layer is multiplied with [B,I]; nil for 1.
  let inputFactors: [[Scalar]?]

  /// Forward through time, sample by sample.
  func forward() -> ReferenceTrace<Scalar> {
    var traces = layers.indices.map { index in
      let states = initial.isEmpty ? nil : initial[index]
      return LayerTrace(index, layers[index], batch: batch, steps: steps, initial: states)
    }
    for b in 0..<batch {
      for t in 0..<steps {
        for (index, layer) in layers.enumerated() {
          let before = traces[index].states(b, t)
          let current = layer.current(layerInput(index, b, t, traces), before)
          let first = (b * steps + t) * layer.neurons.count
          for (n, neuron) in layer.neurons.enumerated() {
            traces[index][b, t + 1, n] = neuron.forward(
              before[n], current: current[n], rule.choice(index, first + n))
          }
        }
      }
    }
    return ReferenceTrace(layers: traces)
  }

  /// x_t of a layer [I]: the network's input, or the output of the layer below in the same step,
  /// times the layer's factors.
  func layerInput(
    _ index: Int, _ b: Int, _ t: Int, _ traces: [LayerTrace<Scalar>]
  ) -> [Scalar] {
    let inputs = layers[index].inputs
    var x: [Scalar]
    if index == 0 {
      x = Array(input[(b * steps + t) * inputs..<(b * steps + t + 1) * inputs])
    } else {
      x = layers[index - 1].output(traces[index - 1].states(b, t + 1))
    }
    guard let factors = factors(index, b) else { return x }
    for i in x.indices { x[i] *= factors[i] }
    return x
  }

  /// The factors of a layer's input for one sample [I].
  func factors(_ index: Int, _ b: Int) -> [Scalar]? {
    guard index < inputFactors.count, let all = inputFactors[index] else { return nil }
    let inputs = layers[index].inputs
    return Array(all[b * inputs..<(b + 1) * inputs])
  }
}
