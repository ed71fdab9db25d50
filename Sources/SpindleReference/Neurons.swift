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
  /// a [T,S,W] where the threshold adapts.
  var adaptation: [SIMD16<Scalar>] = []
  /// 1 where a spike is allowed, else 0 [T,S,W], with a refractory period.
  var gate: [SIMD16<Scalar>] = []
  /// The output that is not zero, a row for each step and sample [T S].
  var events: Events<Scalar>
  /// The same times what the layer above multiplies its input with, where it does.
  var scaledEvents: Events<Scalar>?

  /// The input of the layer above.
  var output: Events<Scalar> { scaledEvents ?? events }
}

/// What forward carries from step to step in one neuron layer.
struct NeuronState<Scalar: ReferenceScalar> {
  /// i, the current of this step [S,W].
  var current: [SIMD16<Scalar>]
  /// c, the current after the filter [S,W].
  var filtered: [SIMD16<Scalar>]
  /// v [S,W].
  var membrane: [SIMD16<Scalar>]
  /// Steps left of the refractory period [S,W].
  var refractory: [SIMD16<Scalar>]

  init(samples: Int, neurons: Int) {
    current = .zeros(rows: samples, columns: neurons)
    filtered = current
    membrane = current
    refractory = current
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
  /// dL/du of the step after this one [S,W], with delayed reset.
  var next: [SIMD16<Scalar>]
  /// dL/da of the step after this one [S,W].
  var adaptation: [SIMD16<Scalar>]
  /// dL/dbeta [W].
  var beta: [SIMD16<Scalar>]
  /// dL/dalpha [W].
  var alpha: [SIMD16<Scalar>]
  /// dL/dr [W], one-to-one.
  var recurrent: [SIMD16<Scalar>]
  /// dL/dthreshold [W].
  var threshold: [SIMD16<Scalar>]
  /// dL/dstrength [W].
  var strength: [SIMD16<Scalar>]
  /// dL/drho [W].
  var rho: [SIMD16<Scalar>]

  init(samples: Int, neurons: Int) {
    spike = .zeros(rows: samples, columns: neurons)
    membrane = spike
    current = spike
    next = spike
    adaptation = spike
    beta = .zeros(rows: 1, columns: neurons)
    threshold = beta
    alpha = beta
    recurrent = beta
    strength = beta
    rho = beta
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
      var u = beta[block] * state.membrane[row] + c
      guard hasSpikes else {
        trace.potential[element] = u
        state.membrane[row] = u
        continue
      }
      if step > 0 {
        let previous = element - samples * width
        if isDelayed {
          u = reset(u, (trace.resets ?? trace.spikes)[previous], threshold(trace, previous, block))
        }
        if let adaptation {
          trace.adaptation[element] = adaptation.next(
            trace.adaptation[previous], trace.spikes[previous], block)
        }
      }
      trace.potential[element] = u
      let x = u - threshold(trace, element, block)
      switch rule {
      case .threshold: trace.spikes[element] = x.heaviside
      case .forced: break
      case .smooth: trace.spikes[element] = x.map { surrogate.primitive($0) }
      }
      if refractorySteps > 0 {
        let gate = 1 - state.refractory[row].heaviside
        trace.gate[element] = gate
        if rule != .forced { trace.spikes[element] *= gate }
        // The smooth spike too begins its period where the potential exceeds the threshold.
        let fires = rule == .forced ? trace.spikes[element] : x.heaviside * gate
        state.refractory[row] =
          fires * Scalar(refractorySteps) + (1 - fires) * (state.refractory[row] - 1).rectified
      }
      state.membrane[row] = membrane(trace, element, block)
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
        let theta = threshold(trace, element, block)
        let r = resets[element]
        var gs = gradient.spike[row]
        var gTheta = SIMD16<Scalar>.zero
        gradient.spike[row] = .zero
        // The gradient by what this step's reset leaves, v or the next u.
        let left = isDelayed ? gradient.next[row] : gv
        switch reset {
        case .subtraction:
          if resetGradient == .attached { gs -= left * theta }
          gTheta -= left * r
        case .zero:
          if !isDelayed { gu = gv * (1 - r) }
          if resetGradient == .attached { gs -= left * u }
        case .none: break
        }
        if let adaptation { gs += gradient.adaptation[row] * (1 - adaptation.rho[block]) }
        var gx = gs * surrogate.derivative(u - theta)
        if refractorySteps > 0 { gx *= trace.gate[element] }
        gu += gx
        gTheta -= gx
        if learnsThreshold { gradient.threshold[block] += gTheta }
        adaptation?.backward(
          gTheta, element, previous: step > 0 ? element - samples * width : nil, row: row,
          block: block, trace: trace, gradient: &gradient)
        if isDelayed && step > 0 {
          gradient.next[row] = gu
          if reset == .zero { gu *= 1 - resets[element - samples * width] }
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

/// The constants of an adaptation, packed for the kernels.
struct AdaptationParameters<Scalar: ReferenceScalar>: Sendable {
  /// [W].
  let strength: [SIMD16<Scalar>]
  /// rho = exp(-dt/tau) [W].
  let rho: [SIMD16<Scalar>]
  /// d rho / d tau [W].
  let rhoByTau: [SIMD16<Scalar>]
  let learnsStrength: Bool
  let learnsTau: Bool

  /// a_t from a_{t-1} and s_{t-1}.
  @inline(__always)
  func next(_ a: SIMD16<Scalar>, _ spike: SIMD16<Scalar>, _ block: Int) -> SIMD16<Scalar> {
    rho[block] * a + (1 - rho[block]) * spike
  }

  /// From dL/dthreshold_t: dL/da_t, which it leaves for the step before, and the gradients of
  /// strength and rho.
  @inline(__always)
  func backward(
    _ gTheta: SIMD16<Scalar>, _ element: Int, previous: Int?, row: Int, block: Int,
    trace: borrowing NeuronTrace<Scalar>, gradient: inout NeuronGradient<Scalar>
  ) {
    let ga = gradient.adaptation[row] * rho[block] + gTheta * strength[block]
    gradient.adaptation[row] = ga
    gradient.strength[block] += gTheta * trace.adaptation[element]
    if let previous {
      gradient.rho[block] += ga * (trace.adaptation[previous] - trace.spikes[previous])
    }
  }
}
