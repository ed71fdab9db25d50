import SpindleJSON

extension Reset: JSONWritable {}
extension ResetGradient: JSONWritable {}
extension ResetTiming: JSONWritable {}
extension Topology: JSONWritable {}

extension Surrogate: JSONWritable {
  fileprivate static let kinds = Kind.allCases.map { kind in
    KindRow(
      kind.rawValue, "The form of h(x).",
      KeyTable(
        Surrogate(kind, slope: 1),
        [
          .init("slope", .number(.positive), "k, per unit of potential.", at: \.slope),
          .init(
            "peak", .number(.positive), "h(0), to which h is scaled; without it that of the kind.",
            at: \.peak),
          .init(
            "support", .number(.positive),
            "h(x) is 0 where |x| >= support; without it where that of the kind is.", at: \.support),
        ]),
      take: { $0.kind == kind ? $0 : nil }, make: { surrogate, _ in surrogate })
  }
  /// An object with its kind.
  public var json: JSONValue { Self.kinds.json(of: self) }
}

/// The keys of a layer: a row for each, in the order in which they are read.
enum LayerKeys {
  static let kinds: [KindRow<Layer>] = [
    KindRow(
      "lif", "Leaky integrate-and-fire neurons.",
      KeyTable(.lif(1), connection + neurons + spiking + hardware),
      take: { $0.neurons.spiking == nil ? nil : $0 }, make: checked),
    KindRow(
      "li", "Leaky integrators, which never fire: a readout, last in the network.",
      KeyTable(.li(1), connection + neurons + hardware),
      take: { $0.neurons.spiking == nil ? $0 : nil }, make: checked),
  ]

  /// How the layer is driven from below.
  private static let connection: [KeyRow<Layer>] = [
    .init("neurons", .count, "How many.", at: \.neurons.count, absence: .refused),
    .init(
      "weights", .initializer, "How the weights from the layer below begin.",
      at: \.connection.weights),
    .init(
      "bias", Format<Initializer?>.bias,
      "Whether each neuron has a bias, or how the biases begin.",
      write: { layer in
        layer.connection.bias.map { $0 == .constant(0) ? true : $0.json } ?? false
      }, set: { layer, bias, _ in layer.connection.bias = bias }),
    .init(
      "dropout", .number(NumberBounds(from: 0, below: 1)),
      "Probability with which a training step drops a unit of the layer below, through the whole "
        + "sequence.", at: \.connection.dropout),
    learns("train_weights", .weight, "Whether training changes the weights."),
    learns("train_bias", .bias, "Whether training changes the bias.") {
      $0.connection.bias != nil
    },
  ]

  /// What all neurons have.
  private static let neurons: [KeyRow<Layer>] = [
    .perNeuron(
      "tau", .positive, "Time constant of the membrane, in seconds; one, or one a neuron.",
      at: \.neurons.tau),
    .perNeuron(
      "synaptic_tau", .positive,
      "Time constant of the filter on the current, in seconds; one, or one a neuron; without it "
        + "there is no filter.", at: \.neurons.synapticTau),
    learns("learn_tau", .tau, "Whether training changes tau."),
    learns("learn_synaptic_tau", .synapticTau, "Whether training changes the synaptic tau.") {
      $0.neurons.synapticTau != nil
    },
  ]

