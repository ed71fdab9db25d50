import Spindle
import SpindleReference
import TestSupport

extension SplitMix64 {
  mutating func uniform(_ count: Int, in range: ClosedRange<Double>) -> [Double] {
    (0..<count).map { _ in Double.random(in: range, using: &self) }
  }

  /// 0 or 1.
  mutating func spikes(_ count: Int, probability: Double) -> [Double] {
    (0..<count).map { _ in Double.random(in: 0..<1, using: &self) < probability ? 1 : 0 }
  }
}

/// A small network under test, of two layers.
struct Sample {
  static let (batch, steps, inputs, hidden, outputs) = (3, 7, 5, 9, 4)

  var surrogate: Surrogate.Kind = .fastSigmoid
  var reset: Reset = .subtraction
  var resetGradient: ResetGradient = .attached
  var topology: Topology = .rc
  var resetTiming: ResetTiming = .immediate
  var refractorySteps = 0
  var isAdaptive = false
  var isFiltered = false
  /// Factors of the input [B,I] and of the hidden layer's spikes, or none.
  var inputFactors: [[Double]?] = []
  var endsInIntegrator = false
  var seed: UInt64 = 1

  /// The network without its parameters' values.
  var description: NetworkDescription {
    func layer(_ count: Int, isIntegrator: Bool) -> Layer {
      let recurrence: Recurrence =
        switch topology {
        case .ff: .ff
        case .rc: .rc()
        case .oneToOne: .oneToOne()
        }
      let spiking = Spiking(
        reset: reset, resetGradient: resetGradient, resetTiming: resetTiming,
        refractorySteps: refractorySteps,
        adaptation: isAdaptive ? Adaptation(strength: 0, tau: 1) : nil,
        surrogate: Surrogate(surrogate, slope: 1.3))
      return Layer(
        Neurons(
          count: count, synapticTau: isFiltered ? 1 : nil, spiking: isIntegrator ? nil : spiking),
        recurrence: isIntegrator ? .ff : recurrence, connection: Connection(bias: .constant(0)))
    }
    return NetworkDescription(
      inputs: Self.inputs,
      layers: [
        layer(Self.hidden, isIntegrator: false),
        layer(Self.outputs, isIntegrator: endsInIntegrator),
      ])
  }

  /// Parameters by name; what a finite difference varies.
  func parameters() throws -> [String: [Double]] {
    var random = SplitMix64(seed: seed)
    var values: [String: [Double]] = [:]
    for parameter in try description.parameters {
      let range: ClosedRange<Double> =
        switch parameter.role {
        case .weight: parameter.layer == 0 ? -0.4...0.9 : -0.3...0.6
        case .bias: -0.1...0.3
        case .recurrentWeight: parameter.layer == 0 ? -0.2...0.2 : -0.4...0.4
        case .tau: 0.004...0.02
        case .synapticTau: 0.002...0.008
        case .threshold: 0.7...1.2
        case .adaptationStrength: -0.2...0.8
        case .adaptationTau: 0.003...0.03
        }
      values[parameter.name] = random.uniform(parameter.shape.reduce(1, *), in: range)
    }
    return values
  }

  /// With the given parameters.
  func network(_ parameters: [String: [Double]]) throws -> Reference<Double> {
    try Reference(description, parameters: parameters)
  }

  /// Half spikes, half analog values.
  func input(batch: Int = Sample.batch) -> [Double] {
    var random = SplitMix64(seed: seed &+ 1000)
    let count = batch * Self.steps * Self.inputs
    let values = random.uniform(count, in: -0.5...1.5)
    let spikes = random.spikes(count, probability: 0.4)
    return (0..<count).map { $0.isMultiple(of: 2) ? spikes[$0] : values[$0] }
  }

  /// Some state that a sequence can begin with, of every layer.
  func states() -> [[NeuronState<Double>]] {
    var random = SplitMix64(seed: seed &+ 4000)
    return [Self.hidden, Self.outputs].enumerated().map { layer, neurons in
      let fires = layer == 0 || !endsInIntegrator
      return (0..<Self.batch * neurons).map { _ in
        let x = random.uniform(4, in: 0...1)
        return NeuronState(
          v: x[0], c: isFiltered ? x[1] : 0, s: fires ? x[2].rounded() : 0,
          a: isAdaptive ? x[3] : 0,
          refractory: fires && refractorySteps > 0 && x[3] < 0.3 ? 1 : 0)
      }
    }
  }

  static let losses: [Loss] =
    Loss.named + [
      .vanRossum(tau: 0.003), .recallCrossEntropy(firstStep: steps / 2, answerSteps: 1),
    ]
  /// One of the spikes and one of the membrane.
  static let twoLosses: [Loss] = [.spikeCountMSE, .membraneMSE]
  static let membraneLosses = losses.filter { !$0.readsSpikes }

  func target(of loss: Loss, batch: Int = Sample.batch) throws -> Target {
    var random = SplitMix64(seed: seed &+ 2000)
    let (steps, outputs) = (Self.steps, Self.outputs)
    func numbers(_ shape: [Int], _ range: ClosedRange<Double>) throws -> Target {
      let values = random.uniform(shape.reduce(1, *), in: range)
      return .values(try Tensor(shape: shape, values: values.map { Float($0) }))
    }
    switch loss {
    case .meanRateMSE: return try numbers([steps, outputs], 0...1)
    case .spikeCountMSE: return try numbers([batch, outputs], 0...5)
    case .firingRateMSE: return try numbers([batch, outputs], 0...1)
    case .membraneMSE: return try numbers([batch, steps, outputs], -1...1)
    case .vanRossum:
      let values = random.spikes(batch * steps * outputs, probability: 0.3)
      return .values(try Tensor(shape: [batch, steps, outputs], values: values.map { Float($0) }))
    default:
      return .classes((0..<batch).map { _ in .random(in: 0..<Int32(outputs), using: &random) })
    }
  }
}
