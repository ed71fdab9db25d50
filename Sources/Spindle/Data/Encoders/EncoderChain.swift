/// One encoder after the other, such as receptive fields and then latencies.
public struct EncoderChain: InputEncoder {
  /// What encodes the samples.
  public var first: any InputEncoder
  /// What encodes what the first gives.
  public var second: any InputEncoder

  /// A chain; longer ones are chains of chains.
  public init(first: any InputEncoder, second: any InputEncoder) {
    self.first = first
    self.second = second
  }

  /// That of the first.
  public var range: ClosedRange<Float> { first.range }
  /// As the second.
  public var givesSpikes: Bool { second.givesSpikes }

  /// What the second makes of what the first makes.
  public func shape(steps: Int, units: Int) throws(SpindleError) -> (steps: Int, units: Int) {
    let between = try first.shape(steps: steps, units: units)
    try checkMemory(
      [between.steps, between.units], bytes: 2 * MemoryLayout<Float>.size,
      of: "a sample between two encoders")
    return try second.shape(steps: between.steps, units: between.units)
  }

  /// Encodes twice.
  ///
  /// - Throws: also where what the first gives is out of the second's range.
  public func encode(
    _ values: [Float], steps: Int, units: Int, random: inout RandomStream
  ) throws(SpindleError) -> [Float] {
    let between = try first.shape(steps: steps, units: units)
    let encoded = try first.encode(values, steps: steps, units: units, random: &random)
    let range = second.range
    if let value = encoded.first(where: { !range.contains($0) }) {
      throw .invalidValue(
        what: "what the first encoder of a chain gives",
        expected: "from \(range.lowerBound) to \(range.upperBound)", got: "\(value)")
    }
    return try second.encode(
      encoded, steps: between.steps, units: between.units, random: &random)
  }
}
