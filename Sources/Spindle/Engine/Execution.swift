import CSpindle

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An instruction set. All give the same bits; they differ in speed alone.
public enum ISA: String, Sendable, CaseIterable {
  /// The environment variable SPINDLE_ISA if set, else the best that the processor has.
  case automatic
  /// What every processor of the architecture has.
  case baseline
  /// x86-64 with AVX2 and FMA.
  case avx2
  /// x86-64 with AVX-512.
  case avx512
  /// AArch64.
  case neon

  /// The instruction sets that this build and processor have, slowest first.
  public static var supported: [ISA] {
    allCases.filter { $0 != .automatic && spindle_isa_supported($0.raw) }
  }

  /// The instruction set that this choice leads to here.
  public func resolved() throws(SpindleError) -> ISA {
    var chosen = SPINDLE_ISA_AUTOMATIC
    guard unsafe spindle_isa_resolve(raw, &chosen) == SPINDLE_OK, let isa = ISA(chosen) else {
      throw unsupported
    }
    return isa
  }

  var unsupported: SpindleError {
    let environment = unsafe getenv("SPINDLE_ISA").map { unsafe String(cString: $0) }
    return .unsupportedISA(
      wanted: self == .automatic ? environment ?? rawValue : rawValue,
      supported: ISA.supported.map(\.rawValue))
  }

  var raw: spindle_isa {
    switch self {
    case .automatic: SPINDLE_ISA_AUTOMATIC
    case .baseline: SPINDLE_ISA_BASELINE
    case .avx2: SPINDLE_ISA_AVX2
    case .avx512: SPINDLE_ISA_AVX512
    case .neon: SPINDLE_ISA_NEON
    }
  }

  init?(_ raw: spindle_isa) {
    guard let isa = ISA.allCases.first(where: { $0.raw == raw }) else { return nil }
    self = isa
  }
}

/// How neurons lie in the SIMD lanes; by shape unless forced, for tests and measurements.
public enum Layout: String, Sendable, CaseIterable {
  /// By shape.
  case automatic
  /// 16 neurons of one sample in a vector; spikes are events.
  case rows
  /// 16 samples of one neuron in a vector; for small layers.
  case lanes

  var raw: spindle_layout {
    switch self {
    case .automatic: SPINDLE_LAYOUT_AUTOMATIC
    case .rows: SPINDLE_LAYOUT_ROWS
    case .lanes: SPINDLE_LAYOUT_LANES
    }
  }
}

/// How sums over spikes are taken in the rows layout: by the density seen unless forced, for tests
/// and measurements. Every choice gives the same bits.
public enum Sums: String, Sendable, CaseIterable {
  /// By the density seen.
  case automatic
  /// The weights' rows of active inputs alone are added; analog input is dense all the same.
  case events
  /// The same in blocks of weights that stay in the first-level cache.
  case blockedEvents = "blocked-events"
  /// By dense products.
  case dense

  var raw: spindle_sums {
    switch self {
    case .automatic: SPINDLE_SUMS_AUTOMATIC
    case .events: SPINDLE_SUMS_EVENTS
    case .blockedEvents: SPINDLE_SUMS_BLOCKED_EVENTS
    case .dense: SPINDLE_SUMS_DENSE
    }
  }

  init(_ raw: spindle_sums) {
    self = Sums.allCases.first { $0.raw == raw } ?? .automatic
  }
}

/// How much of a training run is kept for backward. Every choice gives the same bits.
public enum Memory: String, Sendable, CaseIterable {
  /// All where it fits the limit, else segments.
  case automatic
  /// Potentials and spikes of all steps.
  case all
  /// The spikes of all steps, the state every 256 steps, and the potentials of 256 steps at a time:
  /// backward runs each such segment forward once more. Costs about a quarter of a step's time.
  case segments

  var raw: spindle_memory {
    switch self {
    case .automatic: SPINDLE_MEMORY_AUTOMATIC
    case .all: SPINDLE_MEMORY_ALL
    case .segments: SPINDLE_MEMORY_SEGMENTS
    }
  }
}

/// Which outputs backward's products compute in the rows layout where a layer's surrogate has a
/// support (``Surrogate/support``): by their fraction at each step unless forced, for tests and
/// measurements. Every choice gives the same bits.
public enum Outputs: String, Sendable, CaseIterable {
  /// By the fraction at each step.
  case automatic
  /// Those alone where the surrogate is not zero.
  case needed
  /// All, in a dense product.
  case all

  var raw: spindle_outputs {
    switch self {
    case .automatic: SPINDLE_OUTPUTS_AUTOMATIC
    case .needed: SPINDLE_OUTPUTS_NEEDED
    case .all: SPINDLE_OUTPUTS_ALL
    }
  }

  init(_ raw: spindle_outputs) {
    self = Outputs.allCases.first { $0.raw == raw } ?? .automatic
  }
}

