/// Spikes at random: in each step a unit fires with a probability of its value, independently of
/// all others (a Bernoulli process, which for small values is nearly a Poisson process).
public struct RateEncoder: InputEncoder, Equatable {
  /// Steps for each step of the sample; of a static vector, all.
  public var repeats: Int
  /// The probability of a value of 1; from 0 to 1.
  public var maximumProbability: Float

  /// Nothing is checked before encoding.
  public init(repeats: Int = 1, maximumProbability: Float = 1) {
    self.repeats = repeats
    self.maximumProbability = maximumProbability
  }

  /// From 0 to 1.
  public var range: ClosedRange<Float> { 0...1 }
  /// Yes.
  public var givesSpikes: Bool { true }

  /// [repeats T, I].
  public func shape(steps: Int, units: Int) throws(SpindleError) -> (steps: Int, units: Int) {
    try require(
      (0...1).contains(maximumProbability), "the maximum probability of a rate code", "from 0 to 1",
      maximumProbability)
    return (try repeated(steps: steps, repeats, "the repeats of a rate code"), units)
  }

  /// A spike where a random number of 32 bits is below 2^32 times the probability.
  public func encode(
    _ values: [Float], steps: Int, units: Int, random: inout RandomStream
  ) throws(SpindleError) -> [Float] {
    let limits = values.map { UInt64(Double($0) * Double(maximumProbability) * 0x1p32) }
    let bits = try random.bits(count: repeats * values.count)
    return bits.indices.map { index in
      let (step, unit) = index.quotientAndRemainder(dividingBy: units)
      return UInt64(bits[index]) < limits[step / repeats * units + unit] ? 1 : 0
    }
  }
}
