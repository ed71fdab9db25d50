import Spindle
import SpindleJSON

// In version 1 of the format the layers are a list of synapses and neurons in turn, a synapse first.
// What it says of neurons has the keys of a layer, some of which it requires.

extension NetworkDescription {
  /// Reads the network of a case of version 1; places in errors are the file's own.
  init(version1 object: DescriptionObject) throws(DescriptionError) {
    try object.allow(["format", "time_step", "layers", "loss"])
    let timeStep = try object.value("time_step").number(.positive)
    let list = try object.value("layers")
    let values = try list.list()
    guard !values.isEmpty, values.count.isMultiple(of: 2) else {
      throw list.refused(
        expected: "synapses and neurons in turn", found: "a list of \(values.count)")
    }
    var layers: [Layer] = []
    var inputs: Int?
    for index in stride(from: 0, to: values.count, by: 2) {
      let synapse = try Synapse(values[index], inputs: layers.last?.neurons.count)
      if layers.last.map({ $0.neurons.spiking == nil }) ?? false {
        throw values[index].refused(expected: "nothing after leaky integrators", found: "a synapse")
      }
      inputs = inputs ?? synapse.inputs
      layers.append(try Self.layer(values[index + 1], behind: synapse))
    }
    self.init(timeStep: timeStep, inputs: inputs ?? 0, layers: layers)
  }

  /// What version 1 calls a synapse.
  private struct Synapse {
    let inputs: Int
    let outputs: Int
    let hasBias: Bool

    init(_ value: DescriptionValue, inputs below: Int?) throws(DescriptionError) {
      let object = try value.object()
      guard try kind(object) == "synapse" else {
        throw try object.value("kind").refused(expected: "a synapse")
      }
      try object.allow(["kind", "inputs", "outputs", "bias"])
      inputs = try Format<Int>.count.read(object.value("inputs"))
      outputs = try Format<Int>.count.read(object.value("outputs"))
      hasBias = try object.flag("bias")
      if let below, below != inputs {
        throw try object.value("inputs").refused(expected: "\(below) inputs")
      }
    }
  }

  private static let neuronKeys = [
    "kind", "neurons", "tau", "synaptic_tau", "learn_tau", "learn_synaptic_tau",
  ]
  private static let requiredSpikingKeys = ["threshold", "reset", "topology", "surrogate"]
  private static let spikingKeys =
    requiredSpikingKeys + [
      "reset_gradient", "reset_timing", "refractory_steps", "adaptation", "learn_threshold",
    ]

  private static func kind(_ object: DescriptionObject) throws(DescriptionError) -> String {
    try object.value("kind").text(allowed: ["synapse", "lif", "li"])
  }

  private static func layer(
    _ value: DescriptionValue, behind synapse: Synapse
  ) throws(DescriptionError) -> Layer {
    let object = try value.object()
    let kind = try kind(object)
    guard kind != "synapse" else {
      throw try object.value("kind").refused(expected: "neurons")
    }
    let isSpiking = kind == "lif"
    try object.allow(neuronKeys + (isSpiking ? spikingKeys : []))
    guard try Format<Int>.count.read(object.value("neurons")) == synapse.outputs else {
      throw try object.value("neurons").refused(expected: "\(synapse.outputs) neurons")
    }
    for key in ["tau"] + (isSpiking ? requiredSpikingKeys : []) { _ = try object.value(key) }
    if isSpiking {
      let keys = ["kind", "slope", "peak", "support"]
      _ = try object.value("surrogate").object(allowing: keys).value("slope")
    }
    if try object.flag("learn_synaptic_tau") { _ = try object.value("synaptic_tau") }
    var layer = try Layer.format.read(value)
    layer.connection.bias = synapse.hasBias ? .constant(0) : nil
    return layer
  }
}
