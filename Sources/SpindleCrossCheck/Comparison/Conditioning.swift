import Spindle
import SpindleReference

/// How far float32 lies from the definition on one network: what tells rounding from a fault.
///
/// A float32 program rounds every operation, by at most a unit e = 2^-24 of the result each. By
/// backward error analysis (Higham, Accuracy and Stability of Numerical Algorithms, 2002, sections
/// 1.5 and 4.2) its sums are the exact sums of terms that are moved by a few units each, whatever
/// the order in which they are taken: it computes exactly a network whose weights and constants are
/// moved so. Through many steps of a recurrent network with a steep surrogate, the adjoint grows
/// from step to step and its error with it, by a factor that belongs to the network and not to the
/// program. That factor is measured, not bounded: a bound of the worst case grows so fast with the
/// steps that it would allow everything.
///
/// `runs` evaluations in Float are programs of float32 of their own: one of the parameters as they
/// are, the others of parameters of which each, but for constants that no sum is made of, is moved
/// by a unit in the last place (ulp) with probability 1/12, up or down: with the variance, ulp^2 / 12,
/// of one rounding. The spread of an element i is
///
///     sigma_i = max over the runs of |float32_i - definition_i|
///
/// and what lies within `factor` max(sigma_i, root mean square of sigma over the tensor) of the
/// definition can be of rounding. The mean is for elements that came out well by chance; the factor
/// is for programs that round otherwise, as in sums of another order, and for the tail. Over 108
/// networks (30 to 300 steps, slopes from 1 to 25) the gradients of the engine, and of this
/// definition with its sums in the reverse order, lay within 2.7.
///
/// All runs take the spikes of the definition, so that no spike decided otherwise, which changes
/// everything by its own size, passes for rounding.
struct Conditioning: Sendable {
  /// The evaluations in Float, that of the parameters as they are included.
  static let runs = 9
  /// Constants that enter a sum as they are; decays are rounded, and weights stand for the sums.
  private static let exact: Set<Role> = [.threshold, .adaptationStrength]
  /// How many times the spread counts as rounding.
  static let factor = 4.0

  /// The result of the definition in Double.
  let definition: CaseResult
  /// sigma of every element, by tensor.
  let spread: [String: [Double]]

  /// O(10 steps of the definition).
  init(of file: CaseFile) throws(CaseError) {
    let exact = try file.step(file.reference(Double.self))
    definition = file.result(of: exact)
    let spikes = exact.trace.layers.map { $0.spikes?.map { Float($0) } }
    let network = try file.reference(Float.self)
    var random = Mixer(state: 1)
    var spread = definition.values.mapValues { $0.map { _ in 0.0 } }
    for run in 0..<Self.runs {
      let moved = run == 0 ? network : try Self.moved(network, &random)
      let result = file.result(of: try file.step(moved, spikes: .forced(spikes)))
      for (name, values) in result.values {
        guard let exact = definition.values[name], var sigma = spread[name] else { continue }
        for index in exact.indices {
          sigma[index] = max(sigma[index], (values[index] - exact[index]).magnitude)
        }
        spread[name] = sigma
      }
    }
    self.spread = spread
  }

  /// The network with every number moved by a unit in the last place at most.
  private static func moved(
    _ network: Reference<Float>, _ random: inout Mixer
  ) throws(CaseError) -> Reference<Float> {
    var values = network.values
    for parameter in network.parameters where !Self.exact.contains(parameter.role) {
      values[parameter.name] = network.values[parameter.name]?.map { value in
        switch random.next() % 24 {
        case 0: value.nextUp
        case 1: value.nextDown
        default: value
        }
      }
    }
    return try wrapping(CaseError.reference) { () throws(SpindleError) in
      try Reference(network.description, parameters: values)
    }
  }

  /// The largest distance of float32 from the definition in a tensor.
  func largestSpread(_ name: String) -> Double { spread[name]?.max() ?? 0 }

  /// Whether rounding can explain every distance of a tensor's numbers from the definition.
  func explains(_ name: String, _ values: [Double]) -> Bool {
    guard let exact = definition.values[name], let sigma = spread[name],
      exact.count == values.count
    else { return false }
    let squares = sigma.reduce(0) { $0 + $1 * $1 }
    let mean = (squares / Double(max(1, sigma.count))).squareRoot()
    // Written so that NaN is no rounding; an infinite spread would allow everything.
    return mean.isFinite
      && values.indices.allSatisfy {
        (values[$0] - exact[$0]).magnitude <= Self.factor * max(sigma[$0], mean)
      }
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014): every check moves the parameters alike.
private struct Mixer {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
