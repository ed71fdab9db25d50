import SpindleFiles
import SpindleHDF5
import SpindleJSON

/// The numbers of a node, checked as they are read: shapes before anything is unpacked.
struct NodeNumbers {
  let name: String
  let node: FlatGraph.Node

  init(_ name: String, in graph: FlatGraph) throws(NIRError) {
    guard let node = graph.nodes[name] else { throw .graph("there is no node \(quoted(name))") }
    self.name = name
    self.node = node
  }

  func refused(_ reason: String) -> NIRError { .node(name, reason: reason) }

  func has(_ key: String) -> Bool { node.parameters[key] != nil }

  func shape(_ key: String) throws(NIRError) -> [Int] { try array(key).shape }

  func count(_ key: String) throws(NIRError) -> Int { try array(key).count }

  private func array(_ key: String) throws(NIRError) -> NIRArray {
    guard let array = node.parameters[key] else { throw refused("it lacks \(key)") }
    return array
  }

  /// The matrix of weights, of so many columns, row by row.
  func matrix(columns: Int, from source: String) throws(NIRError) -> (rows: Int, values: [Double]) {
    let shape = try shape("weight")
    guard shape.count == 2 else {
      throw refused("weight must have shape [O, I], found \(shape)")
    }
    guard shape[1] == columns else {
      throw refused("weight takes \(shape[1]) inputs, and \(source) gives \(columns)")
    }
    return (shape[0], try finite("weight"))
  }

  /// As many numbers as there are neurons; one alone is spread over them.
  func numbers(_ key: String, count: Int, from source: String) throws(NIRError) -> [Double] {
    let shape = try shape(key)
    let found = try self.count(key)
    guard found == count || shape.isEmpty else {
      throw refused("\(key) has \(found) numbers, and \(source) gives \(count)")
    }
    let values = try finite(key)
    return shape.isEmpty ? [Double](repeating: values[0], count: count) : values
  }

  /// The number of the node's neurons as its arrays say it; nil where all are single numbers.
  func neuronCount() throws(NIRError) -> Int? {
    var known: (key: String, count: Int)?
    for (key, array) in node.parameters.sorted(by: { $0.key < $1.key }) where !array.shape.isEmpty {
      let count = array.count
      if let known, known.count != count {
        throw refused("\(known.key) has \(known.count) numbers, \(key) has \(count)")
      }
      known = (key, count)
    }
    return known?.count
  }

  private func finite(_ key: String) throws(NIRError) -> [Double] {
    let array = try array(key)
    let values = try rethrowing(try array.doubles()) { (error: HDF5Error) in
      refused(error.description)
    }
    guard values.count == array.count else {
      throw refused("\(key) has \(values.count) numbers, and the shape \(array.shape)")
    }
    for (index, value) in values.enumerated() where !value.isFinite {
      let place =
        key == "weight"
        ? "\(key)[\(index / array.shape[1])][\(index % array.shape[1])]"
        : values.count == 1 ? key : "\(key) of neuron \(index)"
      throw refused("\(place) is \(value), and must be finite")
    }
    return values
  }
}
