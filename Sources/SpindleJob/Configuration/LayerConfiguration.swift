import Safetensors
import Spindle
import SpindleDescription

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
      bias: try object.read(SynapseKey.bias),
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
    return LIF(
      neurons: count, topology: try readTopology(object),
      tau: try object.perNeuron(NeuronKey.tau, count) ?? 0,
      threshold: try object.perNeuron(SpikingKey.threshold, count) ?? 0,
      reset: try object.read(SpikingKey.reset),
      resetGradient: try object.read(SpikingKey.resetGradient),
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

/// Whether and how a layer's spikes come back to it.
private enum TopologyName: String, Sendable, CaseIterable {
  case ff = "FF"
  case rc = "RC"
  case oneToOne = "one_to_one"
}

/// Keys of the synapse below a layer.
private enum SynapseKey {
  static let weights = Key(
    "weights", Format<Initializer>.initializer, "How the weights from the layer below begin.",
    absence: .means("kaiming_uniform"))
  static let bias = Key(
    "bias",
    Format<Initializer?>.either(
      .flag, where: { if case .bool = $0 { true } else { false } },
      as: { $0 ? Initializer.constant(0) : nil },
      or: Format<Initializer>.initializer.map { $0 }),
    "Whether each neuron has a bias, or how the biases begin.", absence: .means(false))
  static let trainsWeights = Key(
    "train_weights", .flag, "Whether training changes the weights.", absence: .means(true))
  static let trainsBias = Key(
    "train_bias", .flag, "Whether training changes the bias.", absence: .means(true))
  static let all: [any KeyDescription] = [weights, bias, trainsWeights, trainsBias]
}

/// Keys of all neurons.
private enum NeuronKey {
  static let neurons = Key("neurons", .count, "How many.", absence: .refused)
  static let tau = Key(
    "tau", .numbers(.positive), "Time constant of the membrane, in seconds; one, or one a neuron.",
    absence: .means(0.01))
  static let synapticTau = Key(
    "synaptic_tau", .numbers(.positive),
    "Time constant of the filter on the current, in seconds; one, or one a neuron; without it there "
      + "is no filter.")
  static let learnsTau = Key(
    "learn_tau", .flag, "Whether training changes tau.", absence: .means(false))
  static let learnsSynapticTau = Key(
    "learn_synaptic_tau", .flag, "Whether training changes the synaptic tau.",
    absence: .means(false))
  static let all: [any KeyDescription] = [
    neurons, tau, synapticTau, learnsTau, learnsSynapticTau,
  ]
}

/// Keys of LIF neurons.
private enum SpikingKey {
  static let topology = Key(
    "topology", Format<TopologyName>.choice,
    "Feed-forward; recurrent; or each neuron's spikes back to itself alone.",
    absence: .means("FF"))
  static let recurrentWeights = Key(
    "recurrent_weights", Format<Initializer>.initializer,
    "How the recurrent weights begin; unless given glorot_uniform, one to one 0.")
  static let trainsRecurrentWeights = Key(
    "train_recurrent_weights", .flag, "Whether training changes the recurrent weights.",
    absence: .means(true))
  static let threshold = Key(
    "threshold", .numbers(.any), "Potential above which a neuron fires; one, or one a neuron.",
    absence: .means(1))
  static let reset = Key(
    "reset", Format<Reset>.choice, "What a spike does to the membrane.",
    absence: .means("subtraction"))
  static let resetGradient = Key(
    "reset_gradient", Format<ResetGradient>.choice,
    "Whether the gradient passes through the reset.", absence: .means("attached"))
  static let surrogate = Key(
    "surrogate", Format<Surrogate>.surrogate, "What stands for the spike's derivative.",
    absence: .means("fast_sigmoid"))
  static let learnsThreshold = Key(
    "learn_threshold", .flag, "Whether training changes the threshold.", absence: .means(false))
  static let all: [any KeyDescription] = [
    topology, recurrentWeights, trainsRecurrentWeights, threshold, reset, resetGradient, surrogate,
    learnsThreshold,
  ]
}

extension Format where Value == Surrogate {
  /// What stands for a spike's derivative.
  static var surrogate: Format {
    let slope = Key(
      "slope", Format<Float>.float(.positive), "k, per unit of potential.", absence: .means(1))
    return .kinds(
      Surrogate.Kind.allCases.map { kind in
        Kind(kind.rawValue, "The form of h(x).", [slope]) { object throws(DescriptionError) in
          Surrogate(kind: kind, slope: try object.read(slope))
        }
      })
  }
}
