/// Spikes where a signal [T, I] rises or falls by a threshold, as event cameras and silicon
/// cochleas give them: [T, 2 I], I units for rises and then I for falls; or rises alone, [T, I].
public struct DeltaEncoder: InputEncoder, Equatable {
  /// What a value is compared with.
  public enum Reference: String, Sendable, CaseIterable {
    /// A level that begins at the first value and follows by one threshold a spike, so that slow
    /// changes count too, and fast ones over several steps ("step-forward", Petro, Kasabov and Kiss
    /// 2020).
    case level
    /// The value one step before, as in snnTorch's `delta`.
    case previous
  }

  /// How far a value must be from the reference; positive.
  public var threshold: Float
  /// What a value is compared with.
  public var reference: Reference
  /// Whether falls have units of their own; else they give no spikes.
  public var hasOffUnits: Bool

  /// Nothing is checked before encoding.
  public init(threshold: Float, reference: Reference = .level, hasOffUnits: Bool = true) {
    self.threshold = threshold
    self.reference = reference
    self.hasOffUnits = hasOffUnits
  }

  /// Any finite number.
  public var range: ClosedRange<Float> { finiteRange }
  /// Yes.
  public var givesSpikes: Bool { true }

  /// [T, 2 I], or [T, I] without falls.
  public func shape(steps: Int, units: Int) throws(SpindleError) -> (steps: Int, units: Int) {
    try require(
      threshold > 0 && threshold.isFinite, "the threshold of a delta code", "positive and finite",
      threshold)
    let encoded = hasOffUnits ? 2 * units : units
    try Limits.check(encoded, "the number of encoded units")
    return (steps, encoded)
  }

  /// No spike in the first step; in each later one a spike where the value is at least a threshold
  /// above or below the reference.
  public func encode(
    _ values: [Float], steps: Int, units: Int, random: inout RandomStream
  ) throws(SpindleError) -> [Float] {
    let width = hasOffUnits ? 2 * units : units
    var spikes = [Float](repeating: 0, count: steps * width)
    for unit in 0..<units {
      // The level is counted in thresholds, so that no rounding adds up.
      var level = 0
      for step in 1..<max(steps, 1) {
        let value = Double(values[step * units + unit])
        let base =
          reference == .previous
          ? Double(values[(step - 1) * units + unit])
          : Double(values[unit]) + Double(level) * Double(threshold)
        if value - base >= Double(threshold) {
          spikes[step * width + unit] = 1
          level += 1
        } else if base - value >= Double(threshold) {
          if hasOffUnits { spikes[step * width + units + unit] = 1 }
          level -= 1
        }
      }
    }
    return spikes
  }
}
