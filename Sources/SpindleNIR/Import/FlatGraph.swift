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
  private(set) var input = ""
  /// The outermost Output.
  private(set) var output = ""

  init(_ graph: NIRGraph) throws(NIRError) {
    var edges: Set<NIREdge> = []
    let ends = try add(graph, "", &edges)
    input = ends.input
    output = ends.output
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
      throw refusal(
        "\(found.count) \(type.rawValue) nodes (\(list)), and one alone is supported", name)
    }
    return full(first, in: name)
  }

  private static func refusal(_ what: String, _ name: String) -> NIRError {
    name.isEmpty ? .graph("the graph has \(what)") : .node(name, reason: "the graph has \(what)")
  }

  /// Adds a graph's nodes and edges; tells its Input and its Output.
  private mutating func add(
    _ graph: NIRGraph, _ name: String, _ edges: inout Set<NIREdge>
  ) throws(NIRError) -> (input: String, output: String) {
    let own = (
      input: try Self.only(.input, of: graph, name), output: try Self.only(.output, of: graph, name)
    )
    /// The ends of edges: of a nested graph its Input and Output.
    var ends: [String: (input: String, output: String)] = [:]
    for (key, node) in graph.nodes.sorted(by: { $0.key < $1.key }) {
      let full = Self.full(key, in: name)
      if let inner = node.graph {
        ends[key] = try add(inner, full, &edges)
        continue
      }
      let type = try NodeType(of: node, name: full)
      guard nodes.updateValue(Node(type: type, parameters: node.parameters), forKey: full) == nil
      else { throw .node(full, reason: "two nodes have this name, one in a nested graph") }
      ends[key] = (full, full)
    }
    for edge in graph.edges {
      guard let source = ends[edge.source], let target = ends[edge.target] else {
        throw Self.missing(edge, of: graph, name)
      }
      guard edges.insert(NIREdge(source.output, target.input)).inserted else {
        throw .graph("edge \(quoted(edge.source)) -> \(quoted(edge.target)) comes twice")
      }
    }
    return own
  }

  /// The error that there is no node at an edge's end.
  private static func missing(_ edge: NIREdge, of graph: NIRGraph, _ name: String) -> NIRError {
    let end = graph.nodes[edge.source] == nil ? edge.source : edge.target
    let place = name.isEmpty ? "" : " of \(quoted(name))"
    let known = graph.nodes.keys.sorted().prefix(16).map(quoted).joined(separator: ", ")
    return .graph(
      "edge \(quoted(edge.source)) -> \(quoted(edge.target))\(place): there is no node "
        + "\(quoted(end)); there are \(known)")
  }
}
