import SpindleReference

/// How far rounding to float32 can move the potentials of one layer.
///
/// A float32 program adds K numbers in some order, of which each is a weight or a product: whatever
/// the order, the sum is off by at most K e A, with e = 2^-24 and A the sum of the numbers' absolute
/// values (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 4.2; terms in e^2
/// are covered by the 2 that follow). The decays are off by at most 4 e of themselves: dt/tau
/// rounded, its exponential and that rounded. With D the bound for the membrane and F that for the
/// filtered current of the step before:
///
///     current    d_i = (K + 2) e A
///     filter     F  <- alpha F + d_i + 6 e alpha |c_{t-1}| + e |c_t|;   without a filter F <- d_i
///     raise      d_r = |strength| G + 2 e (|threshold| + |strength|) where the threshold adapts, with
///                G <- rho G + 8 e the bound for a_t, which is from 0 to 1; else 0
///     potential  d_u = beta D + F + 6 e beta |v_{t-1}| + e |u_t|
///     membrane   D  <- d_u + 2 e (|u_t| + |threshold|) + d_r;  0 after a reset to zero
///
/// With a delayed reset that of the spike before comes into d_u in the same way, and D is d_u. All
/// this holds as long as all spikes before were decided alike. A potential closer to its threshold
/// than d_u + e |threshold| + d_r may be decided otherwise.
struct RoundingBound {
  /// Half of float32's distance from 1 to the next number.
  static let epsilon = 0x1p-24

  let beta: [Double]
  /// nil without a filter.
  let alpha: [Double]?
  let resetsToZero: Bool
  let isDelayed: Bool
  /// rho and |strength| of each neuron where the threshold adapts.
  let adaptation: (rho: [Double], strength: [Double])?
  /// D, F, a bound of the last filtered current, G and d_r of one sample [N].
  private var membraneBound: [Double]
  private var filterBound: [Double]
  private var filtered: [Double]
  private var adaptationBound: [Double]
  private var raiseBound: [Double]

  init(
    beta: [Double], alpha: [Double]?, resetsToZero: Bool, isDelayed: Bool = false,
    adaptation: (rho: [Double], strength: [Double])? = nil
  ) {
    self.beta = beta
    self.alpha = alpha
    self.resetsToZero = resetsToZero
    self.isDelayed = isDelayed
    self.adaptation = adaptation
    membraneBound = Array(repeating: 0, count: beta.count)
    filterBound = membraneBound
    filtered = membraneBound
    adaptationBound = membraneBound
    raiseBound = membraneBound
  }

  /// What is known of a layer at one step of one sample [N].
  struct Step {
    let potential: ArraySlice<Double>
    let threshold: ArraySlice<Double>
    let spikes: ArraySlice<Double>
    let membrane: ArraySlice<Double>
  }

  /// One step of one sample: the margin of every neuron.
  ///
  /// - Parameters:
  ///   - current: A of every neuron.
  ///   - terms: K.
  ///   - before: the step before; nil at first.
  mutating func step(
    current: [Double], terms: Int, now: Step, before: Step?
  ) -> [Double] {
    let e = Self.epsilon
    return beta.indices.map { n in
      let u = now.potential[now.potential.startIndex + n]
      let threshold = now.threshold[now.threshold.startIndex + n].magnitude
      let v = before.map { $0.membrane[$0.membrane.startIndex + n] } ?? 0
      // Of a current that a delayed reset hides, the bound must do.
      let c =
        isDelayed
        ? (alpha?[n] ?? 0) * filtered[n] + current[n] : (u - beta[n] * v).magnitude
      let ofCurrent = Double(terms + 2) * e * current[n]
      filterBound[n] =
        alpha.map {
          $0[n] * filterBound[n] + ofCurrent + 6 * e * $0[n] * filtered[n] + e * c
        } ?? ofCurrent
      filtered[n] = c
      var ofPotential =
        beta[n] * membraneBound[n] + filterBound[n] + 6 * e * beta[n] * v.magnitude
        + e * u.magnitude
      if isDelayed, let before {
        ofPotential = afterReset(ofPotential, n, before, left: u)
      }
      updateRaiseBound(n, threshold)
      membraneBound[n] = isDelayed ? ofPotential : afterReset(ofPotential, n, now, left: u)
      return ofPotential + e * threshold + raiseBound[n]
    }
  }

  /// The bound of what the reset by a step's spike leaves.
  private func afterReset(_ bound: Double, _ n: Int, _ step: Step, left u: Double) -> Double {
    if resetsToZero && step.spikes[step.spikes.startIndex + n] != 0 { return 0 }
    let threshold = step.threshold[step.threshold.startIndex + n].magnitude
    return bound + 2 * Self.epsilon * (u.magnitude + threshold) + raiseBound[n]
  }

  private mutating func updateRaiseBound(_ n: Int, _ threshold: Double) {
    guard let adaptation else { return }
    let (e, strength) = (Self.epsilon, adaptation.strength[n])
    adaptationBound[n] = adaptation.rho[n] * adaptationBound[n] + 8 * e
    raiseBound[n] = strength * adaptationBound[n] + 2 * e * (threshold + strength)
  }
}
