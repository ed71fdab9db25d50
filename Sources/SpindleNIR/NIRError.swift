import Spindle
import SpindleHDF5
import SpindleJSON

/// Why a graph could not be read, understood or written. Nodes of nested graphs are named with their
/// graph's name and a dot before, as in "1.lif".
public enum NIRError: Error, Equatable, Sendable {
  /// The file is no HDF5 file, or is damaged, or cannot be written.
  case hdf5(HDF5Error)
  /// The error met in the file at this path.
  indirect case inFile(path: String, NIRError)
  /// An HDF5 file, but no NIR graph.
  case notNIR(String)
  /// The nodes and edges make no network that Spindle can run.
  case graph(String)
  /// A node that Spindle cannot run, or not here, or not so.
  case node(String, reason: String)
  /// Options that do not go together, or that lack.
  case options(String)
  /// What the library itself refuses: a network that cannot be, or a file too large.
  case spindle(SpindleError)
}

extension NIRError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .hdf5(let error): error.description
    case .inFile(let path, let error): "\(path): \(error)"
    case .notNIR(let reason): "this is no NIR graph: \(reason)"
    case .graph(let reason): reason
    case .node(let name, let reason): "node \(quoted(name)): \(reason)"
    case .options(let reason): reason
    case .spindle(let error): error.description
    }
  }
}
