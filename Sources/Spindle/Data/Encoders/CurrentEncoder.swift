/// Currents: each value times a gain, held for some steps.
public struct CurrentEncoder: InputEncoder, Equatable {
  /// Steps for each step of the sample; of a static vector, all.
  public var repeats: Int
  /// Current of a value of 1.
  public var gain: Float

  /// Nothing is checked before encoding.
  public init(repeats: Int = 1, gain: Float = 1) {
    self.repeats = repeats
    self.gain = gain
  }

  /// Any finite number.
  public var range: ClosedRange<Float> { finiteRange }
  /// No.
  public var givesSpikes: Bool { false }

  /// [repeats T, I].
  public func shape(steps: Int, units: Int) throws(SpindleError) -> (steps: Int, units: Int) {
    try require(gain.isFinite, "the gain of a current", "finite", gain)
    return (try repeated(steps: steps, repeats, "the repeats of a current"), units)
  }

  /// Each value times the gain, rounded once.
  ///
  /// - Throws: where a current would be infinite.
  public func encode(
    _ values: [Float], steps: Int, units: Int, random: inout RandomStream
  ) throws(SpindleError) -> [Float] {
    let currents = values.map { $0 * gain }
    try currents.checkFinite("a current, a value times the gain,")
    return currents.gathered((0..<steps * repeats).map { $0 / repeats }, size: units)
  }
}
