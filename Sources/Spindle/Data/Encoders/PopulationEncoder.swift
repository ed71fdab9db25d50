/// Gaussian receptive fields (Bohte, Kok and La Poutré 2002): each unit becomes `fields` units,
/// which respond to parts of its range,
///
///     exp(-(x - c_k)^2 / (2 sigma^2))   c_k = low + (2 k - 1) / 2 w   for k from 0 to fields - 1
///     sigma = w / beta                  w = (high - low) / (fields - 2)
///
/// so that the first and the last centre lie half a width w outside of the range. What comes out,
/// from 0 to 1, is meant for another encoder: `.then(CurrentEncoder(repeats: 100, gain: 0.5))` for
/// currents, `.then(LatencyEncoder(steps: 100, code: .linear(threshold: 0.1)))` for spikes as in
/// the paper, or `.then(RateEncoder(repeats: 100))`.
public struct PopulationEncoder: InputEncoder, Equatable {
  /// Fields for each unit; at least 3.
  public var fields: Int
  /// The range that the fields cover.
  public var range: ClosedRange<Float>
  /// How narrow the fields are; from 1 to 2 in the paper.
  public var beta: Float

  /// Nothing is checked before encoding.
  public init(fields: Int, range: ClosedRange<Float> = 0...1, beta: Float = 1.5) {
    self.fields = fields
    self.range = range
    self.beta = beta
  }

  /// No.
  public var givesSpikes: Bool { false }

  /// [T, fields I]; unit i becomes units i fields to (i + 1) fields - 1.
  public func shape(steps: Int, units: Int) throws(SpindleError) -> (steps: Int, units: Int) {
    try require(
      fields >= 3 && fields <= Limits.size, "the receptive fields of a unit",
      "from 3 to \(Limits.size)", fields)
    let (low, high) = (range.lowerBound, range.upperBound)
    try require(
      low < high && low.isFinite && high.isFinite && beta > 0 && beta.isFinite, "receptive fields",
      "of a finite range that is not empty, and a positive beta", "\(low) to \(high), and \(beta)")
    try Limits.check(fields * units, "the number of encoded units")
    return (steps, fields * units)
  }

  /// Computed in Double.
  public func encode(
    _ values: [Float], steps: Int, units: Int, random: inout RandomStream
  ) throws(SpindleError) -> [Float] {
    let low = Double(range.lowerBound)
    let width = (Double(range.upperBound) - low) / Double(fields - 2)
    let sigma = width / Double(beta)
    var responses: [Float] = []
    responses.reserveCapacity(values.count * fields)
    for value in values {
      for field in 0..<fields {
        let centre = low + (2 * Double(field) - 1) / 2 * width
        let distance = (Double(value) - centre) / sigma
        responses.append(Float(Mathematics.exp(-distance * distance / 2)))
      }
    }
    return responses
  }
}
