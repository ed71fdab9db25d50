import CSpindle

/// A stream of random numbers of the counter-based generator Philox4x32-10 (Salmon et al. 2011):
/// the same numbers on every machine, whatever runs in parallel.
public struct RandomStream: Sendable, Equatable {
  /// The seed that a run shares.
  public let seed: UInt64
  /// Which of the seed's independent streams this is.
  public let stream: UInt64
  /// Index of the next number; a multiple of 64.
  public private(set) var offset: UInt64 = 0

  /// Opens a stream at its beginning.
  public init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// `count` numbers, from 0 up, of the uniform distribution over [low, high).
  public mutating func uniform(low: Float, high: Float, count: Int) throws(SpindleError) -> [Float]
  {
    try require(
      low.isFinite && high.isFinite && (high - low).isFinite && low < high,
      "the range of a uniform distribution", "finite and not empty", "\(low) to \(high)")
    return try unsafe draw(count) { unsafe spindle_random_uniform(&$0, low, high, $1, $2) }
  }

  /// `count` numbers, from 0 up, of the normal distribution.
  public mutating func normal(
    mean: Float, standardDeviation: Float, count: Int
  ) throws(SpindleError) -> [Float] {
    try require(
      mean.isFinite && standardDeviation.isFinite && standardDeviation >= 0,
      "a normal distribution", "of finite mean and non-negative deviation",
      "mean \(mean), standard deviation \(standardDeviation)")
    return try unsafe draw(count) {
      unsafe spindle_random_normal(&$0, mean, standardDeviation, $1, $2)
    }
  }

  /// `count` numbers of 32 random bits, from 0 up.
  mutating func bits(count: Int) throws(SpindleError) -> [UInt32] {
    try unsafe draw(count) { unsafe spindle_random_bits(&$0, $1, $2) }
  }

  /// Skips to the number of this index, which the stream rounds up to a multiple of 64.
  mutating func seek(to index: UInt64) { offset = (index + 63) / 64 * 64 }

  /// Uniform over plus and minus `bound`; all zero where the bound is.
  mutating func symmetric(_ bound: Float, count: Int) throws(SpindleError) -> [Float] {
    bound == 0
      ? [Float](repeating: 0, count: count)
      : try uniform(low: -abs(bound), high: abs(bound), count: count)
  }

  /// Spikes of the given probability into the words of a spike train of rows x units.
  mutating func fillSpikes(
    probability: Double, rows: Int, units: Int, words: inout [UInt32]
  ) throws(SpindleError) {
    try require(
      probability >= 0 && probability <= 1, "a spike's probability", "from 0 to 1", probability)
    var random = raw
    let status = unsafe words.withUnsafeMutableBufferPointer { buffer in
      unsafe spindle_random_spikes(
        &random, probability, rows, UInt32(units), buffer.baseAddress)
    }
    try check(status)
    advance(by: rows * units)
  }

  private mutating func draw<Number: BitwiseCopyable>(
    _ count: Int,
    _ fill: (inout spindle_random, Int, UnsafeMutablePointer<Number>?) -> spindle_status
  ) throws(SpindleError) -> [Number] {
    try require(
      count >= 0 && count <= Self.maximumCount, "the number of random numbers",
      "from 0 to \(Self.maximumCount)", count)
    try checkMemory(count * MemoryLayout<Number>.size)
    var random = raw
    var status = SPINDLE_OK
    let values = unsafe [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
      if count > 0 { status = unsafe fill(&random, count, buffer.baseAddress) }
      initialized = status == SPINDLE_OK ? count : 0
    }
    try check(status)
    advance(by: count)
    return values
  }

  /// So that no size in bytes overflows.
  private static let maximumCount = Int.max / 64

  private var raw: spindle_random {
    spindle_random(seed: seed, stream: stream, offset: offset, isa: SPINDLE_ISA_AUTOMATIC)
  }

  /// Numbers are drawn 64 at a time; the rest of the last 64 is left unused.
  private mutating func advance(by count: Int) {
    offset &+= UInt64((count + 63) / 64 * 64)
  }
}
