import Spindle
import SpindleFiles
import SpindleJSON

/// Makes a network of a chain.
struct NetworkBuilder {
  /// A layer with what its parameters are made of.
  struct Part {
    let stage: Chain.Stage
    let neurons: Neurons
    let mapping: NeuronMapping
    let weights: FoldedWeights
    let back: FoldedWeights?
  }

  private(set) var layers: [Part] = []
  private(set) var notes: [String] = []
  private let graph: FlatGraph
  private let options: NIRImportOptions

  init(_ graph: FlatGraph, _ options: NIRImportOptions) throws(NIRError) {
    self.graph = graph
    self.options = options
    let chain = try Chain(graph)
    var size = try inputCount(chain)
    var source = graph.input
    for stage in chain.stages {
      let weights = try FoldedWeights(stage.path, in: graph, inputs: size, from: source)
      let mapping = try NeuronMapping(
        stage, in: graph, count: weights.outputs, from: weights.source, options)
      var back: FoldedWeights?
      if let path = stage.back {
        back = try FoldedWeights(path, in: graph, inputs: mapping.count, from: stage.neuron)
      }
      if let back, back.outputs != mapping.count {
        throw .node(
          stage.neuron,
          reason:
            "it has \(mapping.count) neurons, and \(back.source) leads back to \(back.outputs)")
      }
      let part = Part(
        stage: stage, neurons: try mapping.neurons(), mapping: mapping, weights: weights,
        back: back)
      try checkOrder(part)
      layers.append(part)
      size = mapping.count
      source = stage.neuron
      notes += Self.notes(part, options)
    }
    try checkShape(of: graph.output, size, "its last neurons are")
  }

  /// Leaky integrators are the last.
  private func checkOrder(_ part: Part) throws(NIRError) {
    if let before = layers.last, before.mapping.thresholds == nil {
      throw .node(
        before.stage.neuron,
        reason: "\(quoted(part.stage.neuron)) follows it; neurons that do not fire must be the last"
      )
    }
  }

  /// I, as the first node that has numbers says it; what the Input says may count samples or steps.
  private func inputCount(_ chain: Chain) throws(NIRError) -> Int {
    let shape = try self.shape(of: graph.input)
    var count: Int?
    for name in (chain.stages.first?.path ?? []) + [chain.stages[0].neuron] where count == nil {
      let numbers = try NodeNumbers(name, in: graph)
      switch numbers.node.type {
      case .linear, .affine:
        let weight = try numbers.shape("weight")
        guard weight.count == 2 else {
          throw numbers.refused("weight must have shape [O, I], found \(weight)")
        }
        count = weight[1]
      default:
        if numbers.node.type == .scale || numbers.node.type.isNeuron {
          count = try numbers.neuronCount()
        }
      }
    }
    let inputs = count ?? shape.reduce(1, *)
    try checkShape(of: graph.input, inputs, "what follows takes")
    return inputs
  }

  private func shape(of name: String) throws(NIRError) -> [Int] {
    let numbers = try NodeNumbers(name, in: graph)
    let count = try numbers.count("shape")
    guard count <= 32 else { throw numbers.refused("its shape has \(count) dimensions") }
    let sizes = try numbers.numbers("shape", count: count, from: "shape")
    // A product of more would overflow; no network is as large.
    guard sizes.allSatisfy({ $0 >= 1 && $0 <= 1e9 && $0 == $0.rounded() }),
      sizes.reduce(1, *) < 1e18
    else { throw numbers.refused("its shape is \(sizes)") }
    return sizes.map { Int($0) }
  }

  /// Accepts a shape of so many, or whose last dimension is so many: some exporters write the
  /// sample's batch or time before it.
  private func checkShape(
    of name: String, _ count: Int, _ what: String
  ) throws(NIRError) {
    let shape = try self.shape(of: name)
    guard shape.reduce(1, *) == count || shape.last == count else {
      throw .node(name, reason: "its shape is \(shape), and \(what) \(count)")
    }
  }
}

extension NetworkBuilder {
  /// What a user should know of a layer.
  private static func notes(_ part: Part, _ options: NIRImportOptions) -> [String] {
    let name = "node \(quoted(part.stage.neuron)): "
    let mapping = part.mapping
    var notes: [String] = []
    if mapping.offsets.contains(where: { $0 != 0 }) {
      notes.append(name + "v_leak and v_reset are the same; potentials count from them here")
      if options.reset == .subtraction, !mapping.isWithoutReset {
        notes.append(name + "a spike takes the threshold less v_leak")
      }
    }
    if mapping.currents != nil { notes.append(name + "v_leak became a constant current") }
    if mapping.isWithoutReset { notes.append(name + "its Threshold resets nothing") }
    return notes
  }

  func network() throws(NIRError) -> Network {
    do throws(SpindleError) {
      return try build()
    } catch {
      throw .spindle(error)
    }
  }

  private func build() throws(SpindleError) -> Network {
    var descriptions: [Layer] = []
    for part in layers {
      let recurrence: Recurrence
      switch part.back {
      case nil: recurrence = .ff
      case let back? where back.oneToOne(gains: part.mapping.gains) != nil: recurrence = .oneToOne()
      default: recurrence = .rc()
      }
      descriptions.append(
        Layer(
          part.neurons, recurrence: recurrence,
          connection: Connection(bias: bias(part) == nil ? nil : .constant(0))))
    }
    var network = try Network(
      NetworkDescription(
        timeStep: options.timeStep, inputs: layers[0].weights.inputs, layers: descriptions))
    for (index, part) in layers.enumerated() {
      let gains = part.mapping.gains
      try network.set("\(index).weight", to: part.weights.weights(gains: gains))
      if let bias = bias(part) { try network.set("\(index).bias", to: bias) }
      if let back = part.back {
        try network.set(
          "\(index).recurrent_weight",
          to: back.oneToOne(gains: gains) ?? back.weights(gains: gains))
      }
    }
    return network
  }

  /// gain (b + b_rec) + (1 - beta) v_leak; nil where there is nothing of it.
  private func bias(_ part: Part) -> [Float]? {
    let terms = [part.weights.bias, part.back?.bias].compactMap(\.self)
    guard !terms.isEmpty || part.mapping.currents != nil else { return nil }
    return (0..<part.mapping.count).map { index -> Float in
      let sum = terms.reduce(0) { $0 + $1[index] }
      return Float(part.mapping.gains[index] * sum + (part.mapping.currents?[index] ?? 0))
    }
  }
}
