import SpindleJSON

/// The keys of a layer's `hardware`: a row for each, in the order in which they are read. A preset
/// comes first, and other keys change it.
enum HardwareKeys {
  /// A preset's name alone, or an object of keys.
  static let format: Format<Hardware> = .either(
    Format<HardwarePreset>.choice, where: { if case .string = $0 { true } else { false } },
    as: { $0.hardware }, or: table.format())

  static let table = KeyTable(
    Hardware.ideal,
    [
      .init(
        "preset", Format<HardwarePreset>.choice,
        "A chip of published figures, which the other keys change.", absence: .nothing,
        set: { hardware, preset, _ in hardware = preset.hardware }),
      .init(
        "quantize", Quantization.format, "The grid of the weights.", absence: .nothing,
        write: { $0.quantization?.json },
        set: { hardware, value, _ in hardware.quantization = value }),
      .init(
        "mismatch", "How much chips differ: spreads of the proportion, drawn anew for each batch.",
        KeyTable(.ideal, mismatch), applies: { $0.mismatch != .init() }),
      .init(
        "floor", .number(NumberBounds(to: 0)), "The least membrane, 0 or below.", at: \.floor),
      .init(
        "input_signs", SourceSigns.format,
        "Signs of the weights of each unit of the layer below: the fraction that is excitatory, or "
          + "a list of 1, -1 and 0 for any.", absence: .nothing, write: { $0.inputSigns?.json },
        set: { hardware, value, _ in hardware.inputSigns = value }),
      .init(
        "recurrent_signs", SourceSigns.format, "The same of the recurrent weights.",
        absence: .nothing, write: { $0.recurrentSigns?.json },
        set: { hardware, value, _ in hardware.recurrentSigns = value }),
      .init(
        "input_mask", ConnectionMask.format,
        "Which connections from the layer below there are: a density, or a row of 0 and 1 for each "
          + "source.", absence: .nothing, write: { $0.inputMask?.json },
        set: { hardware, value, _ in hardware.inputMask = value }),
      .init(
        "recurrent_mask", ConnectionMask.format, "The same of recurrent connections.",
        absence: .nothing, write: { $0.recurrentMask?.json },
        set: { hardware, value, _ in hardware.recurrentMask = value }),
      .init(
        "magnitude_penalty",
        "Adds to the loss strength times the mean of max(0, |w| - limit)^2.",
        KeyTable(.ideal, magnitude), applies: { $0.magnitudePenalty != nil }),
      .init(
        "sign_penalty",
        "Adds to the loss strength times the mean over the weights of (sum|w| - |sum w|) over groups "
          + "of consecutive sources of a target.",
        KeyTable(.ideal, sign), applies: { $0.signPenalty != nil }),
      .init(
        "energy", "What the chip's work costs.", KeyTable(.ideal, energy),
        applies: { $0.energy != nil }),
    ])

  private static let mismatch: [KeyRow<Hardware>] = [
    spread("weights", "Of each weight.", \.mismatch.weights),
    spread("tau", "Of each membrane time constant.", \.mismatch.tau),
    spread("synaptic_tau", "Of each time constant of a filter.", \.mismatch.synapticTau),
    spread("threshold", "Of each threshold.", \.mismatch.threshold),
  ]

  private static func spread(
    _ name: String, _ help: String, _ path: any WritableKeyPath<Hardware, Double> & Sendable
  ) -> KeyRow<Hardware> {
    .init(name, .number(NumberBounds(from: 0, to: Mismatch.largest)), help, at: path)
  }

  private static let magnitude: [KeyRow<Hardware>] = [
    .init(
      "strength", .number(.notNegative), "How much it counts.", at: \.magnitude.strength,
      absence: .refused),
    .init(
      "limit", .number(.notNegative), "What a weight may be.", at: \.magnitude.limit,
      absence: .refused),
  ]

  private static let sign: [KeyRow<Hardware>] = [
    .init(
      "strength", .number(.notNegative), "How much it counts.", at: \.sign.strength,
      absence: .refused),
    .init("group", .count, "Sources of a group.", at: \.sign.group),
  ]

  private static let energy: [KeyRow<Hardware>] = [
    .init(
      "synaptic_operation", .number(.notNegative),
      "A spike's way through one weight that is not 0, in joules.", at: \.costs.synapticOperation),
    .init(
      "neuron_step", .number(.notNegative), "One step of one neuron, in joules.",
      at: \.costs.neuronStep),
    .init("spike", .number(.notNegative), "A spike, in joules.", at: \.costs.spike),
    .init(
      "power", .number(.notNegative), "What is drawn all the time, in watts.", at: \.costs.power),
  ]
}

