import SpindleJSON

/// A graph as a chain of neurons: what leads to each, and what leads from its spikes back to it.
struct Chain {
  struct Stage {
    /// The node with the membrane.
    let neuron: String
    /// The Threshold behind an integrator; nil for none.
    let threshold: String?
    /// The nodes from the neurons before, or the Input, to these.
    let path: [String]
    /// The nodes from the spikes back to the membrane; nil for none, empty for an edge.
    let back: [String]?
  }

  let graph: FlatGraph
  private(set) var stages: [Stage] = []

  private static let rule =
    "only a chain is supported, with one matrix from a layer's spikes back to it"

  init(_ graph: FlatGraph) throws(NIRError) {
    self.graph = graph
    try refuseCircles()
    guard before(graph.input).isEmpty else {
      throw .node(graph.input, reason: "an edge leads to the Input")
    }
    var head = graph.input
    var ways = try self.ways(from: head)
    while true {
      let way = try only(ways, from: head)
      if way.end == graph.output {
        try finish(way)
        return
      }
      let stage = try stage(way, after: head)
      stages.append(stage)
      head = stage.threshold ?? stage.neuron
      ways = try self.ways(from: head).filter { $0.end != stage.neuron }
    }
  }

  private func before(_ name: String) -> [String] { graph.previous[name] ?? [] }
  private func after(_ name: String) -> [String] { graph.next[name] ?? [] }
  private func type(_ name: String) -> NodeType? { graph.nodes[name]?.type }
  private func isStateless(_ name: String) -> Bool {
    guard let type = self.type(name), name != graph.output else { return false }
    return !type.isNeuron && type != .threshold
  }

  /// A way from a node through nodes without state to one with state, or to the Output.
  private struct Way {
    let path: [String]
    let end: String
  }

  /// The ways from a node, one for each edge.
  private func ways(from head: String) throws(NIRError) -> [Way] {
    var ways: [Way] = []
    for first in after(head) {
      var path: [String] = []
      var place = first
      while isStateless(place) {
        path.append(place)
        let targets = after(place)
        guard let target = targets.first else { throw deadEnd(place) }
        guard targets.count == 1 else { throw fork(place, targets) }
        place = target
      }
      ways.append(Way(path: path, end: place))
    }
    return ways
  }

  private func deadEnd(_ name: String) -> NIRError {
    .node(name, reason: "no edge leads from it on, so that the Output is not reached")
  }

  /// The error that a node feeds several; where these feed one in turn, it is that one's.
  private func fork(_ name: String, _ targets: [String]) -> NIRError {
    let shared = Set(targets.map { after($0).count == 1 ? after($0)[0] : $0 })
    if shared.count == 1, let target = shared.first, before(target).count > 1 {
      return merge(target, before(target))
    }
    return .node(name, reason: "it feeds \(list(targets)); \(Self.rule)")
  }

  private func merge(_ name: String, _ sources: [String]) -> NIRError {
    .node(name, reason: "\(list(sources)) feed it; \(Self.rule)")
  }

  /// The error that several ways meet at neurons, the first that there is: where a way forks, this
  /// says why.
  private func mergeAnywhere() -> NIRError? {
    for name in graph.nodes.keys.sorted() where type(name)?.isNeuron ?? false {
      let sources = before(name).filter { origin(of: $0) != name }
      if sources.count > 1 { return merge(name, sources) }
    }
    return nil
  }

  /// The neurons whose spikes come to a node through nodes without state.
  private func origin(of name: String) -> String? {
    var place = name
    while isStateless(place) || type(place) == .threshold {
      guard let source = before(place).first, before(place).count == 1 else { return nil }
      place = source
    }
    return place
  }

  private func list(_ names: [String]) -> String {
    let shown = names.prefix(8).map(quoted)
    let last = names.count > 8 ? "\(names.count - 8) more" : shown[shown.count - 1]
    let rest = names.count > 8 ? shown : shown.dropLast()
    return rest.isEmpty ? last : rest.joined(separator: ", ") + " and " + last
  }

  /// The one way on.
  private func only(_ ways: [Way], from head: String) throws(NIRError) -> Way {
    guard let way = ways.first else { throw deadEnd(head) }
    guard ways.count == 1 else {
      if let merge = mergeAnywhere() { throw merge }
      throw NIRError.node(
        head, reason: "it feeds \(list(ways.map { $0.path.first ?? $0.end })); \(Self.rule)")
    }
    try check(way.path, from: head)
    return way
  }

