import Spindle

// One neuron, one step of time: forward and, beside it, backward.
//
//     c_t     = alpha c_{t-1} + i_t                        filtered current; alpha = 0 without filter
//     u_t     = beta v_{t-1} + c_t                         potential
//     a_t     = rho a_{t-1} + (1 - rho) s_{t-1}            adaptation (Bellec et al. 2018)
//     theta_t = threshold + strength a_t
//     s_t     = 1 where u_t - theta_t > 0 and no refractory period lasts, else 0
//     v_t     = reset(u_t, s_t, theta_t)                   membrane
//
// with alpha, beta, rho = exp(-dt / tau) of their time constants. With a delayed reset, v_t = u_t and
// u_t = reset(beta v_{t-1} + c_t, s_{t-1}, theta_{t-1}). Integrators have no spike and no reset.
// Backward is the chain rule with h(u_t - theta_t) for ds_t/dx (Neftci, Mostafa and Zenke 2019).

/// What a neuron carries from one step to the next. All zero before a sequence, unless given.
public struct NeuronState<Scalar: ReferenceScalar>: Sendable, Equatable {
  /// The filtered current.
  public var c: Scalar
  /// The potential, before the reset; what follows does not depend on it.
  public var u: Scalar = 0
  /// The adaptation, from 0 to 1.
  public var a: Scalar
  /// The spike, 0 or 1; with smooth spikes any number.
  public var s: Scalar
  /// The spike that the reset takes: s, unless resets are given.
  var r: Scalar
  /// The membrane, after the reset.
  public var v: Scalar
  /// Steps that follow in which the neuron must not fire.
  public var refractory: Int

  /// A state; by default the one before a sequence.
  public init(v: Scalar = 0, c: Scalar = 0, s: Scalar = 0, a: Scalar = 0, refractory: Int = 0) {
    self.c = c
    self.a = a
    self.s = s
    r = s
    self.v = v
    self.refractory = refractory
  }
}

/// The derivative of the loss by a neuron's state.
public struct NeuronAdjoint<Scalar: ReferenceScalar>: Sendable, Equatable {
  /// dL/dv.
  public var v: Scalar
  /// dL/dc.
  public var c: Scalar
  /// dL/ds.
  public var s: Scalar
  /// dL/da.
  public var a: Scalar

  /// An adjoint, by default of a state that nothing follows from.
  public init(v: Scalar = 0, c: Scalar = 0, s: Scalar = 0, a: Scalar = 0) {
    self.v = v
    self.c = c
    self.s = s
    self.a = a
  }
}

/// What a neuron's spike is at one step.
enum SpikeChoice<Scalar: ReferenceScalar> {
  /// As the threshold decides.
  case threshold
  /// Given.
  case forced(Scalar)
  /// The surrogate's primitive; the reset takes `reset` where it is given.
  case smooth(reset: Scalar?)
}

/// The options of a neuron that fires, without its numbers.
struct Firing: Sendable {
  let reset: Reset
  let isAttached: Bool
  let isDelayed: Bool
  let refractorySteps: Int
  let surrogate: Surrogate

  init(_ spiking: Spiking) {
    reset = spiking.reset
    isAttached = spiking.resetGradient == .attached
    isDelayed = spiking.resetTiming == .delayed
    refractorySteps = spiking.refractorySteps
    surrogate = spiking.surrogate
  }
}

/// The constants of one neuron.
struct Neuron<Scalar: ReferenceScalar>: Sendable {
  /// exp(-dt / tau) of the membrane, the filter and the adaptation; 0 without filter or adaptation.
  let beta, alpha, rho: Scalar
  let threshold, strength: Scalar
  /// How it fires; nil for an integrator.
  let firing: Firing?

  /// The threshold of a step, by the state after it.
  func theta(_ state: NeuronState<Scalar>) -> Scalar { threshold + strength * state.a }

  /// What the spike r leaves of u.
  func reset(_ u: Scalar, _ r: Scalar, _ theta: Scalar) -> Scalar {
    switch firing?.reset {
    case .subtraction: u - r * theta
    case .zero: u * (1 - r)
    case .some(.none), nil: u
    }
  }