/// Places of a chip as the table of keys wants them, one path for each.
extension Hardware {
  fileprivate var magnitude: MagnitudePenalty {
    get { magnitudePenalty ?? MagnitudePenalty(strength: 0, limit: 0) }
    set { magnitudePenalty = newValue }
  }
  fileprivate var sign: SignPenalty {
    get { signPenalty ?? SignPenalty(strength: 0) }
    set { signPenalty = newValue }
  }
  fileprivate var costs: EnergyCosts {
    get { energy ?? EnergyCosts() }
    set { energy = newValue }
  }
}

extension Hardware: JSONWritable {
  /// An object of every key that applies; presets are written out.
  public var json: JSONValue { .object(HardwareKeys.table.members(of: self)) }
}

extension Quantization: JSONWritable {
  /// An object of its keys.
  public var json: JSONValue { .object(Self.table.members(of: self)) }

  static let format: Format<Quantization> = table.format {
    grid, object throws(DescriptionError) in
    if case .range = grid.scale { return }
    if let range = object.optional("range") {
      throw range.refused(expected: "no such key but with scale \"range\"", found: "one")
    }
  }

  private static let table = KeyTable(
    Quantization(bits: 8),
    [
      .init(
        "bits", .integer(possibleBits), "Of a weight.", at: \.bits, absence: .refused),
      .init(
        "range", .number(.positive), "The largest weight, with scale \"range\".",
        absence: .nothing,
        write: { if case .range(let range) = $0.scale { range.json } else { nil } },
        set: { grid, range, _ in grid.scale = .range(range) }),
      .init(
        "scale", Format<ScaleName>.choice,
        "What the grid's step is made of: a fixed range, or the largest weight of the layer or of "
          + "each neuron. Unless given neuron, with a range range.", absence: .nothing,
        write: { .string($0.scale.name.rawValue) },
        set: { grid, name, value throws(DescriptionError) in
          switch (name, grid.scale) {
          case (.range, .range): break
          case (.range, _):
            throw value.refused(expected: "a scale other than \"range\", or a key \"range\"")
          case (.tensor, _): grid.scale = .tensor
          case (.neuron, _): grid.scale = .neuron
          }
        }),
      .init(
        "power_of_two", .flag, "Whether the step is rounded up to a power of two.",
        at: \.isPowerOfTwo),
      .init("bias", .flag, "Whether the bias lies on the grid, too.", at: \.includesBias),
    ])
}

/// How JSON names what a grid's step is made of.
enum ScaleName: String, Sendable, CaseIterable {
  case range
  case tensor
  case neuron
}

extension Quantization.Scale {
  var name: ScaleName {
    switch self {
    case .range: .range
    case .tensor: .tensor
    case .neuron: .neuron
    }
  }
}

extension SourceSigns: JSONWritable {
  /// A fraction, or a list.
  public var json: JSONValue {
    switch self {
    case .each(let signs): signs.json
    case .excitatory(let fraction): fraction.json
    }
  }

  static let format: Format<SourceSigns> = .either(
    Format<Double>.number(.fraction), where: { if case .number = $0 { true } else { false } },
    as: { .excitatory($0) },
    or: Format<[Int]>.list(of: .integer(-1...1), atLeast: 1).map { .each($0) })
}

extension ConnectionMask: JSONWritable {
  /// An object of density and seed, or a list of rows.
  public var json: JSONValue {
    switch self {
    case .each(let rows): rows.json
    case .random(let density, let seed): .object(["density": density.json, "seed": seed.json])
    }
  }

  static let format: Format<ConnectionMask> = .either(
    random.format(), where: { if case .object = $0 { true } else { false } },
    as: { .random(density: $0.density, seed: $0.seed) },
    or: Format<[[Int]]>.list(
      of: Format<[Int]>.list(of: .integer(0...1), atLeast: 1), atLeast: 1
    ).map { .each($0) })

  private static let random = KeyTable(
    RandomMask(density: 1, seed: 0),
    [
      .init(
        "density", .number(.fraction), "Probability of a connection.", at: \.density,
        absence: .refused),
      .init("seed", .seed, "What the connections are drawn from.", at: \.seed),
    ])
}

/// The keys of a mask that is drawn.
struct RandomMask: Sendable {
  var density: Double
  var seed: UInt64
}
