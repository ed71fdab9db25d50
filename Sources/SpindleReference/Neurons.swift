// Shape letters: T steps, S samples of one chunk, W blocks of 16 neurons in a row.

/// What forward keeps of one neuron layer and one chunk.
struct NeuronTrace<Scalar: ReferenceScalar>: Sendable {
  /// u [T,S,W].
  var potential: [SIMD16<Scalar>]
  /// s [T,S,W]; empty for integrators.
  var spikes: [SIMD16<Scalar>]
  /// r [T,S,W] where it is given and not s.
  var resets: [SIMD16<Scalar>]?
  /// c [T,S,W] where the filter is learned.
  var filtered: [SIMD16<Scalar>] = []
  /// The output that is not zero, a row for each step and sample [T S].
  var events: Events<Scalar>
}

/// What forward carries from step to step in one neuron layer.
struct NeuronState<Scalar: ReferenceScalar> {
  /// i, the current of this step [S,W].
  var current: [SIMD16<Scalar>]
  /// c, the current after the filter [S,W].
  var filtered: [SIMD16<Scalar>]
  /// v [S,W].
  var membrane: [SIMD16<Scalar>]

  init(samples: Int, neurons: Int) {
    current = .zeros(rows: samples, columns: neurons)
    filtered = current
    membrane = current
  }
}

/// What backward carries from step to step in one neuron layer, and sums over the steps.
struct NeuronGradient<Scalar: ReferenceScalar>: Sendable {
  /// dL/ds of this step from outside the neuron [S,W].
  var spike: [SIMD16<Scalar>]
  /// dL/dv of this step [S,W].
  var membrane: [SIMD16<Scalar>]
  /// delta = dL/di of this step, which is dL/dc [S,W].
  var current: [SIMD16<Scalar>]
  /// dL/dbeta [W].
  var beta: [SIMD16<Scalar>]
  /// dL/dalpha [W].
  var alpha: [SIMD16<Scalar>]
  /// dL/dr [W], one-to-one.
  var recurrent: [SIMD16<Scalar>]
  /// dL/dthreshold [W].
  var threshold: [SIMD16<Scalar>]

  init(samples: Int, neurons: Int) {
    spike = .zeros(rows: samples, columns: neurons)
    membrane = spike
    current = spike
    beta = .zeros(rows: 1, columns: neurons)
    threshold = beta
    alpha = beta
    recurrent = beta
  }
}

extension NeuronParameters {
  /// One step of all samples: i to c, u, s, v.
  @inline(__always)
  func forward(
    step: Int, samples: Int, rule: ChunkSpikeRule, state: inout NeuronState<Scalar>,
    trace: inout NeuronTrace<Scalar>
  ) {
    let width = beta.count
    for row in 0..<samples * width {
      let block = row % width
      let element = step * samples * width + row
      var c = state.current[row]
      if let oneToOne, step > 0 { c += trace.spikes[element - samples * width] * oneToOne[block] }
      if let alpha {
        c = state.filtered[row] * alpha[block] + c
        state.filtered[row] = c
        if learnsSynapticTau { trace.filtered[element] = c }
      }
      let u = beta[block] * state.membrane[row] + c
      trace.potential[element] = u
      guard hasSpikes else {
        state.membrane[row] = u
        continue
      }
      let x = u - threshold[block]
      switch rule {
      case .threshold: trace.spikes[element] = x.heaviside
      case .forced: break
      case .smooth: trace.spikes[element] = x.map { surrogate.primitive($0) }
      }
      let r = trace.resets?[element] ?? trace.spikes[element]
      state.membrane[row] = membrane(potential: u, reset: r, threshold: threshold[block])
    }
  }

  /// One step of all samples, downwards in time: dL/ds, dL/dv to delta = dL/di.
  ///
  /// Leaves in `gradient.membrane` what reaches the membrane of the step before, and zeros in
  /// `gradient.spike`.
  @inline(__always)
  func backward(
    step: Int, samples: Int, trace: borrowing NeuronTrace<Scalar>,
    gradient: inout NeuronGradient<Scalar>
  ) {
    let width = beta.count
    let resets = trace.resets ?? trace.spikes
    for row in 0..<samples * width {
      let block = row % width
      let element = step * samples * width + row
      let u = trace.potential[element]
      let gv = gradient.membrane[row]
      var gu = gv
      if hasSpikes {
        let theta = threshold[block]
        let r = resets[element]
        var gs = gradient.spike[row]
        gradient.spike[row] = .zero
        switch reset {
        case .subtraction:
          if resetGradient == .attached { gs -= gv * theta }
        case .zero:
          gu = gv * (1 - r)
          if resetGradient == .attached { gs -= gv * u }
        case .none: break
        }
        let gx = gs * surrogate.derivative(u - theta)
        gu += gx
        if learnsThreshold {
          gradient.threshold[block] -= reset == .subtraction ? gx + gv * r : gx
        }
      }
      if learnsTau && step > 0 {
        let previous = element - samples * width
        gradient.beta[block] += gu * membrane(trace, previous, block)
      }
      gradient.membrane[row] = beta[block] * gu
      var delta = gu
      if let alpha { delta += gradient.current[row] * alpha[block] }
      gradient.current[row] = delta
      guard step > 0 else { continue }
      let previous = element - samples * width
      if learnsSynapticTau { gradient.alpha[block] += delta * trace.filtered[previous] }
      if let oneToOne {
        gradient.recurrent[block] += delta * trace.spikes[previous]
        gradient.spike[row] += delta * oneToOne[block]
      }
    }
  }
}