  /// Refuses nodes on a way that others feed, too.
  private func check(_ path: [String], from head: String) throws(NIRError) {
    var source = head
    for name in path {
      let others = before(name).filter { $0 != source }
      if let other = others.first {
        // Spyx 1.0.0 writes recurrent layers so.
        if after(name).contains(other), type(other)?.isNeuron == true {
          throw NIRError.node(
            name,
            reason: "\(list(before(name))) feed it, and it feeds \(quoted(other)): the input "
              + "leads through the recurrent weights instead of to the neurons; Spyx 1.0.0 "
              + "writes recurrent layers so")
        }
        throw merge(name, before(name))
      }
      source = name
    }
  }

  private func stage(_ way: Way, after head: String) throws(NIRError) -> Stage {
    let neuron = way.end
    guard let type = self.type(neuron), type.isNeuron else {
      throw NIRError.node(
        neuron, reason: "a \(self.type(neuron)?.rawValue ?? "node") must follow LI, CubaLI or I")
    }
    guard !stages.contains(where: { $0.neuron == neuron }) else {
      throw NIRError.node(
        neuron,
        reason: "\(quoted(way.path.last ?? head)) leads back to it from a later layer; "
          + Self.rule)
    }
    var spikes = neuron
    if type.isIntegrator, let threshold = after(neuron).first,
      self.type(threshold) == .threshold
    {
      guard after(neuron).count == 1 else { throw fork(neuron, after(neuron)) }
      guard before(threshold).count == 1 else { throw merge(threshold, before(threshold)) }
      spikes = threshold
    }
    let backs = try ways(from: spikes).filter { $0.end == neuron }
    for back in backs { try check(back.path, from: spikes) }
    guard backs.count <= 1, before(neuron).count == 1 + backs.count else {
      throw merge(neuron, before(neuron))
    }
    if type.isIntegrator, spikes == neuron, !backs.isEmpty {
      throw NIRError.node(neuron, reason: "its potential leads back to it; \(Self.rule)")
    }
    return Stage(
      neuron: neuron, threshold: spikes == neuron ? nil : spikes, path: way.path,
      back: backs.first?.path)
  }

  /// The Output is reached: refuses what is left over.
  private func finish(_ way: Way) throws(NIRError) {
    let passing: [NodeType] = [.flatten, .delay, .input, .output]
    if let weights = way.path.first(where: { name in
      self.type(name).map { !passing.contains($0) } ?? true
    }) {
      throw NIRError.node(
        weights, reason: "no neurons follow it; a network ends in neurons, such as LI to read out")
    }
    guard !stages.isEmpty else { throw NIRError.graph("the graph has no neurons") }
    guard before(graph.output).count == 1 else {
      throw merge(graph.output, before(graph.output))
    }
    guard after(graph.output).isEmpty else {
      throw NIRError.node(graph.output, reason: "an edge leads from the Output")
    }
    var reached: Set<String> = [graph.input, graph.output]
    reached.formUnion(way.path)
    for stage in stages {
      reached.formUnion(stage.path + (stage.back ?? []) + [stage.neuron])
      if let threshold = stage.threshold { reached.insert(threshold) }
    }
    if let name = graph.nodes.keys.filter({ !reached.contains($0) }).min() {
      throw NIRError.node(
        name, reason: before(name).isEmpty ? "no edge leads to it" : "the Input does not reach it")
    }
  }

  /// Refuses a circle of nodes without state, which would have to be computed before itself.
  private func refuseCircles() throws(NIRError) {
    var done: Set<String> = []
    for start in graph.nodes.keys.sorted() where isStateless(start) {
      // The nodes from the start to where the search stands, each with the edge that is next.
      var path: [(name: String, edge: Int)] = [(start, 0)]
      var onPath: Set<String> = [start]
      guard !done.contains(start) else { continue }
      while let (name, edge) = path.last {
        guard edge < after(name).count else {
          done.insert(name)
          onPath.remove(name)
          path.removeLast()
          continue
        }
        path[path.count - 1].edge += 1
        let following = after(name)[edge]
        if onPath.contains(following), let first = path.firstIndex(where: { $0.name == following })
        {
          let circle = path[first...].map { quoted($0.name) } + [quoted(following)]
          throw NIRError.graph(
            "a cycle \(circle.joined(separator: " -> ")) without neurons in it")
        }
        if isStateless(following), !done.contains(following) {
          path.append((following, 0))
          onPath.insert(following)
        }
      }
    }
  }
}
