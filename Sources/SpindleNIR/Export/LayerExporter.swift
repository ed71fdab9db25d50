import Spindle
import SpindleHDF5

extension Network {
  /// A copy of a parameter's values.
  func floats(of name: String) throws(SpindleError) -> [Float] {
    let span = try values(of: name)
    var floats: [Float] = []
    floats.reserveCapacity(span.count)
    for index in span.indices { floats.append(span[index]) }
    return floats
  }
}

/// Builds a graph, layer by layer.
struct LayerExporter {
  private let network: Network
  private let options: NIRExportOptions
  private var nodes: [String: NIRNode] = [:]
  private var edges: [NIREdge] = []
  /// The node that the next layer's weights follow.
  private var head = "input"

  /// 1 - beta in place of 0, for tau to be finite: as float32 beta is 1 all the same.
  static let smallestLoss = 0x1p-40

  init(_ network: Network, _ options: NIRExportOptions) {
    self.network = network
    self.options = options
    nodes["input"] = Self.boundary("Input", network.inputs)
    nodes["output"] = Self.boundary("Output", network.outputs)
  }

  private static func boundary(_ type: String, _ count: Int) -> NIRNode {
    NIRNode(type: type, parameters: ["shape": NIRArray(shape: [1], .int64([count]))])
  }

  func finished() -> NIRGraph {
    NIRGraph(nodes: nodes, edges: edges + [NIREdge(head, "output")])
  }

  /// Adds a layer's weights, its neurons and what leads back to them.
  mutating func add(_ index: Int) throws(SpindleError) {
    let layer = network.layers[index]
    let count = layer.neurons.count
    let losses = try losses(index, .tau)
    let scales =
      options.reader == .norse && layer.neurons.synapticTau == nil
      ? losses.map { 1 / $0 } : [Double](repeating: 1, count: count)
    let hasThreshold = layer.neurons.spiking?.reset == Reset.none
    let names = NodeNames(
      layer: index, isRecurrent: layer.recurrence.topology != .ff, hasThreshold: hasThreshold)
    nodes[names.weights] = try weights(index, scales)
    nodes[names.neurons] = try neurons(index, losses)
    edges += [NIREdge(head, names.weights), NIREdge(names.weights, names.neurons)]
    head = names.neurons
    if hasThreshold {
      let thresholds = try doubles(index, .threshold)
      nodes[names.threshold] = NIRNode(
        type: "Threshold", parameters: ["threshold": Self.array(thresholds)])
      edges.append(NIREdge(head, names.threshold))
      head = names.threshold
    }
    if layer.recurrence.topology != .ff {
      nodes[names.back] = try back(index, scales)
      edges += [NIREdge(head, names.back), NIREdge(names.back, names.neurons)]
    }
  }

  private static func array(_ values: [Double]) -> NIRArray {
    NIRArray(shape: [values.count], .float64(values))
  }

  private func floats(_ layer: Int, _ role: Role) throws(SpindleError) -> [Float] {
    try network.floats(of: try network.parameter(layer: layer, role: role).name)
  }

  private func doubles(_ layer: Int, _ role: Role) throws(SpindleError) -> [Double] {
    try floats(layer, role).map { Double($0) }
  }

  /// 1 - beta of each neuron, or 1 - alpha.
  private func losses(_ layer: Int, _ role: Role) throws(SpindleError) -> [Double] {
    let timeStep = network.description.timeStep
    return try floats(layer, role).map { tau in
      let loss = 1 - Double(TimeConstant.decay(tau: tau, timeStep: timeStep))
      return max(loss, Self.smallestLoss)
    }
  }

  private func weights(_ index: Int, _ scales: [Double]) throws(SpindleError) -> NIRNode {
    let layer = network.layers[index]
    var parameters = [
      "weight": Self.transposed(try floats(index, .weight), columns: layer.neurons.count, scales)
    ]
    guard layer.connection.bias != nil else {
      return NIRNode(type: "Linear", parameters: parameters)
    }
    let bias = zip(try doubles(index, .bias), scales).map { Float($0 * $1) }
    parameters["bias"] = NIRArray(shape: [bias.count], .float32(bias))
    return NIRNode(type: "Affine", parameters: parameters)
  }

  private func back(_ index: Int, _ scales: [Double]) throws(SpindleError) -> NIRNode {
    let count = network.layers[index].neurons.count
    var weights = try floats(index, .recurrentWeight)
    if network.layers[index].recurrence.topology == .oneToOne {
      var matrix = [Float](repeating: 0, count: count * count)
      for (neuron, weight) in weights.enumerated() { matrix[neuron * (count + 1)] = weight }
      weights = matrix
    }
    return NIRNode(
      type: "Linear", parameters: ["weight": Self.transposed(weights, columns: count, scales)])
  }

  /// [rows, columns] as [columns, rows], each column times its scale.
  private static func transposed(
    _ values: [Float], columns: Int, _ scales: [Double]
  ) -> NIRArray {
    let rows = values.count / columns
    var result = [Float](repeating: 0, count: values.count)
    for column in 0..<columns {
      for row in 0..<rows {
        let value = values[row * columns + column]
        result[column * rows + row] =
          scales[column] == 1 ? value : Float(Double(value) * scales[column])
      }
    }
    return NIRArray(shape: [columns, rows], .float32(result))
  }

  private func neurons(_ index: Int, _ losses: [Double]) throws(SpindleError) -> NIRNode {
    let layer = network.layers[index]
    let zeros = Self.array([Double](repeating: 0, count: layer.neurons.count))
    let taus = Self.array(losses.map { options.timeStep / $0 })
    let isCuba = layer.neurons.synapticTau != nil
    var parameters = ["v_leak": zeros]
    parameters[isCuba ? "tau_mem" : "tau"] = taus
    let isUnit = options.reader == .norse && !isCuba
    parameters["r"] = Self.array(losses.map { isUnit ? 1 : 1 / $0 })
    if isCuba {
      let synapse = try self.losses(index, .synapticTau)
      parameters["tau_syn"] = Self.array(synapse.map { options.timeStep / $0 })
      parameters["w_in"] = Self.array(synapse.map { 1 / $0 })
    }
    let fires = (layer.neurons.spiking?.reset ?? Reset.none) != .none
    if fires {
      parameters["v_threshold"] = Self.array(try doubles(index, .threshold))
      parameters["v_reset"] = zeros
    }
    let type = fires ? (isCuba ? "CubaLIF" : "LIF") : (isCuba ? "CubaLI" : "LI")
    return NIRNode(type: type, parameters: parameters)
  }
}