  /// What makes neurons fire, and what their spikes do.
  private static let spiking: [KeyRow<Layer>] = [
    .init(
      "topology", .choice,
      "Feed-forward; recurrent; or each neuron's spikes back to itself alone.", at: \.topology),
    .init(
      "recurrent_weights", .initializer,
      "How the recurrent weights begin; unless given glorot_uniform, one to one 0.",
      at: \.recurrentWeights),
    learns(
      "train_recurrent_weights", .recurrentWeight,
      "Whether training changes the recurrent weights."
    ) { $0.topology != .ff },
    .perNeuron(
      "threshold", .any, "Potential above which a neuron fires; one, or one a neuron.",
      at: \.spiking.threshold),
    .init("reset", .choice, "What a spike does to the membrane.", at: \.spiking.reset),
    .init(
      "reset_gradient", .choice, "Whether the gradient passes through the reset.",
      at: \.spiking.resetGradient),
    .init(
      "reset_timing", .choice,
      "When a spike resets the membrane: in its own step, or one later as snnTorch does.",
      at: \.spiking.resetTiming),
    .init(
      "refractory_steps", .integer(0...Spiking.maximumRefractorySteps),
      "Steps after a spike in which the neuron does not fire.", at: \.spiking.refractorySteps),
    .init(
      "adaptation",
      "A threshold that rises with the neuron's own spikes (ALIF; Bellec et al. 2018).",
      KeyTable(.lif(1), adaptation), applies: { $0.neurons.spiking?.adaptation != nil }),
    .init(
      "surrogate", .kinds(Surrogate.kinds), "What stands for the spike's derivative.",
      at: \.spiking.surrogate),
    learns("learn_threshold", .threshold, "Whether training changes the threshold."),
  ]

  /// The chip that the layer is trained for.
  private static let hardware: [KeyRow<Layer>] = [
    .init(
      "hardware", HardwareKeys.format,
      "The chip that the layer is trained for: a preset's name, or an object of keys.",
      at: \.hardware, absence: .nothing, applies: { $0.hardware != .ideal })
  ]

  /// An adaptive threshold.
  private static let adaptation: [KeyRow<Layer>] = [
    .perNeuron(
      "strength", .any,
      "By how much the threshold of a neuron that always fires rises; one, or one a neuron.",
      at: \.adaptation.strength, absence: .refused),
    .perNeuron(
      "tau", .positive, "Time constant of the adaptation, in seconds; one, or one a neuron.",
      at: \.adaptation.tau, absence: .refused),
    learns("learn_strength", .adaptationStrength, "Whether training changes the strength."),
    learns("learn_tau", .adaptationTau, "Whether training changes tau."),
  ]

  private static func learns(
    _ name: String, _ role: Role, _ help: String,
    applies: @escaping @Sendable (Layer) -> Bool = { _ in true }
  ) -> KeyRow<Layer> {
    .init(name, .flag, help, at: \Layer.[learns: role], applies: applies)
  }
}

extension LayerKeys {
  /// Refuses a key that the description would forget; the rest is left to its own check.
  @Sendable private static func checked(
    _ layer: Layer, _ object: DescriptionObject
  ) throws(DescriptionError) -> Layer {
    if layer.topology == .ff, let value = object.optional("recurrent_weights") {
      throw value.refused(expected: "no such key with topology \"FF\"", found: "one")
    }
    return layer
  }
}

extension Layer: JSONWritable {
  /// The keys of a layer, as a network's JSON has them.
  public static var format: Format<Layer> { .kinds(LayerKeys.kinds) }
  /// The canonical JSON: every key that applies.
  public var json: JSONValue { LayerKeys.kinds.json(of: self) }
}

/// Places of a layer as the table of keys wants them, one path for each.
extension Layer {
  fileprivate var spiking: Spiking {
    get { neurons.spiking ?? .init() }
    set { neurons.spiking = newValue }
  }

  fileprivate var adaptation: Adaptation {
    get { spiking.adaptation ?? Adaptation(strength: 0, tau: 0) }
    set { spiking.adaptation = newValue }
  }

  fileprivate var topology: Topology {
    get { recurrence.topology }
    set {
      switch newValue {
      case .ff: recurrence = .ff
      case .rc: recurrence = .rc()
      case .oneToOne: recurrence = .oneToOne()
      }
    }
  }

  fileprivate var recurrentWeights: Initializer? {
    get { recurrence.weights }
    set {
      guard let newValue else { return }
      switch topology {
      case .ff: break
      case .rc: recurrence = .rc(newValue)
      case .oneToOne: recurrence = .oneToOne(newValue)
      }
    }
  }

  fileprivate subscript(learns role: Role) -> Bool {
    get { learned.contains(role) }
    set { if newValue { learned.insert(role) } else { learned.remove(role) } }
  }
}