  /// One step with the current i.
  func forward(
    _ before: NeuronState<Scalar>, current i: Scalar, _ choice: SpikeChoice<Scalar>
  ) -> NeuronState<Scalar> {
    var now = NeuronState<Scalar>()
    now.c = alpha * before.c + i
    now.u = beta * before.v + now.c
    now.v = now.u
    guard let firing else { return now }
    if firing.isDelayed { now.u = reset(now.u, before.r, theta(before)) }
    now.a = rho * before.a + (1 - rho) * before.s
    let x = now.u - theta(now)
    let mayFire = before.refractory == 0
    var fires = mayFire && x > 0
    switch choice {
    case .threshold:
      now.s = fires ? 1 : 0
      now.r = now.s
    case .forced(let s):
      fires = s != 0
      now.s = s
      now.r = s
    case .smooth(let reset):
      // The smooth spike too begins its refractory period where u exceeds theta.
      now.s = mayFire ? firing.surrogate.primitive(x) : 0
      now.r = reset ?? now.s
    }
    now.refractory = fires ? firing.refractorySteps : max(0, before.refractory - 1)
    now.v = firing.isDelayed ? now.u : reset(now.u, now.r, theta(now))
    return now
  }
}

/// The derivative of the loss by the constants of one neuron, summed over samples and steps.
struct NeuronGradient<Scalar: ReferenceScalar> {
  var beta: Scalar = 0
  var alpha: Scalar = 0
  var rho: Scalar = 0
  var threshold: Scalar = 0
  var strength: Scalar = 0
}

extension Neuron {
  /// One step backward: turns the adjoint of the state `now` into that of the state `before`, adds
  /// to the sums and returns delta = dL/di.
  ///
  /// Spikes that go through weights are the layer's: their part of dL/ds is in `adjoint` already,
  /// and that of `before` is still to be added.
  func backward(
    _ before: NeuronState<Scalar>, _ now: NeuronState<Scalar>,
    _ adjoint: inout NeuronAdjoint<Scalar>, _ sums: inout NeuronGradient<Scalar>
  ) -> Scalar {
    var past = NeuronAdjoint<Scalar>()
    // mu = dL/du, sigma = dL/ds, lambda = dL/da, each of this step.
    var mu = adjoint.v
    if let firing {
      var (sigma, byTheta) = (adjoint.s, Scalar.zero)
      if !firing.isDelayed { mu = resetAdjoint(mu, now.u, now, &sigma, &byTheta) }
      let h =
        before.refractory == 0 ? firing.surrogate.derivative(now.u - theta(now)) : Scalar.zero
      mu += h * sigma
      byTheta -= h * sigma
      let lambda = adjoint.a + strength * byTheta
      sums.threshold += byTheta
      sums.strength += byTheta * now.a
      past.a = rho * lambda
      past.s = (1 - rho) * lambda
      sums.rho += lambda * (before.a - before.s)
      if firing.isDelayed {
        var byThetaBefore = Scalar.zero
        mu = resetAdjoint(
          mu, beta * before.v + now.c, before, &past.s, &byThetaBefore)
        sums.threshold += byThetaBefore
        sums.strength += byThetaBefore * before.a
        past.a += strength * byThetaBefore
      }
    }
    let delta = mu + adjoint.c
    past.v = beta * mu
    past.c = alpha * delta
    sums.beta += mu * before.v
    sums.alpha += delta * before.c
    adjoint = past
    return delta
  }

  /// Backward of `reset(u, r, theta)`, where r and theta are those of `state`: from dL/d(what it
  /// leaves), nu, to dL/du, and adds to dL/ds and dL/dtheta. A detached r is a constant.
  private func resetAdjoint(
    _ nu: Scalar, _ u: Scalar, _ state: NeuronState<Scalar>, _ sigma: inout Scalar,
    _ byTheta: inout Scalar
  ) -> Scalar {
    let isAttached = firing?.isAttached ?? false
    switch firing?.reset {
    case .subtraction:
      if isAttached { sigma -= theta(state) * nu }
      byTheta -= state.r * nu
      return nu
    case .zero:
      if isAttached { sigma -= u * nu }
      return nu * (1 - state.r)
    case .some(.none), nil: return nu
    }
  }
}
