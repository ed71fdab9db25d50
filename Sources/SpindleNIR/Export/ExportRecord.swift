import Spindle
import SpindleFiles
import SpindleJSON

/// What an exported graph carries of its network: the description, and the numbers of single neurons,
/// of which a graph has the decays alone. It is one JSON text among the metadata. It is obeyed where
/// the graph that it would be exported as is the graph that it stands in, to the bit.
struct ExportRecord {
  /// The name of the text.
  static let key = "spindle"
  private static let format = "spindle-nir"
  private static let version = 1
  private static let root = "the graph's metadata \"spindle\""

  let text: String

  init(_ network: Network, _ options: NIRExportOptions) {
    var values: [String: JSONValue] = [:]
    for parameter in network.parameters where Self.isKept(parameter) {
      // The names are the network's own, and a Float's Double reads back as the same Float.
      let floats = (try? network.floats(of: parameter.name)) ?? []
      values[parameter.name] = .array(floats.map { .number(Double($0)) })
    }
    text =
      JSONValue.object([
        "format": .string(Self.format), "version": .number(Double(Self.version)),
        "network": network.description.json, "values": .object(values),
        "time_step": .number(options.timeStep),
      ]).text
  }

  /// Weights and biases stand in the graph.
  private static func isKept(_ parameter: Parameter) -> Bool {
    !parameter.role.isWeight && parameter.role != .bias
  }

  /// What became of a record.
  enum Outcome {
    /// The network that was exported.
    case same(Network)
    /// The graph says something else by now, or the record is not whole.
    case changed(String)
  }

  /// The network that a graph was exported from.
  static func network(of graph: NIRGraph, _ text: String) -> Outcome {
    do {
      let (network, options) = try restored(graph, text)
      let again = try NIRExport.arrays(of: network, options)
      if let difference = try again.difference(from: graph) { return .changed(difference) }
      return .same(network)
    } catch {
      return .changed("\(error)")
    }
  }

  private static func restored(
    _ graph: NIRGraph, _ text: String
  ) throws -> (Network, NIRExportOptions) {
    let object = try DescriptionValue(parsing: text, root: root).object(
      allowing: ["format", "version", "network", "values", "time_step"])
    _ = try object.value("format").text(allowed: [format])
    _ = try object.value("version").integer(version...version)
    let description = try NetworkDescription(try object.value("network"))
    let timeStep = try object.value("time_step").number(.positive)
    let values = try object.value("values").object()
    var network = try Network(description)
    for parameter in network.parameters {
      if isKept(parameter) {
        let numbers = try values.value(parameter.name).list()
        var floats: [Float] = []
        for number in numbers { floats.append(Float(try number.number(.any))) }
        try network.set(parameter.name, to: floats)
      } else {
        try network.set(parameter.name, to: try weights(parameter, of: network, in: graph))
      }
    }
    return (network, NIRExportOptions(timeStep: timeStep))
  }

  /// A parameter's values in a graph; none of a shape that is not the parameter's.
  private static func weights(
    _ parameter: Parameter, of network: Network, in graph: NIRGraph
  ) throws -> [Float] {
    let layer = network.layers[parameter.layer]
    let names = NodeNames(
      layer: parameter.layer, isRecurrent: layer.recurrence.topology != .ff,
      hasThreshold: layer.neurons.spiking?.reset == Reset.none)
    let node = parameter.role == .recurrentWeight ? names.back : names.weights
    let key = parameter.role == .bias ? "bias" : "weight"
    let columns = layer.neurons.count
    let isOneToOne = parameter.role == .recurrentWeight && layer.recurrence.topology == .oneToOne
    let rows =
      parameter.role == .bias ? 1 : isOneToOne ? columns : parameter.shape[0]
    guard let array = graph.nodes[node]?.parameters[key],
      array.shape == (key == "bias" ? [columns] : [columns, rows])
    else { throw NIRError.node(node, reason: "it has no \(key) of the network's shape") }
    let values = try array.doubles().map { Float($0) }
    if isOneToOne { return (0..<columns).map { values[$0 * (columns + 1)] } }
    return (0..<rows * columns).map { values[$0 % columns * rows + $0 / columns] }
  }
}

extension NIRGraph {
  /// Where the other graph is not the same to the bit, but for metadata; nil for nowhere.
  fileprivate func difference(from other: NIRGraph) throws -> String? {
    guard Set(nodes.keys) == Set(other.nodes.keys) else { return "there are other nodes" }
    guard Set(edges) == Set(other.edges) else { return "there are other edges" }
    for (name, node) in nodes.sorted(by: { $0.key < $1.key }) {
      guard let there = other.nodes[name], there.type == node.type,
        Set(there.parameters.keys) == Set(node.parameters.keys)
      else { return "node \(quoted(name)) is of another type" }
      for (key, array) in node.parameters.sorted(by: { $0.key < $1.key }) {
        guard let found = there.parameters[key], found.shape == array.shape,
          try found.doubles().map(\.bitPattern) == array.doubles().map(\.bitPattern)
        else { return "\(key) of node \(quoted(name)) was changed" }
      }
    }
    return nil
  }
}
