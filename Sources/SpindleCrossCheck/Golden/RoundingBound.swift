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
///     potential  d_u = beta D + F + 6 e beta |v_{t-1}| + e |u_t|
///     membrane   D  <- d_u + 2 e (|u_t| + |threshold|);  0 after a reset to zero
///
/// which holds as long as all spikes before were decided alike. A potential closer to its threshold
/// than d_u + e |threshold| may be decided otherwise.
struct RoundingBound {
  /// Half of float32's distance from 1 to the next number.
  static let epsilon = 0x1p-24

  let beta: [Double]
  /// nil without a filter.
  let alpha: [Double]?
  let threshold: [Double]
  let resetsToZero: Bool
  /// D, F and the last filtered current of one sample [N].
  private var membraneBound: [Double]
  private var filterBound: [Double]
  private var filtered: [Double]

  init(beta: [Double], alpha: [Double]?, threshold: [Double], resetsToZero: Bool) {
    self.beta = beta
    self.alpha = alpha
    self.threshold = threshold
    self.resetsToZero = resetsToZero
    membraneBound = Array(repeating: 0, count: beta.count)
    filterBound = membraneBound
    filtered = membraneBound
  }

  /// One step of one sample: the margin of every neuron.
  ///
  /// - Parameters:
  ///   - current: A of every neuron.
  ///   - terms: K.
  ///   - potential: u of every neuron; `before`: v of the step before, zeros at first.
  mutating func step(
    current: [Double], terms: Int, potential: ArraySlice<Double>, before: ArraySlice<Double>?,
    spikes: ArraySlice<Double>
  ) -> [Double] {
    let e = Self.epsilon
    return beta.indices.map { n in
      let u = potential[potential.startIndex + n]
      let v = before.map { $0[$0.startIndex + n] } ?? 0
      let ofCurrent = Double(terms + 2) * e * current[n]
      let c = u - beta[n] * v
      filterBound[n] =
        alpha.map {
          $0[n] * filterBound[n] + ofCurrent + 6 * e * $0[n] * filtered[n].magnitude
            + e * c.magnitude
        } ?? ofCurrent
      filtered[n] = c
      let ofPotential =
        beta[n] * membraneBound[n] + filterBound[n] + 6 * e * beta[n] * v.magnitude
        + e * u.magnitude
      let isReset = resetsToZero && spikes[spikes.startIndex + n] != 0
      membraneBound[n] =
        isReset ? 0 : ofPotential + 2 * e * (u.magnitude + threshold[n].magnitude)
      return ofPotential + e * threshold[n].magnitude
    }
  }
}
