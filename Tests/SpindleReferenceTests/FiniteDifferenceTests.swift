import Spindle
import TestSupport
import Testing

@testable import SpindleReference

/// In smooth mode backward must be the derivative of forward.
struct FiniteDifferenceTests {
  /// Every two of surrogate, reset and topology, as a Latin square has them, each with and without
  /// a filter, in every parameter.
  @Test(arguments: Surrogate.Kind.allCases.indices, Reset.allCases.indices)
  func everySurrogateAndReset(surrogate: Int, reset: Int) throws {
    let topologies = Topology.allCases
    for isFiltered in [false, true] {
      let sample = Sample(
        surrogate: Surrogate.Kind.allCases[surrogate], reset: Reset.allCases[reset],
        topology: topologies[(surrogate + reset) % topologies.count], isFiltered: isFiltered,
        seed: 11)
      for loss in Sample.twoLosses { try Difference(sample, loss).check() }
    }
  }

  @Test(arguments: Sample.losses)
  func everyLoss(loss: Loss) throws {
    try Difference(Sample(isFiltered: true, seed: 10), loss).check()
    try Difference(Sample(reset: .zero, isAdaptive: true, seed: 14), loss).check()
  }

  @Test(arguments: Sample.membraneLosses, [false, true])
  func integrators(loss: Loss, isFiltered: Bool) throws {
    let sample = Sample(isFiltered: isFiltered, endsInIntegrator: true, seed: 12)
    try Difference(sample, loss).check()
  }

  @Test(arguments: Reset.allCases, [1, 3])
  func refractoryPeriod(reset: Reset, steps: Int) throws {
    let sample = Sample(reset: reset, refractorySteps: steps, seed: 15)
    for loss in Sample.twoLosses { try Difference(sample, loss).check() }
  }

  @Test(arguments: Reset.allCases)
  func adaptation(reset: Reset) throws {
    let sample = Sample(reset: reset, isAdaptive: true, seed: 16)
    for loss in Sample.twoLosses { try Difference(sample, loss).check() }
  }

  @Test(arguments: [Reset.subtraction, .none], [false, true])
  func delayedReset(reset: Reset, isAdaptive: Bool) throws {
    let sample = Sample(
      reset: reset, resetTiming: .delayed, isAdaptive: isAdaptive, isFiltered: isAdaptive, seed: 17)
    for loss in Sample.twoLosses { try Difference(sample, loss).check() }
  }

  /// What dropout does to a layer's input.
  @Test func inputFactors() throws {
    var random = SplitMix64(seed: 18)
    let factors = [Sample.inputs, Sample.hidden].map { inputs in
      random.spikes(Sample.batch * inputs, probability: 0.7).map { $0 / 0.7 }
    }
    for loss in Sample.twoLosses {
      try Difference(Sample(inputFactors: factors, seed: 18), loss).check()
    }
  }

  /// A detached reset means the derivative with the reset's spikes held constant.
  @Test(arguments: [Reset.subtraction, .zero], ResetTiming.allCases)
  func detachedReset(reset: Reset, timing: ResetTiming) throws {
    let sample = Sample(
      reset: reset, resetGradient: .detached, resetTiming: timing, isAdaptive: timing == .delayed,
      isFiltered: true, seed: 13)
    let trace = try sample.network(sample.parameters()).run(
      input: sample.input(), batch: Sample.batch, steps: Sample.steps, spikes: .smooth())
    for loss in Sample.twoLosses {
      var difference = try Difference(sample, loss)
      difference.rule = .smooth(resets: trace.layers.map(\.spikes))
      try difference.check()
    }
  }

  /// Penalties of both layers' rates, hidden ones included.
  @Test(arguments: [false, true])
  func penalties(endsInIntegrator: Bool) throws {
    let sample = Sample(isFiltered: true, endsInIntegrator: endsInIntegrator, seed: 19)
    for layer in [nil, 0] {
      for penalty: RatePenalty in [
        .l1(strength: 5, layer: layer), .l2(strength: 5, layer: layer),
        .lowerBound(0.6, strength: 5, layer: layer), .upperBound(0.4, strength: 5, layer: layer),
      ] {
        var difference = try Difference(sample, .membraneMSE)
        difference.penalties = [penalty]
        try difference.check()
      }
    }
  }

  /// From a state, and with what follows after the last step: the derivatives by parameters and by
  /// each variable of the state.
  @Test(
    arguments: [
      Sample(seed: 20), Sample(reset: .zero, topology: .oneToOne, isFiltered: true, seed: 21),
      Sample(reset: .none, refractorySteps: 2, isAdaptive: true, seed: 22),
      Sample(resetTiming: .delayed, isAdaptive: true, isFiltered: true, seed: 23),
      Sample(isFiltered: true, endsInIntegrator: true, seed: 24),
    ])
  func states(sample: Sample) throws {
    for loss in [.maxMembraneCrossEntropy, .membraneMSE] as [Loss] {
      var difference = try Difference(sample, loss)
      difference.initial = sample.states()
      difference.finalAdjoints = sample.states().map { layer in
        layer.map { NeuronAdjoint(v: $0.v - 0.5, c: $0.c, s: 0.3 - $0.s, a: $0.a) }
      }
      try difference.check()
      try difference.checkStates()
    }
  }
}

