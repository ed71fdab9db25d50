/// How one computed tensor compares with what the case expects.
public struct TensorComparison: Sendable, Equatable, Encodable {
  /// The outcome.
  public enum Status: String, Sendable, Encodable {
    /// Every number is the expected one, rounded to float32.
    case equal
    /// Every number is within the tolerance.
    case close
    /// Some number is not, but no more so than rounding to float32 explains on this network: of the
    /// numbers computed and of those expected; see `Conditioning`.
    case illConditioned = "ill_conditioned"
    /// Some number is not.
    case different
    /// Some number, computed or expected, is NaN or infinite.
    case notFinite = "not_finite"
    /// The case does not say what to expect.
    case noExpectation = "no_expectation"
  }

  /// Where spikes first differ.
  public struct FirstSpike: Sendable, Equatable, Encodable {
    /// [b,t,n].
    public let index: [Int]
    /// u - threshold there, as computed: near zero where rounding may have decided.
    public let distance: Double
  }

  /// As in "spikes" or "grad.0.weight".
  public let name: String
  /// The slowest dimension first.
  public let shape: [Int]
  /// The outcome.
  public private(set) var status: Status
  /// The largest |computed - expected|; NaN where a number is not finite, nil without expectation.
  public private(set) var largestDifference: Double?
  /// The same, relative to the largest |expected|.
  public private(set) var largestRelative: Double?
  /// The place of the largest difference, or of the first number that is not finite; nil where all
  /// are the same, and for a single number.
  public private(set) var index: [Int]?
  /// Spikes that differ; nil for other tensors.
  public private(set) var differingSpikes: Int?
  /// The first spike that differs.
  public private(set) var firstSpike: FirstSpike?
  /// The largest distance of float32 from the definition, relative to the largest |expected|; nil
  /// where all numbers are within the tolerance, and for spikes.
  public private(set) var float32Spread: Double?

  /// Whether this alone makes a check fail.
  public var fails: Bool { status == .different || status == .notFinite }

  enum CodingKeys: String, CodingKey {
    case name, shape, status, index
    case largestDifference = "max_absolute"
    case largestRelative = "max_relative"
    case differingSpikes = "differing_spikes"
    case firstSpike = "first_differing_spike"
    case float32Spread = "float32_spread"
  }
}

extension TensorComparison {
  /// Says of a difference whether float32 explains it.
  mutating func judge(_ conditioning: Conditioning, computed: [Double], expected: [Float]) {
    guard status == .different, differingSpikes == nil else { return }
    let scale = expected.reduce(0) { max($0, Double($1.magnitude)) }
    float32Spread = conditioning.largestSpread(name) / scale
    if conditioning.explains(name, computed)
      && conditioning.explains(name, expected.map { Double($0) })
    {
      status = .illConditioned
    }
  }
}

extension TensorComparison {
  /// Below float32's normal numbers an engine may flush to zero.
  private static let floor = Double(Float.leastNormalMagnitude)

  /// Compares numbers with what is expected of them, if anything.
  ///
  /// - Parameter tolerance: the largest difference allowed, relative to the largest |expected|.
  init(_ tensor: CaseTensor, _ computed: [Double], _ expected: [Float]?, tolerance: Double) {
    (name, shape) = (tensor.name, tensor.shape)
    guard let expected else {
      let bad = computed.firstIndex { !$0.isFinite }
      (status, index) = (bad == nil ? .noExpectation : .notFinite, bad.map(tensor.index))
      return
    }
    let scale = expected.reduce(0) { max($0, Double($1.magnitude)) }
    let worst = Self.worst(computed, expected)
    // Written so that NaN fails; an infinite scale would allow everything.
    if !(worst.error.isFinite && scale.isFinite) {
      status = .notFinite
    } else if zip(computed, expected).allSatisfy({ Float($0) == $1 }) {
      status = .equal
    } else {
      status = worst.error <= tolerance * scale + Self.floor ? .close : .different
    }
    largestDifference = worst.error
    largestRelative = worst.error == 0 ? 0 : worst.error / scale
    index = worst.index.map(tensor.index)
  }

  /// Compares spikes, which must be equal; `distance` is u - threshold of an element.
  init(
    spikes tensor: CaseTensor, _ computed: [Double], _ expected: [Float], distance: (Int) -> Double
  ) {
    self.init(tensor, computed, expected, tolerance: 0)
    let differing = zip(computed, expected).enumerated().filter { !($1.0 == Double($1.1)) }
    differingSpikes = differing.count
    index = differing.first.map { tensor.index($0.offset) }
    firstSpike = differing.first.map {
      .init(index: tensor.index($0.offset), distance: distance($0.offset))
    }
    if status != .notFinite || differing.isEmpty {
      status = differing.isEmpty ? .equal : .different
    }
  }

  /// The largest |computed - expected| and the first place that has it, or the first place where
  /// one of them is not finite, with NaN.
  private static func worst(
    _ computed: [Double], _ expected: [Float]
  ) -> (error: Double, index: Int?) {
    guard computed.count == expected.count else { return (.nan, nil) }
    var worst: (error: Double, index: Int?) = (0, nil)
    for (index, (value, reference)) in zip(computed, expected).enumerated() {
      let error = (value - Double(reference)).magnitude
      guard error.isFinite else { return (.nan, index) }
      if error > worst.error { worst = (error, index) }
    }
    return worst
  }
}
