import Spindle
import SpindleReference

/// A random network with its input and target, for the engine and for the Double oracle. A small
/// one, or a plain one, has only the options of the lanes layout.
struct RandomCase: Sendable {
  let seed: UInt64
  let network: Network
  let input: Input
  let inputValues: [Float]
  let batch: Int
  let steps: Int
  let loss: Loss
  let target: Target
  let penalties: [RatePenalty]
  /// The steps of each sample; nil where all have T.
  let lengths: [Int]?

  /// Sizes around multiples of the vector's 16 lanes and of a spike word's 32 bits.
  static let sizes = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 64, 65, 100]

  /// Of the surrogates.
  static let largestSlope = 4.0

  init(
    seed: UInt64, small: Bool = false, plain: Bool = false, size: (batch: Int, steps: Int)? = nil,
    hasLengths: Bool = false
  ) throws {
    let plain = plain || small
    var random = SplitMix(seed: seed)
    let sizes = small ? [1, 2, 3, 5, 8, 15, 16] : Self.sizes
    let depth = random.pick([1, 1, 2, 3])
    let endsInIntegrators = random.flag(0.3)
    var layers: [Layer] = []
    var width = random.pick(sizes)
    let inputs = width
    for index in 0..<depth {
      let neurons = random.pick(sizes)
      let bias: Initializer? = random.flag() ? .normal(mean: 0.05, standardDeviation: 0.1) : nil
      // About one in ten of the inputs below is active: currents near the threshold of 1.
      let scale = Double(1.5 / (0.2 * Float(width)).squareRoot())
      let connection = Connection(
        weights: .normal(mean: Double(0.2 * Float(scale)), standardDeviation: scale), bias: bias)
      var learned = Set<Role>()
      if random.flag(0.8) { learned.insert(.weight) }
      if random.flag(0.8) { learned.insert(.bias) }
      var layer =
        index == depth - 1 && endsInIntegrators
        ? Self.integrators(neurons, plain, &random) : Self.spiking(neurons, plain, &random)
      layer.connection = connection
      layer.learned.formUnion(learned)
      layers.append(layer)
      width = neurons
    }
    // By numbers of their own, so that the rest of a case is what it was.
    var cuts = SplitMix(seed: seed ^ 0x5eed)
    for index in layers.indices { Self.cut(&layers[index], &cuts) }
    self.seed = seed
    network = try Network(timeStep: 1e-3, inputs: inputs, layers: layers, seed: seed)
    batch =
      size?.batch ?? random.pick(small ? [8, 15, 16, 17, 33] : [1, 2, 3, 15, 16, 17, 40])
    steps = size?.steps ?? random.pick([1, 2, 3, 10, 21])
    let isAnalog = random.flag(0.3)
    let density = random.pick([0.05, 0.3, 0.8])
    inputValues = (0..<batch * steps * inputs).map { _ in
      isAnalog ? random.float(-1...1) : random.flag(density) ? 1 : 0
    }
    let whole = try Input(inputValues, batch: batch, steps: steps, units: inputs)
    let recall = Loss.recallCrossEntropy(firstStep: steps / 3, answerSteps: (steps + 1) / 2)
    let choices: [Loss] =
      endsInIntegrators
      ? [.maxMembraneCrossEntropy, .meanMembraneCrossEntropy, .membraneMSE, recall]
      : Loss.named + [.vanRossum(tau: 0.004), recall]
    loss = random.pick(choices)
    target = try Self.target(loss, batch, steps, width, &random)
    penalties = Self.penalties(network, &random)
    guard hasLengths else {
      (lengths, input) = (nil, whole)
      return
    }
    let shortest = (steps + 1) / 2
    let longest = steps
    let lengths = (0..<batch).map { _ in Int.random(in: shortest...longest, using: &random) }
    self.lengths = lengths
    input = try whole.with(lengths: lengths)
  }

  /// Up to three penalties, of all spiking layers or of one.
  private static func penalties(_ network: Network, _ random: inout SplitMix) -> [RatePenalty] {
    let spiking = network.layers.count { $0.neurons.spiking != nil }
    guard spiking > 0, random.flag() else { return [] }
    return (0..<random.pick([1, 1, 2, 3])).map { _ in
      let strength = random.float(0.1...3)
      let layer = random.flag() ? nil : Int.random(in: 0..<spiking, using: &random)
      return switch random.pick([0, 1, 2, 3]) {
      case 0: .l1(strength: strength, layer: layer)
      case 1: .l2(strength: strength, layer: layer)
      case 2: .lowerBound(random.float(0...1), strength: strength, layer: layer)
      default: .upperBound(random.float(0...0.5), strength: strength, layer: layer)
      }
    }
  }

  private static func integrators(
    _ neurons: Int, _ plain: Bool, _ random: inout SplitMix
  ) -> Layer {
    let synapticTau: PerNeuron? = random.flag() ? tau(neurons, &random) : nil
    var layer = Layer.li(
      neurons, tau: tau(neurons, &random), synapticTau: synapticTau, learned: [])
    if random.flag() { layer.learned.insert(.tau) }
    if synapticTau != nil && !plain && random.flag() { layer.learned.insert(.synapticTau) }
    return layer
  }

  private static func spiking(
    _ neurons: Int, _ plain: Bool, _ random: inout SplitMix
  ) -> Layer {
    var (layer, spiking) = plainLIF(neurons, &random)
    guard !plain, random.flag(0.7) else { return layer.with(spiking) }
    if random.flag(0.3) {
      layer.recurrence = .oneToOne(.normal(mean: 0, standardDeviation: 0.5))
    }
    if layer.neurons.synapticTau != nil && random.flag() { layer.learned.insert(.synapticTau) }
    spiking.refractorySteps = random.pick([0, 0, 1, 2, 7])
    if random.flag(0.4), spiking.reset != .zero || spiking.resetGradient == .detached {
      spiking.resetTiming = .delayed
    }
    if random.flag(0.4) {
      spiking.adaptation = Adaptation(
        strength: .each((0..<neurons).map { _ in Double(random.float(-0.3...1)) }),
        tau: random.flag() ? 0.02 : tau(neurons, &random))
      if random.flag() { layer.learned.insert(.adaptationStrength) }
      if random.flag() { layer.learned.insert(.adaptationTau) }
    }
    return layer.with(spiking)
  }

  private static func plainLIF(
    _ neurons: Int, _ random: inout SplitMix
  ) -> (layer: Layer, spiking: Spiking) {
    let recurrence: Recurrence =
      random.flag()
      ? .rc(.normal(mean: 0, standardDeviation: Double(0.5 / Float(neurons).squareRoot()))) : .ff
    let tau = tau(neurons, &random)
    let spiking = Spiking(
      threshold: random.flag()
        ? 1 : .each((0..<neurons).map { _ in Double(random.float(0.5...1.5)) }),
      reset: random.pick(Reset.allCases), resetGradient: random.pick(ResetGradient.allCases),
      surrogate: Surrogate(
        random.pick(Surrogate.Kind.allCases),
        slope: Double(random.float(0.5...Float(largestSlope)))))
    var layer = Layer.lif(
      neurons, tau: tau, synapticTau: random.flag(0.4) ? Self.tau(neurons, &random) : nil,
      recurrence: recurrence, learned: [])
    if random.flag() { layer.learned.insert(.tau) }
    if random.flag() { layer.learned.insert(.threshold) }
    if random.flag(0.8) { layer.learned.insert(.recurrentWeight) }
    return (layer, spiking)
  }

  /// Gives about half of the surrogates a peak, and half of them a support, of any kind.
  private static func cut(_ layer: inout Layer, _ random: inout SplitMix) {
    guard var spiking = layer.neurons.spiking else { return }
    if random.flag() { spiking.surrogate.peak = Double(random.float(0.2...1.5)) }
    if random.flag() { spiking.surrogate.support = Double(random.float(0.2...2)) }
    layer = layer.with(spiking)
  }

  private static func tau(_ neurons: Int, _ random: inout SplitMix) -> PerNeuron {
    random.flag() ? 0.01 : .each((0..<neurons).map { _ in Double(random.float(0.002...0.02)) })
  }

  private static func target(
    _ loss: Loss, _ batch: Int, _ steps: Int, _ neurons: Int, _ random: inout SplitMix
  ) throws -> Target {
    switch loss {
    case .meanRateMSE:
      let values = (0..<steps * neurons).map { _ in random.float(0...1) }
      return .values(try Tensor(shape: [steps, neurons], values: values))
    case .spikeCountMSE, .firingRateMSE:
      let isShared = loss == .firingRateMSE && random.flag()
      let shape = isShared ? [neurons] : [batch, neurons]
      let largest: Float = loss == .spikeCountMSE ? Float(steps) : 1
      let values = (0..<shape.reduce(1, *)).map { _ in random.float(0...largest) }
      return .values(try Tensor(shape: shape, values: values))
    case .vanRossum:
      let values = (0..<batch * steps * neurons).map { _ -> Float in random.flag(0.3) ? 1 : 0 }
      return .values(try Tensor(shape: [batch, steps, neurons], values: values))
    case .membraneMSE:
      let values = (0..<batch * steps * neurons).map { _ in random.float(-1...1) }
      return .values(try Tensor(shape: [batch, steps, neurons], values: values))
    default:
      return .classes((0..<batch).map { _ in Int32.random(in: 0..<Int32(neurons), using: &random) })
    }
  }
}

extension RandomCase {
  /// One step of the same network by the oracle, with the spikes of the engine [B, T, N] of each
  /// layer; nil for integrators.
  func oracle(spikes: [[Double]?]) throws -> ReferenceStep<Double> {
    try Reference(network).run(
      input: inputValues.map(Double.init), batch: batch, steps: steps, lengths: lengths,
      spikes: .forced(spikes)
    ).step(loss: loss, target: target, penalties: penalties)
  }
}

extension Network {
  func doubles(_ name: String) throws -> [Double] { try floats(name).map(Double.init) }

  func floats(_ name: String) throws -> [Float] {
    let span = try values(of: name)
    return span.indices.map { span[$0] }
  }
}

extension Layer {
  /// The same layer of neurons that fire otherwise.
  func with(_ spiking: Spiking) -> Layer {
    var copy = self
    copy.neurons.spiking = spiking
    return copy
  }
}
