import Foundation
import Spindle
import SpindleReference

extension CaseFile {
  /// How far rounding to float32 can move each potential of the definition's `trace` and its
  /// threshold [B,T,N], one list for each layer with spikes; see `RoundingBound`.
  func margins(_ network: Reference<Double>, _ trace: ReferenceTrace<Double>) -> [[Double]] {
    var (x, margins) = (input.map { Double($0) }, [[Double]]())
    for layer in trace.layers {
      guard let spikes = layer.spikes,
        let bound = RoundingBound(network, layer, spikes)
      else { break }
      margins.append(bound.margins(batch: batch, steps: steps, x))
      x = spikes
    }
    return margins
  }
}

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
private struct RoundingBound {
  /// Half of float32's distance from 1 to the next number.
  static let epsilon = 0x1p-24

  let inputs, neurons: Int
  let topology: Topology
  let resetsToZero, isDelayed: Bool
  /// |W| [I,N], |b| [N] and |R| [N,N] or |r| [N]; empty where the layer has none.
  let weight, bias, recurrent: [Double]
  /// [N]; alpha and rho empty without a filter and without adaptation.
  let beta, alpha, rho, strength: [Double]
  /// [B,T,N].
  let potential, thresholds, spikes, membrane: [Double]
  /// D, F, a bound of the last filtered current, G and d_r of one sample [N].
  var membraneBound, filterBound, filtered, adaptationBound, raiseBound: [Double]

  /// nil for layers without spikes.
  init?(_ network: Reference<Double>, _ layer: LayerTrace<Double>, _ spikes: [Double]) {
    let description = network.description.layers[layer.index]
    guard let spiking = description.neurons.spiking else { return nil }
    func values(_ role: Role) -> [Double] {
      network.values["\(layer.index).\(role.rawValue)"] ?? []
    }
    func magnitudes(_ role: Role) -> [Double] { values(role).map(\.magnitude) }
    func decays(_ role: Role) -> [Double] {
      values(role).map { exp(-network.description.timeStep / $0) }
    }
    (inputs, neurons) = (network.description.inputs(of: layer.index), layer.neurons)
    topology = description.recurrence.topology
    (resetsToZero, isDelayed) = (spiking.reset == .zero, spiking.resetTiming == .delayed)
    (weight, bias, recurrent) = (
      magnitudes(.weight), magnitudes(.bias), magnitudes(.recurrentWeight)
    )
    (beta, alpha, rho) = (decays(.tau), decays(.synapticTau), decays(.adaptationTau))
    strength = magnitudes(.adaptationStrength)
    (potential, thresholds) = (layer.potential, layer.thresholds)
    (self.spikes, membrane) = (spikes, layer.membrane)
    let zeros = [Double](repeating: 0, count: neurons)
    (membraneBound, filterBound, filtered) = (zeros, zeros, zeros)
    (adaptationBound, raiseBound) = (zeros, zeros)
  }

  /// How far rounding can move each potential, and the threshold [B,T,N], from x [B,T,I]. O(events
  /// x N).
  func margins(batch: Int, steps: Int, _ x: [Double]) -> [Double] {
    var margins: [Double] = []
    for b in 0..<batch {
      var bound = self
      for t in 0..<steps { margins += bound.step(b * steps + t, isFirst: t == 0, x) }
    }
    return margins
  }

  /// One step of one sample, row (b T + t): the margin of every neuron.
  private mutating func step(_ row: Int, isFirst: Bool, _ x: [Double]) -> [Double] {
    let e = Self.epsilon
    let (current, terms) = current(row, isFirst: isFirst, x)
    var margins: [Double] = []
    for n in 0..<neurons {
      let (now, before) = (row * neurons + n, (row - 1) * neurons + n)
      let (u, v) = (potential[now], isFirst ? 0 : membrane[before])
      let alpha = alpha.isEmpty ? 0 : alpha[n]
      // Of a current that a delayed reset hides, the bound must do.
      let c = isDelayed ? alpha * filtered[n] + current[n] : (u - beta[n] * v).magnitude
      let ofCurrent = Double(terms + 2) * e * current[n]
      filterBound[n] =
        self.alpha.isEmpty
        ? ofCurrent : alpha * filterBound[n] + ofCurrent + 6 * e * alpha * filtered[n] + e * c
      filtered[n] = c
      var bound =
        beta[n] * membraneBound[n] + filterBound[n] + 6 * e * beta[n] * v.magnitude
        + e * u.magnitude
      if isDelayed && !isFirst { bound = afterReset(bound, n, before, left: u) }
      if !rho.isEmpty {
        adaptationBound[n] = rho[n] * adaptationBound[n] + 8 * e
        raiseBound[n] =
          strength[n] * adaptationBound[n] + 2 * e * (thresholds[now].magnitude + strength[n])
      }
      membraneBound[n] = isDelayed ? bound : afterReset(bound, n, now, left: u)
      margins.append(bound + e * thresholds[now].magnitude + raiseBound[n])
    }
    return margins
  }

  /// The bound of what the reset by a spike leaves.
  private func afterReset(_ bound: Double, _ n: Int, _ element: Int, left u: Double) -> Double {
    if resetsToZero && spikes[element] != 0 { return 0 }
    return bound + 2 * Self.epsilon * (u.magnitude + thresholds[element].magnitude) + raiseBound[n]
  }

  /// A, the sum of the absolute values of what makes up the current [N], and K, their number.
  private func current(_ row: Int, isFirst: Bool, _ x: [Double]) -> (sums: [Double], terms: Int) {
    var sums = bias.isEmpty ? Array(repeating: 0, count: neurons) : bias
    var terms = bias.isEmpty ? 0 : 1
    func add(_ values: ArraySlice<Double>, _ matrix: [Double]) {
      for (source, value) in values.enumerated() where value != 0 {
        terms += 1
        for n in 0..<neurons { sums[n] += value.magnitude * matrix[source * neurons + n] }
      }
    }
    add(x[row * inputs..<(row + 1) * inputs], weight)
    guard !isFirst, topology != .ff else { return (sums, terms) }
    let before = spikes[(row - 1) * neurons..<row * neurons]
    if topology == .rc {
      add(before, recurrent)
    } else {
      for (n, spike) in before.enumerated() { sums[n] += spike * recurrent[n] }
      terms += 1
    }
    return (sums, terms)
  }
}
