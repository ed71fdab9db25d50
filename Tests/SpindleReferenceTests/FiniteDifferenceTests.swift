import SpindleReference
import TestSupport
import Testing

/// In smooth mode backward must be the derivative of forward.
struct FiniteDifferenceTests {
  /// Every surrogate x reset x topology x filter x loss, in every parameter, learned tau and
  /// threshold included.
  @Test(arguments: ReferenceSurrogate<Double>.Kind.allCases, ReferenceReset.allCases)
  func everySurrogateAndReset(
    surrogate: ReferenceSurrogate<Double>.Kind, reset: ReferenceReset
  ) async throws {
    for isRecurrent in [false, true] {
      for isFiltered in [false, true] {
        let sample = Sample(
          surrogate: surrogate, reset: reset, isRecurrent: isRecurrent, isFiltered: isFiltered,
          seed: 11)
        for loss in Sample.lossKinds { try await check(sample, loss) }
      }
    }
  }

  @Test(arguments: [
    "max_membrane_cross_entropy", "mean_membrane_cross_entropy", "membrane_mse",
    "recall_cross_entropy",
  ])
  func integrators(loss: String) async throws {
    for isFiltered in [false, true] {
      for hiddenIsIntegrator in [false, true] {
        try await check(
          Sample(
            isFiltered: isFiltered, endsInIntegrator: true,
            hiddenIsIntegrator: hiddenIsIntegrator, seed: 12), loss)
      }
    }
  }

  @Test(arguments: [false, true])
  func oneToOne(isFiltered: Bool) async throws {
    for loss in Sample.lossKinds {
      try await check(Sample(isOneToOne: true, isFiltered: isFiltered, seed: 14), loss)
    }
  }

  @Test(arguments: ReferenceReset.allCases)
  func refractoryPeriod(reset: ReferenceReset) async throws {
    for steps in [1, 3] {
      for loss in Sample.lossKinds {
        try await check(Sample(reset: reset, refractorySteps: steps, seed: 15), loss)
      }
    }
  }

  @Test(arguments: ReferenceReset.allCases)
  func adaptation(reset: ReferenceReset) async throws {
    for loss in Sample.lossKinds {
      try await check(Sample(reset: reset, isAdaptive: true, seed: 16), loss)
    }
  }

  @Test(arguments: [ReferenceReset.subtraction, .none], [false, true])
  func delayedReset(reset: ReferenceReset, isAdaptive: Bool) async throws {
    for loss in Sample.lossKinds {
      try await check(
        Sample(
          reset: reset, resetTiming: .delayed, isAdaptive: isAdaptive, isFiltered: isAdaptive,
          seed: 17), loss)
    }
  }

  /// What dropout does to a layer's input.
  @Test func inputFactors() async throws {
    var random = SplitMix64(seed: 18)
    let factors = [Sample.inputs, Sample.hidden].map { inputs in
      random.spikes(Sample.batch * inputs, probability: 0.7).map { $0 / 0.7 }
    }
    for loss in Sample.lossKinds {
      try await check(Sample(inputFactors: factors, seed: 18), loss)
    }
  }

  /// A detached reset means the derivative with the reset's spikes held constant.
  @Test(arguments: [ReferenceReset.subtraction, .zero], ReferenceResetTiming.allCases)
  func detachedReset(reset: ReferenceReset, timing: ReferenceResetTiming) async throws {
    for kind in Sample.lossKinds {
      let sample = Sample(
        reset: reset, resetGradient: .detached, resetTiming: timing,
        isAdaptive: timing == .delayed, isFiltered: true, seed: 13)
      let trace = try await sample.network(sample.parameters()).run(
        input: sample.input(), batch: Sample.batch, steps: Sample.steps, spikes: .smooth())
      try await check(sample, kind, rule: .smooth(resets: trace.layers.map(\.spikes)))
    }
  }

  /// Penalties of both layers' rates, hidden ones included.
  @Test(arguments: [false, true])
  func penalties(endsInIntegrator: Bool) async throws {
    let sample = Sample(isFiltered: true, endsInIntegrator: endsInIntegrator, seed: 19)
    for kind in [ReferencePenalty<Double>.Kind.l1, .l2, .lowerBound(0.6), .upperBound(0.4)] {
      for layer in [nil, 0] {
        try await check(
          sample, "membrane_mse", penalties: [.init(kind, strength: 5, layer: layer)])
      }
    }
  }

  /// Compares the derivative along a random direction in each parameter.
  private func check(
    _ sample: Sample, _ kind: String, penalties: [ReferencePenalty<Double>] = [],
    rule: ReferenceSpikeRule<Double> = .smooth()
  ) async throws {
    let input = sample.input()
    let loss = sample.loss(kind)
    let parameters = sample.parameters()
    func value(_ parameters: [String: [Double]]) async throws -> Double {
      let step = try await sample.network(parameters).step(
        input: input, batch: Sample.batch, steps: Sample.steps, loss: loss, penalties: penalties,
        spikes: rule)
      return step.loss + step.penalty
    }
    let base = try await sample.network(parameters).step(
      input: input, batch: Sample.batch, steps: Sample.steps, loss: loss, penalties: penalties,
      spikes: rule)
    var random = SplitMix64(seed: sample.seed &+ 3000)
    for (name, gradient) in base.gradients.sorted(by: { $0.key < $1.key }) {
      let direction = random.uniform(gradient.count, in: -1...1)
      let center = try #require(parameters[name]?.prefix(gradient.count))
      func difference(_ h: Double) async throws -> Double {
        var (above, below) = (parameters, parameters)
        above[name] = zip(center, direction).map { $0 + h * $1 }
        below[name] = zip(center, direction).map { $0 - h * $1 }
        return (try await value(above) - value(below)) / (2 * h)
      }
      let exact = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
      // A time constant is a hundred times smaller than the others.
      let h = name.hasSuffix("tau") ? 1e-7 : 1e-5
      let (near, far) = (try await difference(h), try await difference(2 * h))
      // D(h) = L' + c h^2 + ..., so D(2h) - D(h) bounds the truncation of both; the loss is a sum
      // of some thousand rounded terms, each off by at most an ulp of the loss.
      let rounding = 1000 * (base.loss + base.penalty).ulp / h
      let tolerance = (far - near).magnitude + rounding
      let error = (near - exact).magnitude
      // Proof that the tolerance still tells right from wrong. The gradient of the last threshold
      // is zero where nothing that the loss reads follows from the last spikes.
      let scale = gradient.reduce(0) { max($0, $1.magnitude) }
      let place = "\(name), \(kind), \(sample)"
      #expect(
        scale == 0 || tolerance <= 1e-3 * scale,
        "\(place): tolerance \(tolerance) is blunt, scale \(scale)")
      #expect(error <= tolerance, "\(place): \(exact), by differences \(near)")
    }
  }
}
