import Spindle

/// How a step of time decides which neurons spike.
public enum SpikeRule<Scalar: ReferenceScalar>: Sendable {
  /// s = 1 where u - theta > 0.
  case threshold
  /// The given spikes, each 0 or 1: [B,T,N] of each layer, nil to compare as usual. With the spikes
  /// of another engine its gradients are comparable even where a potential lies within rounding of
  /// the threshold.
  case forced([[Scalar]?])
  /// s = S(u - theta), the surrogate's primitive: backward is then the derivative of forward, and
  /// finite differences can test it. `resets` [B,T,N] of each layer are constants that take the
  /// place of s in the reset alone, which is what a detached reset means; empty or nil for none.
  case smooth(resets: [[Scalar]?] = [])

  /// Of each layer, or empty.
  var given: [[Scalar]?] {
    switch self {
    case .threshold: []
    case .forced(let spikes): spikes
    case .smooth(let resets): resets
    }
  }
}

extension Reference {
  /// Forward through time.
  ///
  /// - Parameters:
  ///   - input: x [B,T,I].
  ///   - batch: B.
  ///   - steps: T.
  ///   - lengths: the steps of each sample [B], which ends there: what follows is not looked at, and
  ///     all quantities are zero past the end. Nil where all have T.
  ///   - spikes: when a neuron fires.
  ///   - initial: the states before the first step, [B,N] of each layer; empty for zero.
  ///   - inputFactors: what the input of each layer is multiplied with at all steps [B,I], 0 or
  ///     1 / (1 - p) for a dropout with probability p; nil for 1. Empty for 1 everywhere.
  /// - Throws: `SpindleError` where a size or a given spike is wrong.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func run(
    input: [Scalar], batch: Int, steps: Int, lengths: [Int]? = nil,
    spikes: SpikeRule<Scalar> = .threshold, initial: [[NeuronState<Scalar>]] = [],
    inputFactors: [[Scalar]?] = []
  ) throws(SpindleError) -> ReferenceTrace<Scalar> {
    try check(input, batch, steps, spikes, initial, inputFactors)
    if let lengths { try checkLengths(lengths, count: batch, steps: steps) }
    let ends = lengths ?? Array(repeating: steps, count: batch)
    var trace = ReferenceTrace(
      network: self, input: input, batch: batch, steps: steps, ends: ends,
      inputFactors: inputFactors,
      layers: layers.enumerated().map { index, layer in
        LayerTrace(
          index, layer, batch, steps, ends, initial: initial.isEmpty ? nil : initial[index])
      })
    let given = spikes.given
    for b in 0..<batch {
      for t in 0..<ends[b] {
        for (index, layer) in layers.enumerated() {
          let before = trace.layers[index].states(b, t)
          let current = layer.current(trace.x(index, b, t), before)
          let given = given.isEmpty ? nil : given[index]
          for n in 0..<layer.neurons {
            trace.layers[index][b, t + 1, n] = layer.forward(
              n, before[n], current: current[n], spikes,
              given: given?[(b * steps + t) * layer.neurons + n])
          }
        }
      }
    }
    return trace
  }
}

extension ReferenceTrace {
  /// x_t of a layer [I]: the network's input, or s of the layer below in the same step, times the
  /// layer's factors.
  func x(_ index: Int, _ b: Int, _ t: Int) -> [Scalar] {
    let inputs = layers[index].layer.inputs
    let first = (b * steps + t) * inputs
    var x =
      index == 0
      ? Array(input[first..<first + inputs]) : layers[index - 1].states(b, t + 1).map(\.s)
    if let factors = factors(index) {
      for i in 0..<inputs { x[i] *= factors[b * inputs + i] }
    }
    return x
  }

  /// The factors of a layer's input [B,I]; nil for 1.
  func factors(_ index: Int) -> [Scalar]? { inputFactors.isEmpty ? nil : inputFactors[index] }
}
