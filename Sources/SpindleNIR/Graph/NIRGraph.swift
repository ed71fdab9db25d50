import SpindleHDF5
import SpindleTensors

/// A graph of the Neuromorphic Intermediate Representation (Pedersen et al. 2024, "Neuromorphic
/// intermediate representation: a unified instruction set for interoperable brain-inspired
/// computing", Nature Communications 15, 8122), as a file has it: nodes by name, and edges.
public struct NIRGraph: Sendable {
  /// The nodes, by name.
  public var nodes: [String: NIRNode]
  /// Who feeds whom; the order says nothing.
  public var edges: [NIREdge]
  /// Texts that programs attach, by name. Numbers and groups among a file's metadata are left out.
  public var metadata: [String: String]

  /// A graph; nothing is checked before it is written or imported.
  public init(
    nodes: [String: NIRNode], edges: [NIREdge], metadata: [String: String] = [:]
  ) {
    self.nodes = nodes
    self.edges = edges
    self.metadata = metadata
  }
}

/// An edge between two nodes of a graph, by name.
public struct NIREdge: Hashable, Sendable {
  /// The node that feeds.
  public var source: String
  /// The node that is fed.
  public var target: String

  /// The edge from a node to another one.
  public init(_ source: String, _ target: String) {
    self.source = source
    self.target = target
  }
}

/// A node: its type, and a parameter's array for each name that the type has.
public struct NIRNode: Sendable {
  /// As the file has it, as in "CubaLIF".
  public var type: String
  /// By name, as in "tau".
  public var parameters: [String: NIRArray]
  /// What a node of type NIRGraph holds; nil for all others.
  public var graph: NIRGraph?

  /// A node; nothing is checked before it is written or imported.
  public init(type: String, parameters: [String: NIRArray] = [:], graph: NIRGraph? = nil) {
    self.type = type
    self.parameters = parameters
    self.graph = graph
  }
}

/// An array of numbers, in memory or still in its file.
public struct NIRArray: Sendable {
  private enum Storage {
    case elements(HDF5Elements)
    case dataset(HDF5Dataset)
  }

  /// The dimensions, the slowest first; empty for a single number.
  public let shape: [Int]
  private let storage: Storage

  /// An array of numbers in row-major order; its shape is checked where it is written.
  public init(shape: [Int], _ elements: HDF5Elements) {
    self.shape = shape
    storage = .elements(elements)
  }

  init(_ dataset: HDF5Dataset) {
    shape = dataset.shape
    storage = .dataset(dataset)
  }

  /// How many numbers there are; more than there can be where the shape is none.
  public var count: Int { elementCount(of: shape) ?? Int.max }

  /// The numbers in row-major order, as Doubles; a file's are read at each call.
  public func doubles() throws(HDF5Error) -> [Double] {
    switch storage {
    case .elements(.float32(let values)): return values.map { Double($0) }
    case .elements(.float64(let values)): return values
    case .elements(.int64(let values)): return values.map { Double($0) }
    case .elements(.texts): return []
    case .dataset(let dataset): return try dataset.readDoubles()
    }
  }

  /// What is written of it.
  func node() throws(HDF5Error) -> HDF5Node {
    switch storage {
    case .elements(let elements): return .dataset(shape: shape, elements)
    case .dataset(let dataset): return .dataset(shape: shape, try dataset.elements())
    }
  }
}

extension HDF5Dataset {
  /// Its numbers in the narrowest of the types that are written and hold them.
  fileprivate func elements() throws(HDF5Error) -> HDF5Elements {
    switch type.scalarType {
    case .f32, .f16, .bf16: .float32(try readFloats())
    case .f64, nil: .float64(try readDoubles())
    default: .int64(try readIntegers())
    }
  }
}
