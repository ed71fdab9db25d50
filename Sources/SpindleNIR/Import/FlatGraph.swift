import SpindleJSON

/// A graph whose nested graphs are laid open: their nodes have full names, as in "1.lif", and their
/// Inputs and Outputs pass on what they are given.
struct FlatGraph {
  struct Node {
    let type: NodeType
    let parameters: [String: NIRArray]
  }

  private(set) var nodes: [String: Node] = [:]
  /// Whom a node feeds, in the order of their names.
  private(set) var next: [String: [String]] = [:]
  /// Who feeds a node, in the order of their names.
  private(set) var previous: [String: [String]] = [:]
  /// The outermost Input.
  let input: String
  /// The outermost Output.
  let output: String

  init(_ graph: NIRGraph) throws(NIRError) {
    input = try Self.only(.input, of: graph, "")
    output = try Self.only(.output, of: graph, "")
    var edges: Set<NIREdge> = []
    try add(graph, "", &edges)
    for edge in edges {
      next[edge.source, default: []].append(edge.target)
      previous[edge.target, default: []].append(edge.source)
    }
    next = next.mapValues { $0.sorted() }
    previous = previous.mapValues { $0.sorted() }
  }

  private static func full(_ name: String, in graph: String) -> String {
    graph.isEmpty ? name : "\(graph).\(name)"
  }

  /// The only node of a type in a graph, by its full name.
  private static func only(
    _ type: NodeType, of graph: NIRGraph, _ name: String
  ) throws(NIRError) -> String {
    let found = graph.nodes.filter { $0.value.type == type.rawValue }.keys.sorted()
    guard let first = found.first else { throw refusal("no \(type.rawValue) node", name) }
    guard found.count == 1 else {
      let list = found.prefix(8).map(quoted).joined(separator: ", ")
      throw refusal("\(found.count) \(type.rawValue) nodes (\(list)), and one alone is supported", name)
    }
    return full(first, in: name)
  }

  private static func refusal(_ what: String, _ name: String) -> NIRError {
    name.isEmpty ? .graph("the graph has \(what)") : .node(name, reason: "the graph has \(what)")
  }

  private mutating func add(
    _ graph: NIRGraph, _ name: String, _ edges: inout Set<NIREdge>
  ) throws(NIRError) {
    for (key, node) in graph.nodes.sorted(by: { $0.key < $1.key }) {
      let full = Self.full(key, in: name)
      if let inner = node.graph {
        try add(inner, full, &edges)
        continue
      }
      let type = try NodeType(of: node, name: full)
      guard nodes.updateValue(Node(type: type, parameters: node.parameters), forKey: full) == nil
      else { throw .node(full, reason: "two nodes have this name, one in a nested graph") }
    }
    for edge in graph.edges {
      for end in [edge.source, edge.target] where graph.nodes[end] == nil {
        let place = name.isEmpty ? "" : " of \(quoted(name))"
        let known = graph.nodes.keys.sorted().prefix(16).map(quoted).joined(separator: ", ")
        throw .graph(
          "edge \(quoted(edge.source)) -> \(quoted(edge.target))\(place): there is no node "
            + "\(quoted(end)); there are \(known)")
      }
      let source = try Self.end(edge.source, of: graph, name, .output)
      let target = try Self.end(edge.target, of: graph, name, .input)
      guard edges.insert(NIREdge(source, target)).inserted else {
        throw .graph("edge \(quoted(edge.source)) -> \(quoted(edge.target)) comes twice")
      }
    }
  }

  /// The node at an edge's end; of a nested graph its Input or Output.
  private static func end(
    _ key: String, of graph: NIRGraph, _ name: String, _ side: NodeType
  ) throws(NIRError) -> String {
    let full = full(key, in: name)
    guard let inner = graph.nodes[key]?.graph else { return full }
    return try end(only(side, of: inner, ""), of: inner, full, side)
  }
}
