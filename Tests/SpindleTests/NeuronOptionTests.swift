import Spindle
import Testing

/// The options of neurons by hand, with decays so slow or fast that the numbers are exact.
struct NeuronOptionTests {
  /// Runs one neuron that gets these currents, in every sample of a batch; the last sample.
  private func run(
    _ currents: [Float], _ layer: Layer
  ) throws -> (spikes: [Float], potential: [Float]) {
    let network = try Network(inputs: 1, layers: [layer])
    let recording = try network.run(
      try Input(
        [Float](repeating: 0.25, count: 2 * currents.count) + currents, batch: 3,
        steps: currents.count, units: 1))
    return (
      currents.indices.map { recording.spikes[2, $0, 0] },
      currents.indices.map { recording.potential[2, $0, 0] }
    )
  }

  /// tau of 1e-4 s leaves exp(-10) of the membrane: no memory to speak of.
  private func forgetful(_ spiking: Spiking = .init(), _ recurrence: Recurrence = .ff) -> Layer {
    neuron(tau: 1e-4, spiking, recurrence)
  }

  /// One neuron whose current is its input.
  private func neuron(
    tau: PerNeuron, _ spiking: Spiking, _ recurrence: Recurrence = .ff
  ) -> Layer {
    .lif(
      1, tau: tau, spiking: spiking, recurrence: recurrence,
      connection: Connection(weights: .constant(1)))
  }

  @Test func aRefractoryNeuronIsSilentForItsSteps() throws {
    func spikes(_ refractorySteps: Int) throws -> [Float] {
      try run([2, 2, 2, 2, 2, 0, 2, 2], forgetful(Spiking(refractorySteps: refractorySteps))).spikes
    }
    #expect(try spikes(2) == [1, 0, 0, 1, 0, 0, 1, 0])
    #expect(try spikes(1) == [1, 0, 1, 0, 1, 0, 1, 0])
    #expect(try spikes(0) == [1, 1, 1, 1, 1, 0, 1, 1])
    #expect(try spikes(1000) == [1, 0, 0, 0, 0, 0, 0, 0])
  }

  /// A membrane goes on integrating while the neuron may not fire.
  @Test func theMembraneOfARefractoryNeuronGoesOn() throws {
    let layer = neuron(tau: 1e6, Spiking(reset: .zero, refractorySteps: 2))
    let (spikes, potential) = try run([2, 0.75, 0.75, 0.75, 0], layer)
    #expect(spikes == [1, 0, 0, 1, 0])
    #expect(potential == [2, 0.75, 1.5, 2.25, 0])
  }

  /// snnTorch's Leaky(beta = 0.5, threshold = 1, reset_delay = True) by its own equations,
  /// mem = beta mem + input - reset threshold (subtract) and mem = (beta mem + input)(1 - reset)
  /// (zero), with reset = mem > threshold of the step before.
  @Test func aDelayedResetIsSnnTorchs() throws {
    // exp(-0.001 / tau) = 0.5 to within a rounding.
    let tau = 0.001_442_695
    let currents: [Float] = [1.5, 1, 0.5, 1, 0]
    func expect(
      _ reset: Reset, _ potential: [Float], _ location: SourceLocation = #_sourceLocation
    ) throws {
      let got = try run(
        currents,
        neuron(
          tau: .all(tau),
          Spiking(reset: reset, resetGradient: .detached, resetTiming: .delayed)))
      #expect(got.spikes == potential.map { $0 > 1 ? 1 : 0 }, sourceLocation: location)
      for (value, right) in zip(got.potential, potential) {
        #expect(abs(value - right) < 1e-6, "\(got.potential)", sourceLocation: location)
      }
    }
    // 1.5 | 0.75 + 1 - 1 | 0.375 + 0.5 | 0.4375 + 1 | 0.71875 - 1
    try expect(.subtraction, [1.5, 0.75, 0.875, 1.4375, -0.281_25])
    // 1.5 | (0.75 + 1) 0 | 0.5 | 0.25 + 1 | (0.625) 0
    try expect(.zero, [1.5, 0, 0.5, 1.25, 0])
    // 1.5 | 0.75 + 1 | 0.875 + 0.5 | 0.6875 + 1 | 0.84375
    try expect(.none, [1.5, 1.75, 1.375, 1.6875, 0.843_75])
  }

