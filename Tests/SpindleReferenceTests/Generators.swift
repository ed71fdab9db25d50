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

/// A small network under test: two synapse layers with a neuron layer each.
struct Sample {
  /// Odd sizes, and more hidden neurons than one block of 16 has lanes.
  static let (batch, steps, inputs, hidden, outputs) = (3, 7, 5, 17, 4)

  var surrogate: ReferenceSurrogate<Double>.Kind = .fastSigmoid
  var reset: ReferenceReset = .subtraction
  var resetGradient: ReferenceResetGradient = .attached
  var isRecurrent = true
  /// Whether recurrent weights are [N]: the first N numbers of their parameter.
  var isOneToOne = false
  var resetTiming: ReferenceResetTiming = .immediate
  var refractorySteps = 0
  var isAdaptive = false
  var isFiltered = false
  /// Factors of the hidden layer's spikes and of the input [B,I], or none.
  var inputFactors: [[Double]?] = [nil, nil]
  var endsInIntegrator = false
  var hiddenIsIntegrator = false
  var seed: UInt64 = 1

  /// Parameters by name; what a finite difference varies.
  func parameters() -> [String: [Double]] {
    var random = SplitMix64(seed: seed)
    let (i, h, o) = (Self.inputs, Self.hidden, Self.outputs)
    return [
      "0.weight": random.uniform(i * h, in: -0.4...0.9),
      "0.bias": random.uniform(h, in: -0.1...0.3),
      "1.recurrent_weight": random.uniform(h * h, in: -0.2...0.2),
      "1.tau": random.uniform(h, in: 0.004...0.02),
      "1.synaptic_tau": random.uniform(h, in: 0.002...0.008),
      "1.adaptation_strength": random.uniform(h, in: -0.2...0.8),
      "1.adaptation_tau": random.uniform(h, in: 0.003...0.03),
      "1.threshold": random.uniform(h, in: 0.7...1.2),
      "2.weight": random.uniform(h * o, in: -0.3...0.5),
      "2.bias": random.uniform(o, in: -0.1...0.3),
      "3.recurrent_weight": random.uniform(o * o, in: -0.4...0.4),
      "3.tau": random.uniform(o, in: 0.004...0.02),
      "3.synaptic_tau": random.uniform(o, in: 0.002...0.008),
      "3.adaptation_strength": random.uniform(o, in: -0.2...0.8),
      "3.adaptation_tau": random.uniform(o, in: 0.003...0.03),
      "3.threshold": random.uniform(o, in: 0.7...1.2),
    ]
  }

  /// Half spikes, half analog values.
  func input(batch: Int = Sample.batch) -> [Double] {
    var random = SplitMix64(seed: seed &+ 1000)
    let count = batch * Self.steps * Self.inputs
    let values = random.uniform(count, in: -0.5...1.5)
    return zip(values, random.spikes(count, probability: 0.4)).enumerated().map {
      $0.offset.isMultiple(of: 2) ? $0.element.1 : $0.element.0 * $0.element.1
    }
  }

  func network(_ p: [String: [Double]]) throws -> ReferenceNetwork<Double> {
    func neurons(_ index: Int, _ count: Int, integrator: Bool) -> ReferenceLayer<Double> {
      let synapticTau = isFiltered ? p["\(index).synaptic_tau"] : nil
      let recurrent = p["\(index).recurrent_weight"].map { isOneToOne ? Array($0[..<count]) : $0 }
      if integrator {
        return .li(
          ReferenceLI(
            neurons: count, tau: p["\(index).tau"] ?? [], synapticTau: synapticTau,
            learnsTau: true, learnsSynapticTau: isFiltered))
      }
      var lif = ReferenceLIF(
        neurons: count, tau: p["\(index).tau"] ?? [], threshold: p["\(index).threshold"] ?? [],
        reset: reset, resetGradient: resetGradient,
        recurrentWeight: isRecurrent ? recurrent : nil, isOneToOne: isOneToOne,
        surrogate: ReferenceSurrogate(surrogate, slope: 1.3), synapticTau: synapticTau,
        learnsTau: true, learnsThreshold: true, learnsSynapticTau: isFiltered)
      lif.resetTiming = resetTiming
      lif.refractorySteps = refractorySteps
      if isAdaptive {
        lif.adaptation = ReferenceAdaptation(
          strength: p["\(index).adaptation_strength"] ?? [],
          tau: p["\(index).adaptation_tau"] ?? [], learnsStrength: true, learnsTau: true)
      }
      return .lif(lif)
    }
    return try ReferenceNetwork(
      timeStep: 0.001,
      layers: [
        .synapse(
          ReferenceSynapse(
            inputs: Self.inputs, outputs: Self.hidden, weight: p["0.weight"] ?? [],
            bias: p["0.bias"], inputFactors: inputFactors[0])),
        neurons(1, Self.hidden, integrator: hiddenIsIntegrator),
        .synapse(
          ReferenceSynapse(
            inputs: Self.hidden, outputs: Self.outputs, weight: p["2.weight"] ?? [],
            bias: p["2.bias"], inputFactors: inputFactors[1])),
        neurons(3, Self.outputs, integrator: endsInIntegrator),
      ])
  }

  static let lossKinds = [
    "mean_rate_mse", "rate_cross_entropy", "max_membrane_cross_entropy",
    "mean_membrane_cross_entropy", "membrane_mse", "spike_count_mse", "firing_rate_mse",
    "van_rossum", "recall_cross_entropy",
  ]

  func loss(_ kind: String, batch: Int = Sample.batch) -> ReferenceLoss<Double> {
    var random = SplitMix64(seed: seed &+ 2000)
    let labels = (0..<batch).map { _ in Int.random(in: 0..<Self.outputs, using: &random) }
    switch kind {
    case "mean_rate_mse":
      return .meanRateMSE(target: random.uniform(Self.steps * Self.outputs, in: 0...1))
    case "spike_count_mse":
      return .spikeCountMSE(target: random.uniform(batch * Self.outputs, in: 0...5))
    case "firing_rate_mse":
      return .firingRateMSE(target: random.uniform(batch * Self.outputs, in: 0...1))
    case "van_rossum":
      let count = batch * Self.steps * Self.outputs
      return .vanRossum(target: random.spikes(count, probability: 0.3), tau: 0.003)
    case "rate_cross_entropy": return .rateCrossEntropy(labels: labels)
    case "max_membrane_cross_entropy": return .maxMembraneCrossEntropy(labels: labels)
    case "recall_cross_entropy":
      return .recallCrossEntropy(labels: labels, firstStep: Self.steps / 2)
    case "mean_membrane_cross_entropy": return .meanMembraneCrossEntropy(labels: labels)
    default:
      return .membraneMSE(target: random.uniform(batch * Self.steps * Self.outputs, in: -1...1))
    }
  }
}
