import Spindle
import SpindleJSON

/// A layer of neurons and the synapse that drives it, whose inputs are those of the layer below.
public struct LayerConfiguration: Sendable {
  /// Without its number of inputs, which is zero here.
  let synapse: Synapse
  /// LIF neurons or leaky integrators.
  let neurons: Layer
  /// N.
  let count: Int

  /// The two layers of a network.
  func layers(inputs: Int) -> [Layer] {
    var synapse = synapse
    synapse.inputs = inputs
    return [.synapse(synapse), neurons]
  }
}

extension Format where Value == LayerConfiguration {
  /// A layer of a network.
  static var layer: Format {
    .kinds([
      Kind(
        "lif", "Leaky integrate-and-fire neurons.",
        SynapseKey.all + NeuronKey.all + SpikingKey.all
      ) { object throws(DescriptionError) in
        let count = try object.read(NeuronKey.neurons)
        return LayerConfiguration(
          synapse: try readSynapse(object, outputs: count),
          neurons: .lif(try readLIF(object, count: count)), count: count)
      },
      Kind(
        "li", "Leaky integrators, which never fire: a readout, last in the network.",
        SynapseKey.all + NeuronKey.all
      ) { object throws(DescriptionError) in
        let count = try object.read(NeuronKey.neurons)
        return LayerConfiguration(
          synapse: try readSynapse(object, outputs: count),
          neurons: .li(try readLI(object, count: count)), count: count)
      },
    ])
  }

  private static func readSynapse(
    _ object: DescriptionObject, outputs: Int
  ) throws(DescriptionError) -> Synapse {
    Synapse(
      inputs: 0, outputs: outputs, weights: try object.read(SynapseKey.weights),
      bias: try object.read(SynapseKey.bias), dropout: try object.read(SynapseKey.dropout),
      trainsWeights: try object.read(SynapseKey.trainsWeights),
      trainsBias: try object.read(SynapseKey.trainsBias))
  }

  private static func readLI(
    _ object: DescriptionObject, count: Int
  ) throws(DescriptionError) -> LI {
    let synapticTau = try object.perNeuron(NeuronKey.synapticTau, count)
    return LI(
      neurons: count, tau: try object.perNeuron(NeuronKey.tau, count) ?? 0,
      synapticTau: synapticTau, learnsTau: try object.read(NeuronKey.learnsTau),
      learnsSynapticTau: try readLearnsSynapticTau(object, synapticTau))
  }

  private static func readLIF(
    _ object: DescriptionObject, count: Int
  ) throws(DescriptionError) -> LIF {
    let synapticTau = try object.perNeuron(NeuronKey.synapticTau, count)
    let learnsThreshold = try object.read(SpikingKey.learnsThreshold)
    let threshold = try object.read(SpikingKey.threshold)
    guard !learnsThreshold || threshold.values(1).allSatisfy({ $0 > 0 }) else {
      throw try object.value("threshold").refused(
        expected: "numbers above zero where \"learn_threshold\" is true")
    }
    let (reset, timing) = (
      try object.read(SpikingKey.reset), try object.read(SpikingKey.resetTiming)
    )
    let resetGradient = try object.read(SpikingKey.resetGradient)
    guard timing == .immediate || reset != .zero || resetGradient == .detached else {
      throw try object.value("reset_timing").refused(
        expected: "\"reset_gradient\": \"detached\" beside a delayed reset to zero",
        found: "attached")
    }
    return LIF(
      neurons: count, topology: try readTopology(object),
      tau: try object.perNeuron(NeuronKey.tau, count) ?? 0,
      threshold: try object.perNeuron(SpikingKey.threshold, count) ?? 0,
      reset: reset, resetGradient: resetGradient, resetTiming: timing,
      refractorySteps: try object.read(SpikingKey.refractorySteps),
      adaptation: try readAdaptation(object, count: count),
      surrogate: try object.read(SpikingKey.surrogate), synapticTau: synapticTau,
      learnsTau: try object.read(NeuronKey.learnsTau), learnsThreshold: learnsThreshold,
      learnsSynapticTau: try readLearnsSynapticTau(object, synapticTau),
      trainsRecurrentWeights: try object.read(SpikingKey.trainsRecurrentWeights))
  }

  private static func readLearnsSynapticTau(
    _ object: DescriptionObject, _ tau: PerNeuron?
  ) throws(DescriptionError) -> Bool {
    let learns = try object.read(NeuronKey.learnsSynapticTau)
    guard !learns || tau != nil else {
      throw try object.value("learn_synaptic_tau").refused(
        expected: "false without \"synaptic_tau\"")
    }
    return learns
  }

  private static func readAdaptation(
    _ object: DescriptionObject, count: Int
  ) throws(DescriptionError) -> Adaptation? {
    guard let members = try object.optional(SpikingKey.adaptation) else { return nil }
    return Adaptation(
      strength: try members.perNeuron(AdaptationKey.strength, count) ?? 0,
      tau: try members.perNeuron(AdaptationKey.tau, count) ?? 0,
      learnsStrength: try members.read(AdaptationKey.learnsStrength),
      learnsTau: try members.read(AdaptationKey.learnsTau))
  }

  private static func readTopology(
    _ object: DescriptionObject
  ) throws(DescriptionError) -> Topology {
    let weights = try object.optional(SpikingKey.recurrentWeights)
    switch try object.read(SpikingKey.topology) {
    case .rc: return .rc(weights: weights ?? .glorotUniform())
    case .oneToOne: return .oneToOne(weights: weights ?? .constant(0))
    case .ff:
      if weights != nil {
        throw try object.value("recurrent_weights").refused(
          expected: "no such key with topology \"FF\"", found: "one")
      }
      return .ff
    }
  }
}

extension DescriptionObject {
  /// The numbers of a key as the library takes them; nil where the key may be missing and is.
  fileprivate func perNeuron(
    _ key: Key<OneOrEach>, _ count: Int
  ) throws(DescriptionError) -> PerNeuron? {
    switch try numbers(key, count: count) {
    case .one(let value)?: .all(Float(value))
    case .each(let values)?: .each(values.map { Float($0) })
    case nil: nil
    }
  }
}
