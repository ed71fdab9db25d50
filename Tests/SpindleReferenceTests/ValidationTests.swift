import SpindleReference
import Testing

struct ValidationTests {
  private let lif = ReferenceLIF<Float>(
    neurons: 2, tau: [0.01, 0.01], threshold: [1, 1],
    surrogate: ReferenceSurrogate(.fastSigmoid, slope: 1))
  private let synapse = ReferenceSynapse<Float>(
    inputs: 3, outputs: 2, weight: Array(repeating: 1, count: 6))

  private func expectError(
    _ expected: ReferenceError, timeStep: Float = 0.001, _ layers: [ReferenceLayer<Float>],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: expected, sourceLocation: sourceLocation) {
      try ReferenceNetwork(timeStep: timeStep, layers: layers)
    }
    #expect(expected.description.hasSuffix("."), sourceLocation: sourceLocation)
  }

  private func edited<Value>(_ value: Value, _ edit: (inout Value) -> Void) -> Value {
    var copy = value
    edit(&copy)
    return copy
  }

  @Test func orderOfLayers() {
    expectError(.invalidLayerOrder(layer: 0, expected: "a synapse layer"), [])
    expectError(.invalidLayerOrder(layer: 0, expected: "a synapse layer"), [.lif(lif)])
    expectError(.invalidLayerOrder(layer: 1, expected: "a neuron layer"), [.synapse(synapse)])
    expectError(
      .invalidLayerOrder(layer: 1, expected: "a neuron layer"),
      [.synapse(synapse), .synapse(synapse)])
    expectError(
      .invalidLayerOrder(layer: 2, expected: "a synapse layer"),
      [.synapse(synapse), .lif(lif), .lif(lif)])
  }

  @Test func constants() {
    let positive = "finite and positive"
    expectError(
      .invalidValue(name: "time_step", value: 0, requirement: positive), timeStep: 0,
      [.synapse(synapse), .lif(lif)])
    expectError(
      .invalidValue(name: "1.tau", value: -1, requirement: positive),
      [.synapse(synapse), .lif(edited(lif) { $0.tau[1] = -1 })])
    expectError(
      .invalidValue(name: "1.synaptic_tau", value: 0, requirement: positive),
      [.synapse(synapse), .lif(edited(lif) { $0.synapticTau = [1, 0] })])
    expectError(
      .invalidValue(name: "1.surrogate.slope", value: 0, requirement: positive),
      [.synapse(synapse), .lif(edited(lif) { $0.surrogate.slope = 0 })])
    expectError(
      .invalidValue(name: "1.threshold", value: .infinity, requirement: "finite"),
      [.synapse(synapse), .lif(edited(lif) { $0.threshold[0] = .infinity })])
  }

  @Test func options() {
    for steps in [-1, 1 << 24] {
      expectError(
        .invalidValue(
          name: "1.refractory_steps", value: Double(steps), requirement: "from 0 to 16777215"),
        [.synapse(synapse), .lif(edited(lif) { $0.refractorySteps = steps })])
    }
    expectError(
      .delayedResetToZero(layer: 1),
      [.synapse(synapse), .lif(edited(lif) { ($0.reset, $0.resetTiming) = (.zero, .delayed) })])
    func adaptive(_ strength: [Float], _ tau: [Float]) -> [ReferenceLayer<Float>] {
      let adaptation = ReferenceAdaptation(strength: strength, tau: tau)
      return [.synapse(synapse), .lif(edited(lif) { $0.adaptation = adaptation })]
    }
    expectError(
      .shapeMismatch(name: "1.adaptation_strength", shape: [2], count: 1),
      adaptive([1], [0.1, 0.1]))
    expectError(
      .shapeMismatch(name: "1.adaptation_tau", shape: [2], count: 3),
      adaptive([1, 1], [0.1, 0.1, 0.1]))
    expectError(
      .invalidValue(name: "1.adaptation_tau", value: -1, requirement: "finite and positive"),
      adaptive([1, 1], [0.1, -1]))
    expectError(
      .shapeMismatch(name: "1.synaptic_tau", shape: [2], count: 1),
      [.synapse(synapse), .lif(edited(lif) { $0.synapticTau = [1] })])
    expectError(
      .shapeMismatch(name: "1.recurrent_weight", shape: [2], count: 4),
      [
        .synapse(synapse),
        .lif(edited(lif) { ($0.recurrentWeight, $0.isOneToOne) = ([1, 1, 1, 1], true) }),
      ])
  }

  @Test func inputFactors() async throws {
    let network = try ReferenceNetwork(
      timeStep: 0.001,
      layers: [.synapse(edited(synapse) { $0.inputFactors = [1, 1] }), .lif(lif)])
    await #expect(
      throws: ReferenceError.shapeMismatch(name: "0 input factors", shape: [1, 3], count: 2)
    ) { try await network.run(input: [1, 1, 1, 1, 1, 1], batch: 1, steps: 2) }
  }

  @Test func shapes() {
    expectError(
      .invalidCount(name: "0.inputs", value: 0),
      [.synapse(edited(synapse) { $0.inputs = 0 }), .lif(lif)])
    expectError(
      .shapeMismatch(name: "0.weight", shape: [3, 2], count: 5),
      [.synapse(edited(synapse) { $0.weight.removeLast() }), .lif(lif)])
    expectError(
      .shapeMismatch(name: "0.bias", shape: [2], count: 1),
      [.synapse(edited(synapse) { $0.bias = [1] }), .lif(lif)])
    expectError(
      .shapeMismatch(name: "1.neurons", shape: [2], count: 4),
      [.synapse(synapse), .lif(edited(lif) { $0.neurons = 4 })])
    expectError(
      .shapeMismatch(name: "1.tau", shape: [2], count: 1),
      [.synapse(synapse), .li(ReferenceLI(neurons: 2, tau: [1]))])
    expectError(
      .shapeMismatch(name: "1.threshold", shape: [2], count: 0),
      [.synapse(synapse), .lif(edited(lif) { $0.threshold = [] })])
    expectError(
      .shapeMismatch(name: "1.recurrent_weight", shape: [2, 2], count: 1),
      [.synapse(synapse), .lif(edited(lif) { $0.recurrentWeight = [1] })])
    expectError(
      .shapeMismatch(name: "2.inputs", shape: [2], count: 3),
      [.synapse(synapse), .lif(lif), .synapse(synapse), .lif(lif)])
  }

  private func expectError(
    _ expected: ReferenceError, integrator: Bool = false, input: Int = 6, batch: Int = 1,
    loss: ReferenceLoss<Float> = .rateCrossEntropy(labels: [0]),
    spikes: ReferenceSpikeRule<Float> = .threshold,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let neurons: ReferenceLayer<Float> =
      integrator ? .li(ReferenceLI(neurons: 2, tau: [1, 1])) : .lif(lif)
    let network = try ReferenceNetwork(timeStep: 0.001, layers: [.synapse(synapse), neurons])
    await #expect(throws: expected, sourceLocation: sourceLocation) {
      try await network.step(
        input: Array(repeating: 1, count: input), batch: batch, steps: 2, loss: loss,
        spikes: spikes)
    }
    #expect(expected.description.hasSuffix("."), sourceLocation: sourceLocation)
  }

  @Test func input() async throws {
    try await expectError(.invalidCount(name: "batch", value: 0), batch: 0)
    try await expectError(.shapeMismatch(name: "input", shape: [1, 2, 3], count: 5), input: 5)
    try await expectError(.invalidCount(name: "batch", value: .max), batch: .max)
  }

  @Test func losses() async throws {
    try await expectError(.lossNeedsSpikes(layer: 1), integrator: true)
    try await expectError(
      .lossNeedsSpikes(layer: 1), integrator: true, loss: .meanRateMSE(target: []))
    try await expectError(
      .shapeMismatch(name: "target", shape: [2, 2], count: 1), loss: .meanRateMSE(target: [1]))
    try await expectError(
      .shapeMismatch(name: "target", shape: [1, 2, 2], count: 1), loss: .membraneMSE(target: [1]))
    try await expectError(
      .shapeMismatch(name: "target", shape: [1], count: 2),
      loss: .meanMembraneCrossEntropy(labels: [0, 1]))
    try await expectError(
      .invalidLabel(sample: 0, label: 2, classes: 2), loss: .maxMembraneCrossEntropy(labels: [2]))
    try await expectError(
      .invalidLabel(sample: 0, label: -1, classes: 2), loss: .rateCrossEntropy(labels: [-1]))
  }

  @Test func givenSpikes() async throws {
    try await expectError(
      .layerCountMismatch(name: "forced spikes", expected: 1, count: 0), spikes: .forced([]))
    try await expectError(
      .shapeMismatch(name: "1 forced spikes", shape: [1, 2, 2], count: 1), spikes: .forced([[1]]))
    try await expectError(
      .invalidValue(name: "1 forced spikes", value: 0.5, requirement: "0 or 1"),
      spikes: .forced([[0, 0, 0.5, 1]]))
    try await expectError(
      .layerWithoutSpikes(name: "resets", layer: 1), integrator: true,
      loss: .meanMembraneCrossEntropy(labels: [0]), spikes: .smooth(resets: [[0, 0, 0, 0]]))
  }
}
