import Spindle
import SpindleHDF5

/// How a network is written as a graph.
public struct NIRExportOptions: Sendable, Equatable {
  /// Who is to read the graph.
  public enum Reader: String, Sendable, CaseIterable {
    /// Readers that take r as NIR defines it, as SpikingJelly, snnTorch and Spindle do.
    case nir
    /// Norse, whose LIF ignores r: it is 1, and the weights are larger.
    case norse
  }

  /// Who is to read it.
  public var reader: Reader
  /// dt, in seconds, with which the reader will step: time constants are written for it, whatever
  /// the network's own step is.
  public var timeStep: Double

  /// Options.
  ///
  /// - Parameters:
  ///   - reader: who is to read it.
  ///   - timeStep: dt; nil for the one that readers take unless told otherwise: 1e-4, of Norse 1e-3.
  public init(for reader: Reader = .nir, timeStep: Double? = nil) {
    self.reader = reader
    self.timeStep = timeStep ?? (reader == .norse ? 1e-3 : 1e-4)
  }
}

/// A network as a graph. With 1 - beta = dt / tau, a layer is
///
///     Linear or Affine    W transposed, and the bias; float32
///     LIF                 tau = dt / (1 - beta), r = 1 / (1 - beta); float64, so that 1 - dt / tau
///                         gives back beta to the bit
///     CubaLIF             tau_syn = dt / (1 - alpha), w_in = 1 / (1 - alpha) as well
///     LI or CubaLI        the same; with a Threshold behind them where a spike resets nothing
///     Linear              R transposed, in a cycle; one-to-one weights as a diagonal
///
/// and v_leak and v_reset are 0.
public struct NIRExport: Sendable {
  /// The graph.
  public let graph: NIRGraph
  /// What the network does and the graph cannot say, in sentences.
  public let warnings: [String]

  /// Writes a network as a graph.
  ///
  /// - Throws: `options` for a time step that is not positive.
  public init(_ network: Network, _ options: NIRExportOptions = .init()) throws(NIRError) {
    var graph = try Self.arrays(of: network, options)
    // Weights divided by 1 - beta and multiplied again would not be the same to the bit.
    if options.reader == .nir {
      graph.metadata[ExportRecord.key] = ExportRecord(network, options).text
    }
    self.graph = graph
    warnings = ExportWarnings(network, options).sentences
  }

  /// The graph without metadata.
  static func arrays(
    of network: Network, _ options: NIRExportOptions
  ) throws(NIRError) -> NIRGraph {
    guard options.timeStep > 0, options.timeStep.isFinite else {
      throw .options("the time step must be positive and finite, got \(options.timeStep)")
    }
    var exporter = LayerExporter(network, options)
    do throws(SpindleError) {
      for layer in network.layers.indices { try exporter.add(layer) }
    } catch {
      throw .spindle(error)
    }
    return exporter.finished()
  }
}

/// The names of a layer's nodes: those that snnTorch gives to a sequence of modules.
struct NodeNames {
  let weights: String
  let neurons: String
  let threshold: String
  let back: String

  init(layer: Int, isRecurrent: Bool, hasThreshold: Bool) {
    weights = "\(2 * layer)"
    let place = "\(2 * layer + 1)"
    neurons = isRecurrent || hasThreshold ? "\(place).lif" : place
    threshold = "\(place).threshold"
    back = "\(place).w_rec"
  }
}
