/// A synapse with the neurons it feeds, packed for the kernels.
struct Stage<Scalar: ReferenceScalar>: Sendable {
  let inputs: Int
  let neurons: Int
  /// W, blocks in a row of neurons.
  let width: Int
  /// [I,W].
  let weight: [SIMD16<Scalar>]
  /// W^T in panels [blocks of I, 16 W]; empty where nothing asks for the gradient of the input.
  let weightTransposed: [SIMD16<Scalar>]
  /// [W].
  let bias: [SIMD16<Scalar>]?
  /// R [N,W], row: source, column: target.
  let recurrentWeight: [SIMD16<Scalar>]?
  /// R^T in panels [W, 16 W]; empty for a feed-forward layer.
  let recurrentTransposed: [SIMD16<Scalar>]
  let parameters: NeuronParameters<Scalar>
  /// What the input is multiplied with [B,I]; `nil` for 1.
  let inputFactors: [Scalar]?
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
    inputFactors = synapse.inputFactors
    width = blockCount(neurons)
    weight = Array(rows: inputs, columns: neurons) { synapse.weight[$0 * neurons + $1] }
    weightTransposed =
      isFirst ? [] : Self.transposedPanels(of: synapse.weight, rows: inputs, columns: neurons)
    bias = synapse.bias.map { bias in Array(rows: 1, columns: neurons) { bias[$1] } }
    self.recurrentWeight = recurrentWeight.map { weight in
      Array(rows: neurons, columns: neurons) { weight[$0 * neurons + $1] }
    }
    recurrentTransposed =
      recurrentWeight.map { Self.transposedPanels(of: $0, rows: neurons, columns: neurons) } ?? []
    keepsEvents = recurrentWeight != nil || !isLast
  }

  /// The transpose of `matrix` [rows,columns], cut into panels of 16 of its columns, one after the
  /// other: [blocks of rows, columns padded to blocks]. A product walks along a panel.
  private static func transposedPanels(
    of matrix: [Scalar], rows: Int, columns: Int
  ) -> [SIMD16<Scalar>] {
    let length = blockCount(columns) * 16
    var panels: [SIMD16<Scalar>] = .zeros(rows: blockCount(rows) * length, columns: 16)
    for row in 0..<rows {
      for column in 0..<columns {
        panels[row / 16 * length + column][row % 16] = matrix[row * columns + column]
      }
    }
    return panels
  }
}

/// The constants of a neuron layer, packed for the kernels.
struct NeuronParameters<Scalar: ReferenceScalar>: Sendable {
  /// beta = exp(-dt/tau) [W].
  let beta: [SIMD16<Scalar>]
  /// d beta / d tau = beta dt / tau^2 [W].
  let betaByTau: [SIMD16<Scalar>]
  /// alpha = exp(-dt/synapticTau) [W].
  let alpha: [SIMD16<Scalar>]?
  /// d alpha / d synapticTau [W].
  let alphaByTau: [SIMD16<Scalar>]
  /// r [W].
  let oneToOne: [SIMD16<Scalar>]?
  /// [W]; 1 in the padding, which therefore never spikes.
  let threshold: [SIMD16<Scalar>]
  let reset: ReferenceReset
  let resetGradient: ReferenceResetGradient
  /// Whether a spike resets one step later.
  let isDelayed: Bool
  let refractorySteps: Int
  let adaptation: AdaptationParameters<Scalar>?
  let surrogate: ReferenceSurrogate<Scalar>
  /// False for integrators.
  let hasSpikes: Bool
  let learnsTau: Bool
  let learnsThreshold: Bool
  let learnsSynapticTau: Bool

  init(_ lif: ReferenceLIF<Scalar>, timeStep: Scalar) {
    (beta, betaByTau) = Self.decay(lif.tau, timeStep)
    let filter = lif.synapticTau.map { Self.decay($0, timeStep) }
    (alpha, alphaByTau) = (filter?.decay, filter?.byTau ?? [])
    let weight = lif.isOneToOne ? lif.recurrentWeight : nil
    oneToOne = weight.map { weight in Array(rows: 1, columns: lif.neurons) { weight[$1] } }
    threshold = Array(rows: 1, columns: lif.neurons, padding: 1) { lif.threshold[$1] }
    reset = lif.reset
    resetGradient = lif.resetGradient
    isDelayed = lif.resetTiming == .delayed
    refractorySteps = lif.refractorySteps
    adaptation = lif.adaptation.map { adaptation in
      let (rho, rhoByTau) = Self.decay(adaptation.tau, timeStep)
      return AdaptationParameters(
        strength: Array(rows: 1, columns: lif.neurons) { adaptation.strength[$1] }, rho: rho,
        rhoByTau: rhoByTau, learnsStrength: adaptation.learnsStrength,
        learnsTau: adaptation.learnsTau)
    }
    surrogate = lif.surrogate
    hasSpikes = true
    learnsTau = lif.learnsTau
    learnsThreshold = lif.learnsThreshold
    learnsSynapticTau = lif.learnsSynapticTau && alpha != nil
  }

  /// An integrator is a neuron that neither spikes nor resets.
  init(_ li: ReferenceLI<Scalar>, timeStep: Scalar) {
    (beta, betaByTau) = Self.decay(li.tau, timeStep)
    let filter = li.synapticTau.map { Self.decay($0, timeStep) }
    (alpha, alphaByTau) = (filter?.decay, filter?.byTau ?? [])
    oneToOne = nil
    threshold = Array(rows: 1, columns: li.neurons, padding: 1) { _, _ in 1 }
    reset = .none
    resetGradient = .attached
    isDelayed = false
    refractorySteps = 0
    adaptation = nil
    surrogate = ReferenceSurrogate(.fastSigmoid, slope: 1)
    hasSpikes = false
    learnsTau = li.learnsTau
    learnsThreshold = false
    learnsSynapticTau = li.learnsSynapticTau && alpha != nil
  }

  /// exp(-dt/tau) and its derivative by tau.
  private static func decay(
    _ tau: [Scalar], _ timeStep: Scalar
  ) -> (decay: [SIMD16<Scalar>], byTau: [SIMD16<Scalar>]) {
    let decay = tau.map { Scalar.exponential(-timeStep / $0) }
    return (
      Array(rows: 1, columns: tau.count) { decay[$1] },
      Array(rows: 1, columns: tau.count) { decay[$1] * timeStep / tau[$1] / tau[$1] }
    )
  }

  /// What the spike r leaves of u (see ``ReferenceReset``).
  @inline(__always)
  func reset(
    _ u: SIMD16<Scalar>, _ r: SIMD16<Scalar>, _ threshold: SIMD16<Scalar>
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
    guard hasSpikes, !isDelayed else { return trace.potential[element] }
    return reset(
      trace.potential[element], (trace.resets ?? trace.spikes)[element],
      threshold(trace, element, block))
  }

  /// The threshold at one element [t,s,w] of a trace.
  @inline(__always)
  func threshold(
    _ trace: borrowing NeuronTrace<Scalar>, _ element: Int, _ block: Int
  ) -> SIMD16<Scalar> {
    guard let adaptation else { return threshold[block] }
    return threshold[block] + adaptation.strength[block] * trace.adaptation[element]
  }
}
