import Spindle

// One neuron, one step of time: forward and, beside it, backward.
//
//     c_t     = alpha c_{t-1} + i_t                        filtered current; alpha = 0 without filter
//     u_t     = beta v_{t-1} + c_t                         potential
//     a_t     = rho a_{t-1} + (1 - rho) s_{t-1}            adaptation (Bellec et al. 2018)
//     theta_t = threshold + strength a_t
//     s_t     = 1 where u_t - theta_t > 0 and no refractory period lasts, else 0
//     v_t     = max(floor, u_t - s_t amount(u_t, theta_t)) membrane
//
// with alpha, beta, rho = exp(-dt / tau) of their time constants. A reset takes the amount theta_t
// (by subtraction), u_t (to zero) or 0. With a delayed reset, v_t = u_t, and u_t = w_t - s_{t-1}
// amount(w_t, theta_{t-1}) with w_t = beta v_{t-1} + c_t. Integrators have no spike and no reset.
// Backward is the chain rule with h(u_t - theta_t) for ds_t/du_t (Neftci, Mostafa and Zenke 2019).

/// What a neuron carries from one step to the next. All zero before a sequence, unless given.
public struct NeuronState<Scalar: ReferenceScalar>: Sendable, Equatable {
  /// The membrane, after the reset.
  public var v: Scalar
  /// The filtered current.
  public var c: Scalar
  /// The spike, 0 or 1; with smooth spikes any number.
  public var s: Scalar
  /// The adaptation, from 0 to 1.
  public var a: Scalar
  /// Steps that follow in which the neuron must not fire.
  public var refractory: Int
  /// The potential, before the reset; what follows does not depend on it.
  public var u: Scalar = 0
  /// The spike that the reset takes: s, unless resets are given.
  var r: Scalar

  /// A state; by default the one before a sequence.
  public init(v: Scalar = 0, c: Scalar = 0, s: Scalar = 0, a: Scalar = 0, refractory: Int = 0) {
    (self.v, self.c, self.s, self.a, self.refractory, r) = (v, c, s, a, refractory, s)
  }
}

/// The derivative of the loss by a neuron's state.
public struct NeuronAdjoint<Scalar: ReferenceScalar>: Sendable, Equatable {
  /// dL/dv, dL/dc, dL/ds and dL/da.
  public var v, c, s, a: Scalar

  /// An adjoint, by default of a state that nothing follows from.
  public init(v: Scalar = 0, c: Scalar = 0, s: Scalar = 0, a: Scalar = 0) {
    (self.v, self.c, self.s, self.a) = (v, c, s, a)
  }
}

extension ReferenceLayer {
  /// The threshold of neuron n in the step that `state` is after.
  func theta(_ n: Int, _ state: NeuronState<Scalar>) -> Scalar {
    threshold[n] + strength[n] * state.a
  }

  /// One step of neuron n with the current i.
  func forward(
    _ n: Int, _ before: NeuronState<Scalar>, current i: Scalar, _ rule: SpikeRule<Scalar>,
    given: Scalar?
  ) -> NeuronState<Scalar> {
    var now = NeuronState<Scalar>()
    now.c = alpha[n] * before.c + i
    now.u = beta[n] * before.v + now.c
    now.v = now.u
    guard fires else { return now }
    if isDelayed { now.u -= before.r * amount(now.u, theta(n, before)) }
    now.a = rho[n] * before.a + (1 - rho[n]) * before.s
    let x = now.u - theta(n, now)
    let mayFire = before.refractory == 0
    var isAbove = mayFire && x > 0
    if case .smooth = rule {
      // The smooth spike too begins its refractory period where u exceeds theta.
      now.s = mayFire ? options.surrogate.primitive(x) : 0
      now.r = given ?? now.s
    } else {
      now.s = given ?? (isAbove ? 1 : 0)
      now.r = now.s
      isAbove = now.s != 0
    }
    now.refractory = isAbove ? options.refractorySteps : max(0, before.refractory - 1)
    now.v = max(floor, left(n, now))
    return now
  }

  /// What the reset leaves of the potential, before the floor.
  private func left(_ n: Int, _ now: NeuronState<Scalar>) -> Scalar {
    isDelayed ? now.u : now.u - now.r * amount(now.u, theta(n, now))
  }

  /// One step of neuron n backward: turns the adjoint of the state `now` into that of the state
  /// `before`, adds to the gradients of the neuron's constants and returns delta = dL/di.
  ///
  /// What spikes do through weights is the layer's: it is in `adjoint.s` already, and that of
  /// `before` is still to be added.
  func backward(
    _ n: Int, _ before: NeuronState<Scalar>, _ now: NeuronState<Scalar>,
    _ adjoint: inout NeuronAdjoint<Scalar>, _ gradient: inout ReferenceLayer<Scalar>
  ) -> Scalar {
    var past = NeuronAdjoint<Scalar>()
    var byU = adjoint.v
    if fires {
      // v_t = max(floor, ...): constant at the floor and below
      if left(n, now) <= floor { byU = 0 }
      // v_t = u_t - s_t amount(u_t, theta_t)
      var (byS, byTheta) = (adjoint.s, Scalar.zero)
      if !isDelayed { byU = backwardReset(byU, now.u, now.r, theta(n, now), &byS, &byTheta) }
      // s_t = 1 where u_t - theta_t > 0
      let x = now.u - theta(n, now)
      let h = before.refractory == 0 ? options.surrogate.derivative(x) : 0
      byU += h * byS
      byTheta -= h * byS
      // theta_t = threshold + strength a_t
      let byA = adjoint.a + strength[n] * byTheta
      gradient.threshold[n] += byTheta
      gradient.strength[n] += byTheta * now.a
      // a_t = rho a_{t-1} + (1 - rho) s_{t-1}
      past.a = rho[n] * byA
      past.s = (1 - rho[n]) * byA
      gradient.rho[n] += byA * (before.a - before.s)
      if isDelayed {
        // u_t = w_t - s_{t-1} amount(w_t, theta_{t-1}), w_t = beta v_{t-1} + c_t
        var byThetaBefore = Scalar.zero
        byU = backwardReset(
          byU, beta[n] * before.v + now.c, before.r, theta(n, before), &past.s, &byThetaBefore)
        past.a += strength[n] * byThetaBefore
        gradient.threshold[n] += byThetaBefore
        gradient.strength[n] += byThetaBefore * before.a
      }
    }
    // u_t = beta v_{t-1} + c_t
    past.v = beta[n] * byU
    gradient.beta[n] += byU * before.v
    // c_t = alpha c_{t-1} + i_t
    let delta = byU + adjoint.c
    past.c = alpha[n] * delta
    gradient.alpha[n] += delta * before.c
    adjoint = past
    return delta
  }

  /// What a spike takes from u.
  private func amount(_ u: Scalar, _ theta: Scalar) -> Scalar {
    switch options.reset {
    case .subtraction: theta
    case .zero: u
    case .none: 0
    }
  }

  /// Backward of a reset, left = u - r amount(u, theta), from dL/dleft to dL/du; adds to dL/ds, of
  /// an attached reset, and to dL/dtheta.
  private func backwardReset(
    _ byLeft: Scalar, _ u: Scalar, _ r: Scalar, _ theta: Scalar, _ byS: inout Scalar,
    _ byTheta: inout Scalar
  ) -> Scalar {
    if options.resetGradient == .attached { byS -= amount(u, theta) * byLeft }
    switch options.reset {
    case .subtraction: byTheta -= r * byLeft
    case .zero: return byLeft - r * byLeft
    case .none: break
    }
    return byLeft
  }
}