/// Where and how the engine runs. No choice here changes a bit of the results, but for the layout,
/// which orders the sums of weight gradients.
public struct Execution: Sendable, Equatable {
  /// The most threads; nil for as many as pay, up to those that OpenMP would use (OMP_NUM_THREADS,
  /// else the processors). Never more are run than the processors that the process may use, of a
  /// container its quota. Training tries, now and then, whether one thread takes a small network's
  /// step sooner, and goes on as was faster.
  public var threads: Int?
  /// Instruction set.
  public var isa: ISA
  /// Layout of the lanes.
  public var layout: Layout
  /// How sums over spikes are taken.
  public var sums: Sums
  /// Which outputs of backward's products are computed.
  public var outputs: Outputs
  /// Parts of the batch whose gradients are summed apart and then added, from 1 to `maximumParts`:
  /// the bits of gradients depend on it, and not on who computes a part. At most as many as samples,
  /// in the lanes layout as tiles of 16 samples. Nil: by batch and steps alone.
  public var parts: Int?
  /// How much of a training run is kept for backward.
  public var memory: Memory
  /// Bytes of a workspace up to which automatic memory is all; nil: half of what is available.
  public var memoryLimit: Int?

  /// The defaults are the fastest.
  public init(
    threads: Int? = nil, isa: ISA = .automatic, layout: Layout = .automatic,
    sums: Sums = .automatic, outputs: Outputs = .automatic, parts: Int? = nil,
    memory: Memory = .automatic, memoryLimit: Int? = nil
  ) {
    self.threads = threads
    self.isa = isa
    self.layout = layout
    self.sums = sums
    self.outputs = outputs
    self.parts = parts
    self.memory = memory
    self.memoryLimit = memoryLimit
  }

  /// Refuses what cannot be had here.
  func check() throws(SpindleError) {
    if let threads, !(1...Self.maximumThreads).contains(threads) {
      throw .invalidSize(
        what: "the number of threads", got: threads, maximum: Self.maximumThreads)
    }
    if let parts, !(1...Self.maximumParts).contains(parts) {
      throw .invalidSize(what: "the number of parts", got: parts, maximum: Self.maximumParts)
    }
    if let memoryLimit {
      try require(memoryLimit > 0, "the memory limit", "a positive number of bytes", memoryLimit)
    }
    _ = try isa.resolved()
  }

  /// The largest number of threads.
  public static let maximumThreads = Int(SPINDLE_MAXIMUM_THREADS)
  /// The largest number of parts.
  public static let maximumParts = Int(SPINDLE_MAXIMUM_PARTS)
  /// The number of threads that nil stands for.
  public static var defaultThreads: Int { Int(spindle_default_threads()) }
  /// What OMP_NUM_THREADS says where it is neither empty nor a number of threads: it is as if it were
  /// not set. Nil elsewhere.
  public static var ignoredThreads: String? {
    unsafe spindle_ignored_threads().map { unsafe String(cString: $0) }
  }
  /// The OpenMP runtime that runs the threads.
  public static var openMPRuntime: String { unsafe String(cString: spindle_openmp_runtime()) }
}

/// Spindle's version.
public let spindleVersion = SPINDLE_VERSION

/// What the engine decided for a network and batch, and what it saw in the last sequence.
public struct Plan: Sendable, Equatable {
  /// How one layer's sums over spikes and backward's products were taken.
  public struct LayerPlan: Sendable, Equatable {
    /// How input currents and the gradients of the weights were summed.
    public let inputSums: Sums
    /// How recurrent currents and the gradients of the recurrent weights were summed.
    public let recurrentSums: Sums
    /// Fraction of inputs that were not zero (sampled; not in inference of few samples and steps,
    /// where it is 0).
    public let inputDensity: Double
    /// Fraction of neurons and steps that fired.
    public let firingRate: Double
    /// The outputs of backward's products that `surrogateDensity` leads to; all where the surrogate
    /// has no support.
    public let outputs: Outputs
    /// Fraction of neurons, at the steps of the last backward pass that have such a product, whose
    /// surrogate was not zero; 1 before it, and where there is none or the surrogate has no support.
    public let surrogateDensity: Double
  }
  /// The instruction set.
  public let isa: ISA
  /// The layout.
  public let layout: Layout
  /// The most threads of a training step.
  public let threads: Int
  /// Samples that a thread takes through all steps at a time.
  public let tile: Int
  /// Steps whose input currents are computed in one go.
  public let window: Int
  /// Parts of the batch whose gradients are summed apart and then added, whatever the threads.
  public let parts: Int
  /// All or segments; all where there is but one segment.
  public let memory: Memory
  /// Steps whose potentials backward finds kept at a time.
  public let traceSteps: Int
  /// Bytes kept for backward: potentials and spikes.
  public let traceBytes: Int
  /// Bytes of the whole workspace.
  public let workspaceBytes: Int
  /// One for each layer of neurons.
  public let layers: [LayerPlan]
}

extension Limits {
  /// Steps of a refractory period.
  static let refractorySteps = Int(SPINDLE_MAXIMUM_REFRACTORY)
}
