/// One spike for each unit of a static vector, the earlier the larger the value (Thorpe, Delorme
/// and Van Rullen 2001).
public struct LatencyEncoder: InputEncoder, Equatable {
  /// How the time of the spike follows from the value x.
  public enum Code: Sendable, Equatable {
    /// Step (T' - 1) (1 - x) of a value from 0 to 1: the last for 0. Values below `threshold` do
    /// not fire.
    case linear(threshold: Float = 0)
    /// Step tau ln(x / (x - threshold)): when a leaky integrator of time constant `tau`, in steps,
    /// that a constant current drives towards x, reaches the threshold (Eshraghian et al. 2023;
    /// snnTorch's `latency`). Values that do not reach it within the T' steps do not fire, where
    /// snnTorch has them fire in the last step.
    case logarithmic(tau: Float = 1, threshold: Float = 0.01)
  }

  /// T'.
  public var steps: Int
  /// How the time follows from the value.
  public var code: Code

  /// Nothing is checked before encoding.
  public init(steps: Int, code: Code = .linear()) {
    self.steps = steps
    self.code = code
  }

  /// From 0 to 1; for logarithmic times from 0 on.
  public var range: ClosedRange<Float> {
    if case .linear = code { 0...1 } else { 0...(.greatestFiniteMagnitude) }
  }
  /// Yes.
  public var givesSpikes: Bool { true }

  /// [T', I], from static vectors alone.
  public func shape(steps: Int, units: Int) throws(SpindleError) -> (steps: Int, units: Int) {
    try require(
      steps == 1, "a sample to encode by latency", "a static vector, of 1 step", "\(steps) steps")
    try Limits.check(self.steps, "the steps of a latency code")
    switch code {
    case .linear(let threshold):
      try require(
        (0...1).contains(threshold), "the threshold of a linear latency code", "from 0 to 1",
        threshold)
    case .logarithmic(let tau, let threshold):
      try require(
        tau > 0 && tau.isFinite && threshold > 0 && threshold.isFinite,
        "tau and threshold of a logarithmic latency code", "positive and finite",
        "\(tau) and \(threshold)")
    }
    return (self.steps, units)
  }

  /// Times are computed in Double and rounded to the nearest step.
  public func encode(
    _ values: [Float], steps: Int, units: Int, random: inout RandomStream
  ) throws(SpindleError) -> [Float] {
    var spikes = [Float](repeating: 0, count: self.steps * units)
    for (unit, value) in values.enumerated() {
      guard let step = step(of: value) else { continue }
      spikes[step * units + unit] = 1
    }
    return spikes
  }

  /// The step in which a value fires; nil where it does not.
  private func step(of value: Float) -> Int? {
    switch code {
    case .linear(let threshold):
      guard value >= threshold else { return nil }
      return Int((Double(steps - 1) * (1 - Double(value))).rounded())
    case .logarithmic(let tau, let threshold):
      guard value > threshold else { return nil }
      // ln(x / (x - threshold)) = -ln(1 - threshold / x), which stays exact where x is large.
      let time = (-Double(tau) * Mathematics.log1p(-Double(threshold) / Double(value))).rounded()
      return time < Double(steps) ? Int(time) : nil
    }
  }
}