/// The derivative of one loss of one sample, by backward and by finite differences along random
/// directions.
private struct Difference {
  let sample: Sample
  let loss: Loss
  let target: Target
  let input: [Double]
  var penalties: [RatePenalty] = []
  var rule: SpikeRule<Double> = .smooth()
  var initial: [[NeuronState<Double>]] = []
  var finalAdjoints: [[NeuronAdjoint<Double>]] = []

  init(_ sample: Sample, _ loss: Loss) throws {
    self.sample = sample
    self.loss = loss
    target = try sample.target(of: loss)
    input = sample.input()
  }

  private func forward(
    _ parameters: [String: [Double]], _ initial: [[NeuronState<Double>]]
  ) throws -> ReferenceTrace<Double> {
    try sample.network(parameters).run(
      input: input, batch: Sample.batch, steps: Sample.steps, spikes: rule, initial: initial,
      inputFactors: sample.inputFactors)
  }

  private func backward(_ trace: ReferenceTrace<Double>) throws -> ReferenceStep<Double> {
    try trace.step(
      loss: loss, target: target, penalties: penalties, finalAdjoints: finalAdjoints)
  }

  /// What the gradients are of: the loss, the penalties, and what follows the final state; without
  /// backward, whose gradients the differences do without.
  private func value(_ trace: ReferenceTrace<Double>) -> Double {
    let timeStep = trace.network.description.timeStep
    var value = trace.layers[trace.layers.count - 1]
      .evaluate(loss, target, nil, timeStep: timeStep).value
    value += trace.penalize(penalties).value
    for (states, adjoints) in zip(trace.finalStates, finalAdjoints) {
      for (state, adjoint) in zip(states, adjoints) {
        value +=
          state.v * adjoint.v + state.c * adjoint.c + state.s * adjoint.s + state.a * adjoint.a
      }
    }
    return value
  }

  /// In each parameter.
  func check() throws {
    let parameters = try sample.parameters()
    let base = try backward(forward(parameters, initial))
    #expect(Set(base.gradients.keys) == Set(parameters.keys))
    var random = SplitMix64(seed: sample.seed &+ 3000)
    for (name, gradient) in base.gradients.sorted(by: { $0.key < $1.key }) {
      let direction = random.uniform(gradient.count, in: -1...1)
      // A time constant is a hundred times smaller than the others; yet with a step so much smaller
      // rounding would blunt the differences of a surrogate that lets little through.
      try compare(name, gradient, direction, h: name.hasSuffix("tau") ? 1e-6 : 1e-5, base) { h in
        var moved = parameters
        moved[name] = zip(parameters[name] ?? [], direction).map { $0 + h * $1 }
        return value(try forward(moved, initial))
      }
    }
  }

  /// In each variable of the initial state of each layer.
  func checkStates() throws {
    let parameters = try sample.parameters()
    let base = try backward(forward(parameters, initial))
    var random = SplitMix64(seed: sample.seed &+ 5000)
    typealias Variable = (
      name: String, state: WritableKeyPath<NeuronState<Double>, Double>,
      adjoint: KeyPath<NeuronAdjoint<Double>, Double>
    )
    let variables: [Variable] = [
      ("v", \.v, \.v), ("c", \.c, \.c), ("s", \.s, \.s), ("a", \.a, \.a),
    ]
    for layer in initial.indices {
      for (name, state, adjoint) in variables {
        let gradient = base.initialAdjoints[layer].map { $0[keyPath: adjoint] }
        let direction = random.uniform(gradient.count, in: -1...1)
        try compare("\(name) of layer \(layer)", gradient, direction, h: 1e-5, base) { h in
          var moved = initial
          for index in direction.indices {
            let before = moved[layer][index]
            var after = before
            after[keyPath: state] += h * direction[index]
            // The reset takes the spike that the state is made with.
            moved[layer][index] = NeuronState(
              v: after.v, c: after.c, s: after.s, a: after.a, refractory: after.refractory)
          }
          return value(try forward(parameters, moved))
        }
      }
    }
  }

  private func compare(
    _ name: String, _ gradient: [Double], _ direction: [Double], h: Double,
    _ base: ReferenceStep<Double>, _ value: (Double) throws -> Double
  ) throws {
    func difference(_ h: Double) throws -> Double { (try value(h) - value(-h)) / (2 * h) }
    let exact = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
    let (near, far) = (try difference(h), try difference(2 * h))
    // D(h) = L' + c h^2 + ..., so D(2h) - D(h) bounds the truncation of both; the loss is a sum of
    // some thousand rounded terms, each off by at most an ulp of the loss.
    let rounding = 1000 * max(1e-3, abs(self.value(base.trace))).ulp / h
    let tolerance = (far - near).magnitude + rounding
    let error = (near - exact).magnitude
    // Proof that the tolerance still tells right from wrong. A gradient is zero where nothing that
    // the loss reads follows.
    let scale = gradient.reduce(0) { max($0, $1.magnitude) }
    let place = "\(name), \(loss.name), \(sample)"
    #expect(
      scale == 0 || tolerance <= 1e-3 * scale,
      "\(place): tolerance \(tolerance) is blunt, scale \(scale)")
    #expect(error <= tolerance, "\(place): \(exact), by differences \(near)")
  }
}
