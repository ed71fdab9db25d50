import Spindle
import Testing

/// What neurons' options refuse, through the public API.
struct NeuronErrorTests {
  /// Four neurons with some options.
  private func network(
    synapticTau: PerNeuron? = nil, _ spiking: Spiking = .init(), recurrence: Recurrence = .ff,
    learned: Set<Role> = []
  ) throws -> Network {
    try Network(
      inputs: 3,
      layers: [
        .lif(
          4, synapticTau: synapticTau, spiking: spiking, recurrence: recurrence,
          learned: Layer.learnedByDefault.union(learned))
      ])
  }

  @Test func refractoryPeriods() throws {
    let most = Spiking.maximumRefractorySteps
    for bad in [-1, most + 1, Int.min, Int.max] {
      expectError("layers[0].refractory_steps must be from 0 to \(most)") {
        _ = try network(Spiking(refractorySteps: bad))
      }
    }
    _ = try network(Spiking(refractorySteps: most))
  }

  @Test func delayedResets() throws {
    expectError("layers[0].reset_timing: a delayed reset to zero must have a detached gradient") {
      _ = try network(Spiking(reset: .zero, resetTiming: .delayed))
    }
    _ = try network(Spiking(reset: .zero, resetGradient: .detached, resetTiming: .delayed))
  }

  @Test(arguments: [0, -0.01, Double.nan, .infinity])
  func timeConstants(bad: Double) throws {
    expectError("layers[0].synaptic_tau[1] must be positive, in seconds") {
      _ = try network(synapticTau: .each([0.01, bad, 0.01, 0.01]))
    }
    expectError("layers[0].adaptation.tau must be positive, in seconds") {
      _ = try network(Spiking(adaptation: Adaptation(strength: 1, tau: .all(bad))))
    }
    guard !bad.isFinite else { return }
    expectError("layers[0].adaptation.strength must be finite") {
      _ = try network(Spiking(adaptation: Adaptation(strength: .all(.nan), tau: 0.1)))
    }
  }

  @Test func shapes() throws {
    expectError("layers[0].synaptic_tau must have shape [4], got [3]") {
      _ = try network(synapticTau: [0.01, 0.01, 0.01])
    }
    expectError("layers[0].adaptation.strength must have shape [4], got [1]") {
      _ = try network(Spiking(adaptation: Adaptation(strength: [1], tau: 0.1)))
    }
    expectError("layers[0].adaptation.tau must have shape [4], got [2]") {
      _ = try network(Spiking(adaptation: Adaptation(strength: 1, tau: [0.1, 0.1])))
    }
    expectError("\"0.recurrent_weight\" must have shape [4], got [16]") {
      var network = try network(recurrence: .oneToOne())
      try network.set("0.recurrent_weight", to: [Float](repeating: 0, count: 16))
    }
  }

  /// Weights and bias count as learned where a layer has them, all else must be there.
  @Test func learnedParameters() throws {
    for (name, role): (String, Role) in [
      ("synaptic_tau", .synapticTau), ("adaptation_strength", .adaptationStrength),
      ("adaptation_tau", .adaptationTau),
    ] {
      expectError("layers[0] has no \(name) to learn") { _ = try network(learned: [role]) }
    }
    expectError("layers[0] has no threshold to learn") {
      _ = try Network(inputs: 3, layers: [.li(4, learned: [.threshold])])
    }
    #expect(try network().parameters.filter(\.isLearned).map(\.name) == ["0.weight"])
    expectError("layers[0].threshold[1] must be positive, since it is learned") {
      _ = try network(Spiking(threshold: [1, 0, 1, 1]), learned: [.threshold])
    }
    _ = try network(Spiking(threshold: [1, 0, -1, 1]))
  }

  /// The lanes layout, where it is asked for, refuses what it lacks; automatic takes rows.
  @Test func layouts() throws {
    let input = try Input([Float](repeating: 1, count: 16 * 2 * 3), batch: 16, steps: 2, units: 3)
    for network in [
      try network(Spiking(refractorySteps: 1)), try network(Spiking(resetTiming: .delayed)),
      try network(recurrence: .oneToOne()),
      try network(Spiking(adaptation: Adaptation(strength: 1, tau: 0.1))),
      try network(synapticTau: 0.01, learned: [.synapticTau]),
    ] {
      expectError("automatic or rows, for layers[0] has an option") {
        _ = try network.run(input, execution: Execution(layout: .lanes))
      }
      #expect(try network.plan(batch: 16, steps: 2).layout == .rows)
    }
    let plain = try network(synapticTau: [0.01, 0.02, 0.03, 0.04])
    #expect(try plain.plan(batch: 16, steps: 2).layout == .lanes)
    _ = try plain.run(input, execution: Execution(layout: .lanes))
  }
}
