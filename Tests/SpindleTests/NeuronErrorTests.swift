import Spindle
import Testing

/// What neurons' options refuse, through the public API.
struct NeuronErrorTests {
  private func network(_ edit: (inout LIF) -> Void) throws -> Network {
    var lif = LIF(neurons: 4)
    edit(&lif)
    return try Network(layers: [.synapse(Synapse(inputs: 3, outputs: 4)), .lif(lif)])
  }

  @Test func refractoryPeriods() throws {
    for bad in [-1, 1 << 24, Int.min, Int.max] {
      expectError("the refractory period of layer 1") {
        _ = try network { $0.refractorySteps = bad }
      }
    }
    _ = try network { $0.refractorySteps = 1 << 24 - 1 }
  }

  @Test func delayedResets() throws {
    expectError("must be detached") {
      _ = try network { ($0.reset, $0.resetTiming) = (.zero, .delayed) }
    }
    _ = try network {
      ($0.reset, $0.resetTiming, $0.resetGradient) = (.zero, .delayed, .detached)
    }
  }

  @Test(arguments: [0, -0.01, Float.nan, .infinity])
  func timeConstants(bad: Float) throws {
    expectError("1.synaptic_tau") { _ = try network { $0.synapticTau = [0.01, bad, 0.01, 0.01] } }
    expectError("1.adaptation_tau") {
      _ = try network { $0.adaptation = Adaptation(strength: 1, tau: .all(bad)) }
    }
    guard !bad.isFinite else { return }
    expectError("1.adaptation_strength") {
      _ = try network { $0.adaptation = Adaptation(strength: .all(bad), tau: 0.1) }
    }
  }

  @Test func shapes() throws {
    expectError("\"1.synaptic_tau\" must have shape [4], got [3]") {
      _ = try network { $0.synapticTau = [0.01, 0.01, 0.01] }
    }
    expectError("\"1.adaptation_strength\" must have shape [4], got [1]") {
      _ = try network { $0.adaptation = Adaptation(strength: [1], tau: 0.1) }
    }
    expectError("\"1.adaptation_tau\" must have shape [4], got [2]") {
      _ = try network { $0.adaptation = Adaptation(strength: 1, tau: [0.1, 0.1]) }
    }
    expectError("\"1.recurrent_weight\" must have shape [1, 4], got [16]") {
      _ = try network {
        $0.topology = .oneToOne(weights: .values([Float](repeating: 0, count: 16)))
      }
    }
  }

  @Test func learnedParameters() throws {
    expectError("learns a synaptic tau that it does not have") {
      _ = try network { $0.learnsSynapticTau = true }
    }
    expectError("\"1.threshold\" must be positive, since it is learned") {
      _ = try network { ($0.threshold, $0.learnsThreshold) = ([1, 0, 1, 1], true) }
    }
    _ = try network { $0.threshold = [1, 0, -1, 1] }
  }

  /// The lanes layout, where it is asked for, refuses what it lacks; automatic takes rows.
  @Test func layouts() throws {
    let input = try Input([Float](repeating: 1, count: 16 * 2 * 3), batch: 16, steps: 2, units: 3)
    let edits: [(inout LIF) -> Void] = [
      { $0.refractorySteps = 1 }, { $0.resetTiming = .delayed },
      { $0.topology = .oneToOne(weights: .constant(0)) },
      { $0.adaptation = Adaptation(strength: 1, tau: 0.1) },
      { ($0.synapticTau, $0.learnsSynapticTau) = (0.01, true) },
    ]
    for edit in edits {
      let network = try network(edit)
      expectError("automatic or rows, for layers 0 and 1") {
        _ = try network.run(input, execution: Execution(layout: .lanes))
      }
      #expect(try network.plan(batch: 16, steps: 2).layout == .rows)
    }
    let plain = try network { $0.synapticTau = [0.01, 0.02, 0.03, 0.04] }
    #expect(try plain.plan(batch: 16, steps: 2).layout == .lanes)
    _ = try plain.run(input, execution: Execution(layout: .lanes))
  }
}
