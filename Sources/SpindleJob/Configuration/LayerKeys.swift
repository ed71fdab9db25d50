import Spindle
import SpindleJSON

/// Whether and how a layer's spikes come back to it.
enum TopologyName: String, Sendable, CaseIterable {
  case ff = "FF"
  case rc = "RC"
  case oneToOne = "one_to_one"
}

/// Keys of the synapse below a layer.
enum SynapseKey {
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
  static let dropout = Key(
    "dropout", Format<Float>.float(NumberBounds(from: 0, below: 1)),
    "Probability with which a training step drops a unit of the layer below, through the whole "
      + "sequence.", absence: .means(0))
  static let all: [any KeyDescription] = [weights, bias, dropout, trainsWeights, trainsBias]
}

/// Keys of all neurons.
enum NeuronKey {
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
enum SpikingKey {
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
  static let resetTiming = Key(
    "reset_timing", Format<ResetTiming>.choice,
    "When a spike resets the membrane: in its own step, or one later as snnTorch does.",
    absence: .means("immediate"))
  static let refractorySteps = Key(
    "refractory_steps", Format<Int>.integer(0...1 << 20),
    "Steps after a spike in which the neuron does not fire.", absence: .means(0))
  static let adaptation = Key(
    "adaptation", Format<DescriptionObject>.object(AdaptationKey.all) { $0 },
    "A threshold that rises with the neuron's own spikes (ALIF; Bellec et al. 2018).")
  static let learnsThreshold = Key(
    "learn_threshold", .flag, "Whether training changes the threshold.", absence: .means(false))
  static let all: [any KeyDescription] = [
    topology, recurrentWeights, trainsRecurrentWeights, threshold, reset, resetGradient,
    resetTiming, refractorySteps, adaptation, surrogate,
    learnsThreshold,
  ]
}

/// Keys of an adaptive threshold.
enum AdaptationKey {
  static let strength = Key(
    "strength", .numbers(.any),
    "By how much the threshold of a neuron that always fires rises; one, or one a neuron.",
    absence: .refused)
  static let tau = Key(
    "tau", .numbers(.positive),
    "Time constant of the adaptation, in seconds; one, or one a neuron.", absence: .refused)
  static let learnsStrength = Key(
    "learn_strength", .flag, "Whether training changes the strength.", absence: .means(false))
  static let learnsTau = Key(
    "learn_tau", .flag, "Whether training changes tau.", absence: .means(false))
  static let all: [any KeyDescription] = [strength, tau, learnsStrength, learnsTau]
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
