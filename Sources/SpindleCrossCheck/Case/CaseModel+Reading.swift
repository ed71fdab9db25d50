import Safetensors
import Spindle

extension CaseModel {
  /// How errors name the outermost object.
  static let place = "spindle.case"

  /// Reads the JSON text of a case. Every key and value that the format does not know is an error.
  ///
  /// - Throws: the case of ``CaseError`` for the first fault found.
  public init(parsing text: String) throws(CaseError) {
    let value: JSONValue
    do throws(SafetensorsError) {
      value = try JSONValue(parsing: text)
    } catch {
      throw .notJSON(error)
    }
    let object = try DescriptionObject(value, place: Self.place)
    // Of another version nothing else can be said.
    _ = try object.text("format", allowed: [Self.format])
    try object.allow(["format", "time_step", "layers", "loss"])
    timeStep = try object.number("time_step", positive: true)
    var layers: [CaseLayer] = []
    for (index, element) in try object.array("layers").enumerated() {
      let layer = try DescriptionObject(element, place: "layers[\(index)]")
      layers.append(try Self.readLayer(layer))
    }
    self.layers = layers
    let loss = try object.object("loss")
    try loss.allow(["kind"])
    self.loss = try loss.choice("kind", Loss.self)
    try checkOrder()
    guard !self.loss.readsSpikes || readout?.spiking != nil else {
      throw .lossNeedsSpikes(self.loss)
    }
  }

  private static func readLayer(_ object: DescriptionObject) throws(CaseError) -> CaseLayer {
    switch try object.text("kind", allowed: ["synapse", "lif", "li"]) {
    case "synapse":
      try object.allow(["kind", "inputs", "outputs", "bias"])
      return .synapse(
        CaseSynapse(
          inputs: try object.size("inputs"), outputs: try object.size("outputs"),
          bias: try object.flag("bias")))
    case "lif":
      try object.allow([
        "kind", "neurons", "tau", "threshold", "reset", "reset_gradient", "topology", "surrogate",
        "synaptic_tau", "learn_tau", "learn_threshold",
      ])
      return .neurons(try readNeurons(object, spiking: try readSpiking(object)))
    default:
      try object.allow(["kind", "neurons", "tau", "synaptic_tau", "learn_tau"])
      return .neurons(try readNeurons(object, spiking: nil))
    }
  }

  private static func readNeurons(
    _ object: DescriptionObject, spiking: CaseSpiking?
  ) throws(CaseError) -> CaseNeurons {
    let count = try object.size("neurons")
    return CaseNeurons(
      neurons: count, tau: try object.numbers("tau", count: count, positive: true),
      synapticTau: object.has("synaptic_tau")
        ? try object.number("synaptic_tau", positive: true) : nil,
      learnsTau: try object.flag("learn_tau"), spiking: spiking)
  }

  private static func readSpiking(_ object: DescriptionObject) throws(CaseError) -> CaseSpiking {
    let surrogate = try object.object("surrogate")
    try surrogate.allow(["kind", "slope"])
    return CaseSpiking(
      threshold: try object.numbers(
        "threshold", count: try object.size("neurons"), positive: false),
      learnsThreshold: try object.flag("learn_threshold"),
      reset: try object.choice("reset", Reset.self),
      resetGradient: object.has("reset_gradient")
        ? try object.choice("reset_gradient", ResetGradient.self) : .attached,
      isRecurrent: try object.text("topology", allowed: ["FF", "RC"]) == "RC",
      surrogate: try surrogate.choice("kind", Surrogate.Kind.self),
      slope: try surrogate.number("slope", positive: true))
  }

  /// Requires that synapses and neurons take turns and that their sizes fit.
  private func checkOrder() throws(CaseError) {
    var outputs: Int?
    var hasIntegrators = false
    for (index, layer) in layers.enumerated() {
      switch (layer, index.isMultiple(of: 2)) {
      case (.neurons, true): throw misplaced(index, "a synapse", "neurons")
      case (.synapse, false): throw misplaced(index, "neurons", "a synapse")
      case (.synapse(let synapse), true):
        guard !hasIntegrators else {
          throw misplaced(index, "nothing after leaky integrators", "a synapse")
        }
        if let outputs, synapse.inputs != outputs {
          throw misplaced(index, "\(outputs) inputs", "\(synapse.inputs)")
        }
        outputs = synapse.outputs
      case (.neurons(let neurons), false):
        guard neurons.neurons == outputs else {
          throw misplaced(index, "\(outputs ?? 0) neurons", "\(neurons.neurons)")
        }
        hasIntegrators = neurons.spiking == nil
      }
    }
    guard !layers.isEmpty else { throw misplaced(0, "a synapse", "none") }
    guard layers.count.isMultiple(of: 2) else { throw misplaced(layers.count, "neurons", "none") }
  }

  private func misplaced(_ layer: Int, _ expected: String, _ found: String) -> CaseError {
    .layersDoNotFit(layer: layer, expected: expected, found: found)
  }
}

extension Loss {
  /// Whether the loss is of the spikes, else of the membranes.
  var readsSpikes: Bool { self == .meanRateMSE || self == .rateCrossEntropy }

  /// Whether the target has a class for each sample.
  var hasClasses: Bool { self != .meanRateMSE && self != .membraneMSE }
}
