import Spindle

/// Decays and the time constants that make them.
enum TimeConstant {
  /// The decay of a step as the engine computes it, from dt and tau as float32.
  static func decay(tau: Float, timeStep: Double) -> Float {
    Float(Mathematics.exp(-Double(Float(timeStep)) / Double(tau)))
  }

  /// The time constant whose decay in the engine is the float32 nearest to the one wanted, or the
  /// nearest to it that there is: below a half not every float32 is the decay of a float32.
  ///
  /// - Parameters:
  ///   - wanted: from 0 to 1.
  ///   - timeStep: dt.
  static func tau(decay wanted: Double, timeStep: Double) -> Float {
    let target = Float(wanted)
    let step = Float(timeStep)
    // exp(-1e-9) is 1 and exp(-200) is 0 as float32.
    if target >= 1 { return step * 1e9 }
    if target <= 0 { return step / 200 }
    let middle = Float(-Double(step) / Mathematics.log1p(Double(target) - 1))
    var best = middle
    var (up, down) = (middle, middle)
    for _ in 0..<8 {
      if Self.decay(tau: best, timeStep: timeStep) == target { break }
      (up, down) = (up.nextUp, down.nextDown)
      for candidate in [up, down] where candidate > 0 && candidate.isFinite {
        let distance = abs(Self.decay(tau: candidate, timeStep: timeStep) - target)
        if distance < abs(Self.decay(tau: best, timeStep: timeStep) - target) { best = candidate }
      }
    }
    return best
  }
}
