/// A synapse with the neurons it feeds, packed for the kernels.
struct Stage<Scalar: ReferenceScalar>: Sendable {
  let inputs: Int
  let neurons: Int
  /// W, blocks in a row of neurons.
  let width: Int
  /// [I,W].
  let weight: [SIMD16<Scalar>]
  /// [16 W, blocks of I]; empty where nothing asks for the gradient of the input.
  let weightTransposed: [SIMD16<Scalar>]
  /// [W].
  let bias: [SIMD16<Scalar>]?
  /// R [N,W], row: source, column: target.
  let recurrentWeight: [SIMD16<Scalar>]?
  /// [16 W,W].
  let recurrentTransposed: [SIMD16<Scalar>]
  let parameters: NeuronParameters<Scalar>
  /// Whether a layer above or the layer itself reads the output as events.
  let keepsEvents: Bool

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(
    _ synapse: ReferenceSynapse<Scalar>, _ parameters: NeuronParameters<Scalar>,
    recurrentWeight: [Scalar]?, isFirst: Bool, isLast: Bool
  ) {
    let (inputs, neurons) = (synapse.inputs, synapse.outputs)
    self.inputs = inputs
    self.neurons = neurons
    self.parameters = parameters
    width = blockCount(neurons)
    weight = Array(rows: inputs, columns: neurons) { synapse.weight[$0 * neurons + $1] }
    weightTransposed =
      isFirst
      ? []
      : Array(rows: width * 16, columns: inputs) { row, column in
        row < neurons ? synapse.weight[column * neurons + row] : 0
      }
    bias = synapse.bias.map { bias in Array(rows: 1, columns: neurons) { bias[$1] } }
    self.recurrentWeight = recurrentWeight.map { weight in
      Array(rows: neurons, columns: neurons) { weight[$0 * neurons + $1] }
    }
    recurrentTransposed =
      recurrentWeight.map { weight in
        Array(rows: blockCount(neurons) * 16, columns: neurons) { row, column in
          row < neurons ? weight[column * neurons + row] : 0
        }
      } ?? []
    keepsEvents = recurrentWeight != nil || !isLast
  }
}

/// The constants of a neuron layer, packed for the kernels.
struct NeuronParameters<Scalar: ReferenceScalar>: Sendable {
  /// beta = exp(-dt/tau) [W].
  let beta: [SIMD16<Scalar>]
  /// d beta / d tau = beta dt / tau^2 [W].
  let betaByTau: [SIMD16<Scalar>]
  /// alpha = exp(-dt/synapticTau).
  let alpha: Scalar?
  /// [W]; 1 in the padding, which therefore never spikes.
  let threshold: [SIMD16<Scalar>]
  let reset: ReferenceReset
  let resetGradient: ReferenceResetGradient
  let surrogate: ReferenceSurrogate<Scalar>
  /// False for integrators.
  let hasSpikes: Bool
  let learnsTau: Bool
  let learnsThreshold: Bool

  init(_ lif: ReferenceLIF<Scalar>, timeStep: Scalar) {
    (beta, betaByTau) = Self.decay(lif.tau, timeStep)
    alpha = lif.synapticTau.map { Scalar.exponential(-timeStep / $0) }
    threshold = Array(rows: 1, columns: lif.neurons, padding: 1) { lif.threshold[$1] }
    reset = lif.reset
    resetGradient = lif.resetGradient
    surrogate = lif.surrogate
    hasSpikes = true
    learnsTau = lif.learnsTau
    learnsThreshold = lif.learnsThreshold
  }

  /// An integrator is a neuron that neither spikes nor resets.
  init(_ li: ReferenceLI<Scalar>, timeStep: Scalar) {
    (beta, betaByTau) = Self.decay(li.tau, timeStep)
    alpha = li.synapticTau.map { Scalar.exponential(-timeStep / $0) }
    threshold = Array(rows: 1, columns: li.neurons, padding: 1) { _, _ in 1 }
    reset = .none
    resetGradient = .attached
    surrogate = ReferenceSurrogate(.fastSigmoid, slope: 1)
    hasSpikes = false
    learnsTau = li.learnsTau
    learnsThreshold = false
  }

  private static func decay(
    _ tau: [Scalar], _ timeStep: Scalar
  ) -> (beta: [SIMD16<Scalar>], betaByTau: [SIMD16<Scalar>]) {
    let beta = tau.map { Scalar.exponential(-timeStep / $0) }
    return (
      Array(rows: 1, columns: tau.count) { beta[$1] },
      Array(rows: 1, columns: tau.count) { beta[$1] * timeStep / tau[$1] / tau[$1] }
    )
  }

  /// v from u and r (see ``ReferenceReset``).
  @inline(__always)
  func membrane(
    potential u: SIMD16<Scalar>, reset r: SIMD16<Scalar>, threshold: SIMD16<Scalar>
  ) -> SIMD16<Scalar> {
    switch reset {
    case .subtraction: u - r * threshold
    case .zero: u * (1 - r)
    case .none: u
    }
  }

  /// v of one element [t,s,w] of a trace; `block` is its w.
  @inline(__always)
  func membrane(_ trace: NeuronTrace<Scalar>, _ element: Int, _ block: Int) -> SIMD16<Scalar> {
    guard hasSpikes else { return trace.potential[element] }
    return membrane(
      potential: trace.potential[element], reset: (trace.resets ?? trace.spikes)[element],
      threshold: threshold[block])
  }
}
