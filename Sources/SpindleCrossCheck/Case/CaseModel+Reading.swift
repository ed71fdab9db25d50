import Spindle
import SpindleJSON

extension CaseModel {
  /// How errors name the outermost object.
  static let place = "spindle.case"

  /// Reads the JSON text of a case. Every key and value that the format does not know is an error.
  ///
  /// - Throws: the case of ``CaseError`` for the first fault found.
  public init(parsing text: String) throws(CaseError) {
    do throws(DescriptionError) {
      try self.init(describedBy: text)
    } catch {
      throw .description(error)
    }
    try checkOrder()
    guard !loss.readsSpikes || readout?.spiking != nil else { throw .lossNeedsSpikes(loss) }
  }

  private init(describedBy text: String) throws(DescriptionError) {
    let object = try DescriptionValue(parsing: text, root: Self.place).object()
    // Of another version nothing else can be said.
    _ = try object.value("format").text(allowed: [Self.format])
    try object.allow(["format", "time_step", "layers", "loss"])
    timeStep = try object.value("time_step").number(.positive)
    var layers: [CaseLayer] = []
    for layer in try object.value("layers").list() {
      layers.append(try Self.readLayer(try layer.object()))
    }
    self.layers = layers
    loss = try object.value("loss").object(allowing: ["kind"]).value("kind").choice(CaseLoss.self)
  }

  private static func readLayer(
    _ object: DescriptionObject
  ) throws(DescriptionError) -> CaseLayer {
    switch try object.value("kind").text(allowed: ["synapse", "lif", "li"]) {
    case "synapse":
      try object.allow(["kind", "inputs", "outputs", "bias"])
      return .synapse(
        CaseSynapse(
          inputs: try size(object, "inputs"), outputs: try size(object, "outputs"),
          bias: try object.flag("bias")))
    case "lif":
      try object.allow([
        "kind", "neurons", "tau", "threshold", "reset", "reset_gradient", "topology", "surrogate",
        "synaptic_tau", "learn_tau", "learn_threshold", "learn_synaptic_tau", "reset_timing",
        "refractory_steps", "adaptation",
      ])
      return .neurons(try readNeurons(object, spiking: try readSpiking(object)))
    default:
      try object.allow([
        "kind", "neurons", "tau", "synaptic_tau", "learn_tau", "learn_synaptic_tau",
      ])
      return .neurons(try readNeurons(object, spiking: nil))
    }
  }

  /// A number of inputs, outputs or neurons.
  private static func size(
    _ object: DescriptionObject, _ key: String
  ) throws(DescriptionError) -> Int {
    try object.value(key).integer(1...largestSize)
  }

  private static func readNeurons(
    _ object: DescriptionObject, spiking: CaseSpiking?
  ) throws(DescriptionError) -> CaseNeurons {
    let count = try size(object, "neurons")
    let synapticTau = try object.optional("synaptic_tau")?.numbers(count: count, .positive)
    let learnsSynapticTau = try object.flag("learn_synaptic_tau")
    if learnsSynapticTau { _ = try object.value("synaptic_tau") }
    return CaseNeurons(
      neurons: count, tau: try object.value("tau").numbers(count: count, .positive),
      synapticTau: synapticTau, learnsTau: try object.flag("learn_tau"),
      learnsSynapticTau: learnsSynapticTau, spiking: spiking)
  }

  private static func readSpiking(
    _ object: DescriptionObject
  ) throws(DescriptionError) -> CaseSpiking {
    let surrogate = try object.value("surrogate").object(allowing: ["kind", "slope"])
    return CaseSpiking(
      threshold: try object.value("threshold").numbers(
        count: try size(object, "neurons"), .any),
      learnsThreshold: try object.flag("learn_threshold"),
      reset: try object.value("reset").choice(Reset.self),
      resetGradient: try object.optional("reset_gradient")?.choice(ResetGradient.self)
        ?? .attached,
      resetTiming: try object.optional("reset_timing")?.choice(ResetTiming.self) ?? .immediate,
      refractorySteps: try object.optional("refractory_steps")?.integer(0...largestRefractory)
        ?? 0,
      adaptation: try readAdaptation(object),
      topology: try object.value("topology").choice(CaseTopology.self),
      surrogate: try surrogate.value("kind").choice(Surrogate.Kind.self),
      slope: try surrogate.value("slope").number(.positive))
  }

  private static func readAdaptation(
    _ object: DescriptionObject
  ) throws(DescriptionError) -> CaseAdaptation? {
    guard
      let adaptation = try object.optional("adaptation")?.object(
        allowing: ["strength", "tau", "learn_strength", "learn_tau"])
    else { return nil }
    let count = try size(object, "neurons")
    return CaseAdaptation(
      strength: try adaptation.value("strength").numbers(count: count, .any),
      tau: try adaptation.value("tau").numbers(count: count, .positive),
      learnsStrength: try adaptation.flag("learn_strength"),
      learnsTau: try adaptation.flag("learn_tau"))
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