  /// rho = exp(-dt / tau) = 1/2: a = 0, 1/2, 3/4, 3/8 + s/2, ...
  @Test func aThresholdAdapts() throws {
    let layer = forgetful(Spiking(adaptation: Adaptation(strength: 4, tau: 0.001_442_695)))
    // Thresholds: 1, then 1 + 4/2 = 3, 1 + 4 x 3/4 = 4, 1 + 4 x 3/8 = 2.5.
    #expect(try run([2, 3.5, 3.5, 2.4], layer).spikes == [1, 1, 0, 0])
    #expect(try run([2, 3.5, 3.5, 2.6], layer).spikes == [1, 1, 0, 1])
    #expect(try run([2, 2.9, 2.1, 1.4], layer).spikes == [1, 0, 1, 0])
  }

  /// Reset by subtraction takes the raised threshold.
  @Test(arguments: ResetTiming.allCases)
  func anAdaptiveResetTakesTheRaisedThreshold(timing: ResetTiming) throws {
    let adaptation = Adaptation(strength: 1, tau: 0.001_442_695)
    let layer = neuron(tau: 1e6, Spiking(resetTiming: timing, adaptation: adaptation))
    let (spikes, potential) = try run([1.5, 2, 0, 0], layer)
    #expect(spikes == [1, 1, 0, 0])
    // 1.5; 1.5 - 1 + 2; 2.5 - 1.5; both timings reset before the next potential.
    for (value, right) in zip(potential, [1.5, 2.5, 1, 1]) {
      #expect(abs(value - Float(right)) < 1e-6, "\(potential)")
    }
  }

  @Test func oneToOneRecurrenceReachesTheNeuronItself() throws {
    let strong = forgetful(.init(), .oneToOne(.constant(1.5)))
    #expect(try run([2, 0, 0], strong).spikes == [1, 1, 1])
    let weak = forgetful(.init(), .oneToOne(.constant(0.5)))
    #expect(try run([2, 0, 0.75], weak).spikes == [1, 0, 0])
    #expect(try run([2, 0.75, 0], weak).spikes == [1, 1, 0])
  }

  /// A frozen parameter has a gradient of zero, and training leaves its bits.
  @Test func fixedParametersStay() throws {
    func network(isFixed: Bool) throws -> Network {
      try Network(
        inputs: 5,
        layers: [
          .lif(
            9, recurrence: .rc(.normal(mean: 0, standardDeviation: 0.2)),
            connection: Connection(
              weights: .normal(mean: 0.5, standardDeviation: 0.5), bias: .constant(0.1)),
            learned: isFixed ? [.tau] : Layer.learnedByDefault.union([.tau]))
        ])
    }
    let spikes = (0..<8 * 6 * 5).map { Float($0 % 3 == 2 ? 1 : 0) }
    let input = try Input(spikes, batch: 8, steps: 6, units: 5)
    let target = Target.values(
      try Tensor(shape: [6, 9], values: [Float](repeating: 0.3, count: 54)))
    for layout in [Layout.rows, .lanes] {
      for isFixed in [true, false] {
        let before = try network(isFixed: isFixed)
        var trainer = try Trainer(
          before, batch: 8, steps: 6, loss: .meanRateMSE, execution: Execution(layout: layout))
        for _ in 0..<3 { _ = try trainer.step(input, target: target) }
        for parameter in before.parameters where parameter.name != "0.threshold" {
          let stays = isFixed && parameter.name != "0.tau"
          #expect(parameter.isLearned == !stays)
          let same = try trainer.network.floats(parameter.name) == before.floats(parameter.name)
          #expect(same == stays, "\(parameter.name), \(layout), fixed: \(isFixed)")
          let gradient = try trainer.gradient(of: parameter.name)
          let isZero = gradient.indices.allSatisfy { gradient[$0] == 0 }
          #expect(isZero == stays, "\(parameter.name), \(layout), fixed: \(isFixed)")
        }
      }
    }
  }
}
