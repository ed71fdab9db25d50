/// Turns the numbers of a sample into what a network is given: spikes, or currents.
///
/// A static vector is a sample of one step.
public protocol InputEncoder: Sendable {
  /// The numbers that can be encoded; another one is an error.
  var range: ClosedRange<Float> { get }
  /// Whether all that comes out is 0 or 1, and is to be a `SpikeTrain`; else it is a `Signal`.
  var givesSpikes: Bool { get }

  /// T' and I' of an encoded sample of T steps and I units.
  ///
  /// - Throws: where such a sample, or any with these options, cannot be encoded.
  func shape(steps: Int, units: Int) throws(SpindleError) -> (steps: Int, units: Int)

  /// Encodes one sample, whose numbers are in the range and whose shape was not refused.
  ///
  /// - Parameters:
  ///   - values: [T, I] in row-major order.
  ///   - steps: T.
  ///   - units: I.
  ///   - random: a stream of the sample's own; at most 2^32 numbers of it.
  /// - Returns: [T', I'] in row-major order.
  func encode(
    _ values: [Float], steps: Int, units: Int, random: inout RandomStream
  ) throws(SpindleError) -> [Float]
}

extension InputEncoder {
  /// Encodes with this encoder, and what comes out with another.
  public func then(_ next: any InputEncoder) -> EncoderChain {
    EncoderChain(first: self, second: next)
  }

  /// Refuses numbers out of the range.
  func check(_ values: [Float], sample: Int, units: Int) throws(SpindleError) {
    let range = range
    guard let index = values.firstIndex(where: { !range.contains($0) }) else { return }
    let wanted =
      range.upperBound == .greatestFiniteMagnitude
      ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    throw .invalidValue(
      what: "the value to encode at step \(index / units), unit \(index % units) of sample "
        + "\(sample)",
      expected: wanted, got: "\(values[index])")
  }
}

/// All finite numbers.
let finiteRange = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude

/// The steps of a sample each of whose steps is repeated.
func repeated(steps: Int, _ repeats: Int, _ what: String) throws(SpindleError) -> Int {
  try Limits.check(repeats, what)
  try Limits.check(steps * repeats, "the number of encoded steps")
  return steps * repeats
}
