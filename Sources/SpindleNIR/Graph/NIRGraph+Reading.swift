import Spindle
import SpindleFiles
import SpindleHDF5
import SpindleJSON

extension NIRGraph {
  /// Reads the graph of a file that `nir.write` or another program wrote. Parameters stay in the
  /// file's bytes until they are asked for.
  ///
  /// - Throws: `hdf5` and `spindle` where the system refuses, else `inFile` with the path and the fault found.
  public init(contentsOf path: String) throws(NIRError) {
    try rethrowing(try checkFile(path), as: NIRError.spindle)
    let bytes = try rethrowing(try readFile(path)) { (error: FileError) in
      NIRError.hdf5(.file(error))
    }
    self = try rethrowing(try NIRGraph(bytes: bytes)) { (error: NIRError) in
      NIRError.inFile(path: path, error)
    }
  }

  /// Reads the graph of a file's content.
  ///
  /// - Throws: `hdf5`, `notNIR`, and `node` for what is no node of a graph.
  public init(bytes: [UInt8]) throws(NIRError) {
    let file = try rethrowing(try HDF5File(bytes: bytes), as: NIRError.hdf5)
    guard file.root.contains("node") else {
      throw .notNIR("the file has no group \"node\"")
    }
    var reader = GraphReader()
    let node = try reader.node(in: file.root, "node", name: "")
    guard let graph = node.graph else {
      throw .notNIR("its group \"node\" is of the type \(quoted(node.type)), not NIRGraph")
    }
    self = graph
  }
}

/// Reads nodes within nodes.
private struct GraphReader {
  /// Groups that were read: hard links make a circle of them, or one of them a thousand.
  private var seen: Set<Int> = []

  /// A node; `name` is its full name in errors.
  mutating func node(
    in parent: HDF5Group, _ key: String, name: String
  ) throws(NIRError) -> NIRNode {
    let group = try of(name, try parent.group(key))
    guard seen.insert(group.identity).inserted else {
      throw .node(name, reason: "it is the same group as another node; each must be its own")
    }
    let type = try type(of: group, name)
    if type == "NIRGraph" {
      return NIRNode(type: type, graph: try graph(group, name))
    }
    var parameters: [String: NIRArray] = [:]
    for key in group.names where key != "type" && key != "metadata" {
      let dataset = try of(name, try group.dataset(key))
      guard dataset.type.scalarType != nil else {
        throw .node(name, reason: "\(key) must be numbers, found \(dataset.type)")
      }
      parameters[key] = NIRArray(dataset)
    }
    return NIRNode(type: type, parameters: parameters)
  }

  private func of<Value>(
    _ name: String, _ value: @autoclosure () throws(HDF5Error) -> Value
  ) throws(NIRError) -> Value {
    try rethrowing(try value()) { (error: HDF5Error) in
      name.isEmpty ? NIRError.hdf5(error) : NIRError.node(name, reason: error.description)
    }
  }

  private func type(of group: HDF5Group, _ name: String) throws(NIRError) -> String {
    guard group.contains("type") else {
      if name.isEmpty { throw .notNIR("its group \"node\" has no type") }
      throw .node(name, reason: "it has no type")
    }
    let types = try of(name, try group.dataset("type").readStrings())
    guard types.count == 1 else {
      throw .node(name, reason: "type must be one text, found \(types.count)")
    }
    return types[0]
  }

  private mutating func graph(_ group: HDF5Group, _ name: String) throws(NIRError) -> NIRGraph {
    for key in ["nodes", "edges"] where !group.contains(key) {
      throw name.isEmpty
        ? .notNIR("the graph has no \(key)") : .node(name, reason: "the graph has no \(key)")
    }
    for key in group.names where !["type", "nodes", "edges", "metadata"].contains(key) {
      // Written by some versions of nir, and said by the nodes Input and Output in any case.
      guard ["input_type", "output_type"].contains(key) else {
        throw .node(name, reason: "the graph has \(quoted(key)), which no NIRGraph has")
      }
    }
    let members = try of(name, try group.group("nodes"))
    var nodes: [String: NIRNode] = [:]
    for key in members.names {
      let full = name.isEmpty ? key : "\(name).\(key)"
      nodes[key] = try node(in: members, key, name: full)
    }
    return NIRGraph(
      nodes: nodes, edges: try edges(group, name), metadata: Self.metadata(group))
  }

  private func edges(_ group: HDF5Group, _ name: String) throws(NIRError) -> [NIREdge] {
    let dataset = try of(name, try group.dataset("edges"))
    // nir writes no edges as an empty array of numbers.
    if dataset.count == 0 { return [] }
    guard dataset.shape.count == 2, dataset.shape[1] == 2 else {
      let place = name.isEmpty ? "" : " of \(quoted(name))"
      throw .graph("edges\(place) must have shape [E, 2], found \(dataset.shape)")
    }
    let names = try of(name, try dataset.readStrings())
    return stride(from: 0, to: names.count, by: 2).map { NIREdge(names[$0], names[$0 + 1]) }
  }

  /// The texts among the metadata. Whatever else another program put there is its own affair.
  private static func metadata(_ group: HDF5Group) -> [String: String] {
    guard group.contains("metadata"), let members = try? group.group("metadata") else {
      return [:]
    }
    var texts: [String: String] = [:]
    for key in members.names {
      if let strings = try? members.dataset(key).readStrings(), strings.count == 1 {
        texts[key] = strings[0]
      }
    }
    return texts
  }
}
