import Spindle
import SpindleReference
import Testing

/// What is refused, each with one error.
struct ValidationTests {
  private static let network = NetworkDescription(inputs: 3, layers: [.lif(2)])
  private static let weight: [String: [Float]] = ["0.weight": [1, 1, 1, 1, 1, 1]]

  private func expectRefused(
    _ part: String, _ description: NetworkDescription = network,
    _ parameters: [String: [Float]] = [:], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let all = Self.weight.merging(parameters) { $1 }
    expectError(part, sourceLocation) { () throws(SpindleError) in
      _ = try Reference(description, parameters: all)
    }
  }

  private func expectError(
    _ part: String, _ sourceLocation: SourceLocation, _ body: () throws(SpindleError) -> Void
  ) {
    do {
      try body()
      Issue.record("no error", sourceLocation: sourceLocation)
    } catch {
      #expect(error.description.contains(part), sourceLocation: sourceLocation)
    }
  }

  @Test func parameters() {
    expectRefused(
      "\"0.weight\" must have shape [3, 2], got [5]", Self.network,
      ["0.weight": [1, 1, 1, 1, 1]])
    expectRefused("no parameter \"0.bias\"", Self.network, ["0.bias": [1, 1]])
    expectRefused("\"0.tau\" must have shape [2], got [1]", Self.network, ["0.tau": [1]])
    expectRefused("\"0.tau\" must be positive", Self.network, ["0.tau": [1, 0]])
    expectRefused("\"0.threshold\" must be finite", Self.network, ["0.threshold": [1, .infinity]])
  }

  @Test func descriptions() {
    expectRefused("at least one layer", NetworkDescription(inputs: 3, layers: []))
    expectRefused(
      "reset_timing",
      NetworkDescription(
        inputs: 3, layers: [.lif(2, spiking: Spiking(reset: .zero, resetTiming: .delayed))]))
  }

  private func expectError(
    _ part: String, _ network: NetworkDescription = network, input: Int = 6, batch: Int = 1,
    loss: Loss = .rateCrossEntropy, target: Target = .classes([0]),
    penalties: [RatePenalty] = [], spikes: SpikeRule<Float> = .threshold,
    initial: [[NeuronState<Float>]] = [], finalAdjoints: [[NeuronAdjoint<Float>]] = [],
    inputFactors: [[Float]?] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let reference = try Reference(network, parameters: Self.weight)
    expectError(part, sourceLocation) { () throws(SpindleError) in
      _ = try reference.run(
        input: Array(repeating: 1, count: input), batch: batch, steps: 2, spikes: spikes,
        initial: initial, inputFactors: inputFactors
      ).step(loss: loss, target: target, penalties: penalties, finalAdjoints: finalAdjoints)
    }
  }

  @Test func inputs() throws {
    try expectError("the batch must be from 1", batch: 0)
    try expectError("the batch must be from 1", batch: .max)
    try expectError("the input must have shape [1, 2, 3], got [5]", input: 5)
    try expectError("the input factors of layer 0 must have shape [1, 3]", inputFactors: [[1, 1]])
    try expectError("the input factors must have shape [1], got [2]", inputFactors: [nil, nil])
    try expectError("the initial states must have shape [1], got [2]", initial: [[], []])
    try expectError("the initial states of layer 0 must have shape [1, 2]", initial: [[.init()]])
    try expectError("the final adjoints of layer 0", finalAdjoints: [[.init()]])
  }

  @Test func losses() throws {
    let integrators = NetworkDescription(inputs: 3, layers: [.li(2)])
    try expectError("needs spikes", integrators)
    let one = Target.values(try Tensor(shape: [1], values: [1]))
    try expectError("the target must have shape [2, 2], got [1]", loss: .meanRateMSE, target: one)
    try expectError(
      "the target must have shape [1, 2, 2], got [1]", loss: .membraneMSE, target: one)
    try expectError(
      "the target's classes must have shape [1], got [2]", loss: .meanMembraneCrossEntropy,
      target: .classes([0, 1]))
    try expectError("the target of membrane_mse must be values", loss: .membraneMSE)
    try expectError("a class must be from 0 to 1, got 2", target: .classes([2]))
    try expectError("a class must be from 0 to 1, got -1", target: .classes([-1]))
    try expectError("the loss's tau", loss: .vanRossum(tau: 0), target: one)
    try expectError(
      "the first step of \"recall_cross_entropy\"",
      loss: .recallCrossEntropy(firstStep: 2, answerSteps: 1))
    let custom = CustomLoss(name: "mine") { _, _ in .init(value: 0) }
    try expectError("got mine", loss: .custom(custom))
  }

  @Test func penalties() throws {
    try expectError("a penalty's strength", penalties: [.l1(strength: -1)])
    try expectError("a penalty's layer", penalties: [.l2(strength: 1, layer: 1)])
  }

  @Test func givenSpikes() throws {
    try expectError(
      "the given spikes must have shape [1], got [2]", spikes: .forced([nil, nil]))
    try expectError(
      "the given spikes of layer 0 must have shape [1, 2, 2], got [1]", spikes: .forced([[1]]))
    try expectError("must be 0 or 1, got 0.5", spikes: .forced([[0, 0, 0.5, 1]]))
    try expectError(
      "integrators without spikes", NetworkDescription(inputs: 3, layers: [.li(2)]),
      loss: .meanMembraneCrossEntropy, spikes: .smooth(resets: [[0, 0, 0, 0]]))
  }
}
