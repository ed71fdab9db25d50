import Spindle
import Testing

/// A step whose loss or gradient is not finite names the culprit and changes nothing.
struct DivergenceTests {
  /// Two layers; weights of 1e38 make a potential infinite within a few steps.
  private func network(_ weights: [Double], reset: Reset) throws -> Network {
    try Network(
      inputs: 2,
      layers: [
        .lif(
          3, tau: 1, spiking: Spiking(reset: reset),
          connection: Connection(weights: .constant(weights[0]))),
        .lif(
          2, tau: 1, spiking: Spiking(reset: reset),
          connection: Connection(weights: .constant(weights[1]))),
      ])
  }

  private let input: Input
  init() throws {
    input = .spikes(
      try SpikeTrain([Float](repeating: 1, count: 3 * 8 * 2), batch: 3, steps: 8, units: 2))
  }

  /// The error of a step, or nil.
  private func failure(of trainer: inout Trainer, _ target: Target) -> SpindleError? {
    do throws(SpindleError) {
      _ = try trainer.step(input, target: target)
      return nil
    } catch {
      return error
    }
  }

  private func expectDivergence(
    _ network: Network, _ loss: Loss, _ target: Target, _ words: [String],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    var trainer = try Trainer(network, batch: 3, steps: 8, loss: loss)
    let state = try trainer.optimizerState
    let error = failure(of: &trainer, target)
    guard case .diverged(let step, _, _, _)? = error, let text = error?.description else {
      Issue.record("\(String(describing: error))", sourceLocation: location)
      return
    }
    #expect(step == 0, sourceLocation: location)
    for word in words { #expect(text.contains(word), "\(text)", sourceLocation: location) }
    let kept = try trainer.optimizerState
    #expect(kept == state, sourceLocation: location)
    for parameter in network.parameters {
      let difference = firstDifference(
        try trainer.network.floats(parameter.name), try network.floats(parameter.name))
      #expect(difference == nil, "\(parameter.name)\(difference ?? "")", sourceLocation: location)
    }
  }

  @Test func lossByTheFirstLayer() throws {
    // Of the first layer u_1 = 2e38 + 2e38 beta is infinite; the second gets NaN by none of it.
    try expectDivergence(
      network([1e38, 1e38], reset: .none), .maxMembraneCrossEntropy, .classes([0, 1, 0]),
      [
        "step 0", "\"0.potential\" [0, 1, 0] of network.layers[0] is inf",
        "a larger slope of the surrogate",
      ])
  }

  @Test func lossByTheLastLayer() throws {
    try expectDivergence(
      network([2, 3e38], reset: .none), .maxMembraneCrossEntropy, .classes([0, 1, 0]),
      ["\"1.potential\" [0, 0, 0] of network.layers[1] is inf", "those from before the step"])
  }

  @Test func lossWithFinitePotentials() throws {
    // v grows to 0.5e38: v - target overflows, although both are finite.
    let target = Target.values(
      try Tensor(shape: [3, 8, 2], values: [Float](repeating: -3e38, count: 48)))
    try expectDivergence(
      network([2, 0.02e38], reset: .none), .membraneMSE, target,
      ["the loss of network.layers[1] is inf"])
  }

  @Test func gradient() throws {
    // A potential of infinity, reset to zero, is NaN: no spikes, a finite loss, no gradient.
    let target = Target.values(
      try Tensor(shape: [8, 2], values: [Float](repeating: 0.5, count: 16)))
    try expectDivergence(
      network([2e38, 1], reset: .zero), .meanRateMSE, target,
      ["the gradient of \"0.weight\" [0, 0] of network.layers[0] is NaN"])
  }

  /// Later steps are counted, and training can go on with other input.
  @Test func namesTheStep() throws {
    let quiet = Input.spikes(try SpikeTrain(batch: 3, steps: 8, units: 2))
    var trainer = try Trainer(
      network([1e38, 1e38], reset: .none), batch: 3, steps: 8, loss: .maxMembraneCrossEntropy)
    for _ in 0..<2 { _ = try trainer.step(quiet, target: .classes([0, 1, 0])) }
    guard case .diverged(let step, _, _, _)? = failure(of: &trainer, .classes([0, 1, 0])) else {
      Issue.record("no error")
      return
    }
    #expect(step == 2)
    _ = try trainer.step(quiet, target: .classes([0, 1, 0]))
    let steps = trainer.stepCount
    #expect(steps == 3)
  }
}
