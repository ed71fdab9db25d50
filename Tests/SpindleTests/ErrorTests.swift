import Foundation
import Spindle
import Testing

/// Each error that a user can cause, through the public API. Nothing may crash.
struct ErrorTests {
  private static func network(
    timeStep: Double = 1e-3, inputs: Int = 3, neurons: Int = 4,
    weights: Initializer = .constant(0.5), tau: PerNeuron = 0.01, threshold: PerNeuron = 1,
    slope: Double = 1, synapticTau: PerNeuron? = nil
  ) throws -> Network {
    try Network(
      timeStep: timeStep, inputs: inputs,
      layers: [
        .lif(
          neurons, tau: tau, synapticTau: synapticTau,
          spiking: Spiking(threshold: threshold, surrogate: .fastSigmoid(slope: slope)),
          connection: Connection(weights: weights))
      ])
  }

  private static func spikes(_ batch: Int = 2, _ steps: Int = 5, _ units: Int = 3) throws -> Input {
    .spikes(try SpikeTrain(batch: batch, steps: steps, units: units))
  }

  @Test func sizes() throws {
    for size in [0, -1, Int.min, Int.max, 1 << 30 + 1] {
      expectError("inputs must be from 1") { _ = try Self.network(inputs: size) }
      expectError("layers[0].neurons must be from 1") { _ = try Self.network(neurons: size) }
      expectError("batch") { _ = try SpikeTrain(batch: size, steps: 1, units: 1) }
      expectError("steps") { _ = try SpikeTrain(batch: 1, steps: size, units: 1) }
      expectError("units") { _ = try SpikeTrain(batch: 1, steps: 1, units: size) }
      expectError("batch") { _ = try Signal([], batch: size, steps: 1, units: 1) }
      expectError("batch") { _ = try Input([], batch: size, steps: 1, units: 1) }
      expectError("steps") {
        _ = try Trainer(Self.network(), batch: 1, steps: size, loss: .meanRateMSE)
      }
      expectError("batch") { _ = try Stepper(Self.network(), batch: size) }
      expectError("batch") { _ = try Self.network().plan(batch: size, steps: 1) }
    }
    for size in [-1, Int.min] {
      expectError("a size of a tensor") { _ = try Tensor(shape: [size, 2], values: []) }
      var stream = RandomStream(seed: 0, stream: 0)
      expectError("random numbers") { _ = try stream.uniform(low: 0, high: 1, count: size) }
      expectError("random numbers") {
        _ = try stream.normal(mean: 0, standardDeviation: 1, count: size)
      }
    }
  }

  @Test func hugeSizes() throws {
    let most = 1 << 30
    expectError("does not fit") { _ = try Tensor(shape: [Int.max, 3], values: []) }
    expectError("does not fit") { _ = try SpikeTrain(batch: most, steps: most, units: most) }
    expectError("does not fit") { _ = try Signal([], batch: most, steps: most, units: most) }
    expectError("memory") { _ = try SpikeTrain(batch: 1 << 20, steps: 1 << 20, units: 32) }
    expectError("does not fit") {
      _ = try Self.network(inputs: most, neurons: most)
    }
    expectError("memory") {
      _ = try Self.network(inputs: 1 << 20, neurons: 1 << 20)
    }
    expectError("memory") {
      _ = try Trainer(Self.network(), batch: 1 << 20, steps: 1 << 20, loss: .meanRateMSE)
    }
    expectError("does not fit") {
      _ = try Trainer(
        Self.network(neurons: 1 << 16), batch: most,
        steps: most, loss: .meanRateMSE)
    }
    expectError("memory") { _ = try Stepper(Self.network(), batch: most) }
    var stream = RandomStream(seed: 0, stream: 0)
    expectError("memory") { _ = try stream.uniform(low: 0, high: 1, count: 1 << 45) }
    expectError("random numbers") { _ = try stream.uniform(low: 0, high: 1, count: Int.max) }
    expectError("random numbers") {
      _ = try stream.normal(mean: 0, standardDeviation: 1, count: Int.max - 63)
    }
  }

  @Test func shapes() throws {
    expectError("layers[0].tau must have shape [4], got [2]") {
      _ = try Self.network(tau: [0.01, 0.01])
    }
    expectError("layers[0].threshold") { _ = try Self.network(threshold: []) }
    expectError("values") { _ = try Tensor(shape: [2, 3], values: [1]) }
    expectError("values") { _ = try Signal([1], batch: 1, steps: 2, units: 1) }
    expectError("values") { _ = try SpikeTrain([1], batch: 1, steps: 2, units: 1) }
    expectError("values") { _ = try Input([1], batch: 1, steps: 2, units: 1) }
    expectError("0.weight") {
      var network = try Self.network()
      try network.set("0.weight", to: [1])
    }
    expectError("[2, 5, 3]") { _ = try Self.network().run(Self.spikes(2, 5, 4)) }
    expectError("recorded layer") { _ = try Self.network().run(Self.spikes(), recording: 1) }
    expectError("recorded layer") { _ = try Self.network().run(Self.spikes(), recording: -1) }
  }

  @Test func layerOrder() throws {
    expectError("at least one layer") { _ = try Network(inputs: 4, layers: []) }
    expectError("layers[0].kind: leaky integrators must be the last") {
      _ = try Network(inputs: 4, layers: [.li(4), .lif(4)])
    }
    expectError("layers[0].topology: leaky integrators have no spikes") {
      _ = try Network(inputs: 4, layers: [Layer(Neurons(count: 4), recurrence: .rc())])
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(_ bad: Float) throws {
    let number = Double(bad)
    for weights: Initializer in [
      .constant(number), .constant(1e39), .normal(mean: number, standardDeviation: 1),
      .normal(mean: 0, standardDeviation: number), .normal(mean: 0, standardDeviation: -1),
      .uniform(low: number, high: 1), .uniform(low: 1, high: 1), .uniform(low: -3e38, high: 3e38),
      .glorotNormal(gain: number), .kaimingUniform(gain: number),
    ] {
      expectError("must be") { _ = try Self.network(weights: weights) }
    }
    expectError("layers[0].threshold must be finite") {
      _ = try Self.network(threshold: .all(number))
    }
    expectError("layers[0].tau[1] must be positive, in seconds") {
      _ = try Self.network(tau: [0.01, .init(bad), 0.01, 0.01])
    }
    expectError("layers[0].surrogate.slope must be positive") {
      _ = try Self.network(slope: number)
    }
    expectError("layers[0].synaptic_tau") { _ = try Self.network(synapticTau: .all(number)) }
    expectError("time_step must be positive") { _ = try Self.network(timeStep: number) }
    expectError("at index 1") { _ = try Signal([0.5, bad], batch: 1, steps: 2, units: 1) }
    expectError("at index 1") { _ = try Input([0.5, bad], batch: 1, steps: 2, units: 1) }
    expectError("0 or 1") { _ = try SpikeTrain([0, bad], batch: 1, steps: 2, units: 1) }
    expectError("at index 1") { _ = try Tensor(shape: [2], values: [0, bad]) }
    var network = try Self.network()
    expectError("0.weight") { try network.set("0.weight", to: [Float](repeating: bad, count: 12)) }
    network = try Self.network()
    try network.withValues(of: "0.weight") { $0[2] = bad }
    let written = network
    expectError("\"0.weight\" must be finite") { _ = try written.run(Self.spikes()) }
    expectError("\"0.weight\" must be finite") { _ = try Stepper(written) }
    expectError("\"0.weight\" must be finite") {
      _ = try Trainer(written, batch: 1, steps: 1, loss: .meanRateMSE)
    }
  }

  @Test(arguments: [0, -0.01, -Double.leastNonzeroMagnitude, 1e-50])
  func notPositive(_ bad: Double) throws {
    expectError("layers[0].tau") { _ = try Self.network(tau: .all(bad)) }
    expectError("layers[0].synaptic_tau[2]") {
      _ = try Self.network(synapticTau: [1, 1, .init(bad), 1])
    }
    expectError("layers[0].surrogate.slope") { _ = try Self.network(slope: bad) }
    expectError("time_step") { _ = try Self.network(timeStep: bad) }
    var network = try Self.network()
    expectError("0.tau") { try network.set("0.tau", to: [Float(bad), 1, 1, 1]) }
  }

  /// A refused assignment leaves the network as it was.
  @Test func refusedValuesAreNotKept() throws {
    var network = try Self.network()
    let before = try network.floats("0.tau")
    expectError("0.tau") { try network.set("0.tau", to: [1, 0, 1, 1]) }
    #expect(try network.floats("0.tau") == before)
  }

  @Test func names() throws {
    var network = try Self.network()
    expectError("0.weight, 0.tau, 0.threshold") { _ = try network.values(of: "weight") }
    expectError("no parameter") { try network.set("", to: []) }
    expectError("no parameter") { try network.withValues(of: "1.weight") { _ in } }
    let trainer = try Trainer(network, batch: 1, steps: 1, loss: .meanRateMSE)
    do {
      _ = try trainer.gradient(of: "1.weight")
      Issue.record("no error")
    } catch {
      #expect(
        error
          == .unknownParameter(
            name: "1.weight", known: ["0.weight", "0.tau", "0.threshold"]))
    }
  }

  @Test func targets() throws {
    let network = try Self.network()
    func evaluate(_ loss: Loss, _ target: Target) throws {
      _ = try network.evaluate(Self.spikes(), target: target, loss: loss)
    }
    let values = Target.values(try Tensor(shape: [4, 5], values: [Float](repeating: 0, count: 20)))
    expectError("[5, 4]") { try evaluate(.meanRateMSE, values) }
    expectError("[2, 5, 4]") { try evaluate(.membraneMSE, values) }
    expectError("[2, 4]") { try evaluate(.spikeCountMSE, values) }
    expectError("[2, 4]") { try evaluate(.firingRateMSE, values) }
    expectError("[2, 5, 4]") { try evaluate(.vanRossum(tau: 0.01), values) }
    expectError("must be values") { try evaluate(.vanRossum(tau: 0.01), .classes([0, 1])) }
    for tau in [0, -1, Float.nan, .infinity] {
      expectError("the loss's tau must be positive") { try evaluate(.vanRossum(tau: tau), values) }
    }
    expectError("must be classes") { try evaluate(.rateCrossEntropy, values) }
    expectError("must be values") { try evaluate(.meanRateMSE, .classes([0, 1])) }
    expectError("classes must have shape [2]") { try evaluate(.rateCrossEntropy, .classes([0])) }
    for bad: Int32 in [-1, 4, .min, .max] {
      expectError("a class") { try evaluate(.maxMembraneCrossEntropy, .classes([0, bad])) }
    }
    let integrators = try Network(
      inputs: 3,
      layers: [
        .li(4)
      ])
    for loss in [
      Loss.meanRateMSE, .rateCrossEntropy, .spikeCountMSE, .firingRateMSE, .vanRossum(tau: 1),
    ] {
      expectError("needs spikes") {
        _ = try integrators.evaluate(Self.spikes(), target: .classes([0, 1]), loss: loss)
      }
      expectError("needs spikes") { _ = try Trainer(integrators, batch: 1, steps: 1, loss: loss) }
    }
  }

  @Test func execution() throws {
    for threads in [0, -1, 257, 1000, Int.max, Int.min] {
      expectError("threads") {
        _ = try Self.network().run(Self.spikes(), execution: Execution(threads: threads))
      }
    }
    for isa in ISA.allCases where isa != .automatic && !ISA.supported.contains(isa) {
      expectError("instruction set") { _ = try isa.resolved() }
      expectError("instruction set") {
        _ = try Self.network().run(Self.spikes(), execution: Execution(isa: isa))
      }
    }
    #expect(ISA.supported.count < ISA.allCases.count - 1, "no processor has all of them")
  }

  @Test func training() throws {
    let network = try Self.network()
    let zeros = Target.values(try Tensor(shape: [5, 4], values: [Float](repeating: 0, count: 20)))
    for optimizer: Optimizer in [
      .adam(learningRate: .nan), .sgd(learningRate: -1), .adam(learningRate: .infinity),
      .adam(learningRate: 2e30), .adam(beta1: 1), .adamax(beta2: -0.1), .adamW(beta1: .nan),
      .adam(epsilon: 0), .adamax(epsilon: .nan), .sgd(momentum: 1), .sgd(momentum: -0.1),
      .sgd(nesterov: true), .adam(weightDecay: -1), .adamW(weightDecay: .infinity),
      .sgd(weightBound: 0), .sgd(weightBound: .nan),
    ] {
      expectError("must be") {
        _ = try Trainer(network, batch: 2, steps: 5, loss: .meanRateMSE, optimizer: optimizer)
      }
      var trainer = try Trainer(network, batch: 2, steps: 5, loss: .meanRateMSE)
      trainer.optimizer = optimizer
      expectError("must be") { _ = try trainer.step(Self.spikes(), target: zeros) }
    }
    for clipping in [Clipping.byNorm(0), .byNorm(.nan), .byValue(-1), .byValue(.infinity)] {
      expectError("the limit of clipping must be positive") {
        _ = try Trainer(network, batch: 2, steps: 5, loss: .meanRateMSE, clipping: clipping)
      }
      var trainer = try Trainer(network, batch: 2, steps: 5, loss: .meanRateMSE)
      trainer.clipping = clipping
      expectError("clipping") { _ = try trainer.step(Self.spikes(), target: zeros) }
    }
    expectError("kind must be adam as at the start, got sgd") {
      var trainer = try Trainer(network, batch: 2, steps: 5, loss: .meanRateMSE)
      trainer.optimizer = .sgd()
      _ = try trainer.step(Self.spikes(), target: zeros)
    }
    var trainer = try Trainer(network, batch: 2, steps: 5, loss: .meanRateMSE)
    for shape in [(3, 5, 3), (2, 4, 3), (1, 4, 3), (1, 5, 2)] {
      expectError("[2, 5, 3]") {
        _ = try trainer.step(Self.spikes(shape.0, shape.1, shape.2), target: zeros)
      }
    }
    expectError("nothing to record") { _ = try trainer.record() }
    _ = try trainer.step(Self.spikes(), target: zeros)
    expectError("nothing to record") { _ = try trainer.record() }
    _ = try trainer.evaluate(Self.spikes(), target: zeros)
    _ = try trainer.record()
  }

  @Test func penalties() throws {
    let network = try Network(
      inputs: 3,
      layers: [
        .lif(4),
        .li(2),
      ])
    for (words, penalty): (String, RatePenalty) in [
      ("strength must be finite and not negative, got -1.0", .l1(strength: -1)),
      ("strength", .l2(strength: .nan)), ("strength", .l2(strength: .infinity)),
      ("bound must be from 0 to 1, got 1.5", .upperBound(1.5, strength: 1)),
      ("bound", .lowerBound(-0.1, strength: 1)), ("bound", .lowerBound(.nan, strength: 1)),
      ("layer must be a layer of spiking neurons, one of [0], got 1", .l1(strength: 1, layer: 1)),
      ("layer", .l1(strength: 1, layer: 2)), ("layer", .l1(strength: 1, layer: -1)),
    ] {
      expectError(words) {
        _ = try Trainer(
          network, batch: 2, steps: 5, loss: .meanMembraneCrossEntropy, regularization: [penalty])
      }
      expectError(words) {
        _ = try network.evaluate(
          Self.spikes(), target: .classes([0, 1]), loss: .meanMembraneCrossEntropy,
          regularization: [.l1(strength: 1), penalty])
      }
    }
    let integrators = try Network(
      inputs: 3,
      layers: [
        .li(4)
      ])
    expectError("a penalty of rates needs spikes") {
      _ = try Trainer(
        integrators, batch: 2, steps: 5, loss: .membraneMSE, regularization: [.l1(strength: 1)])
    }
  }

  @Test func stepsOfRecall() throws {
    let network = try Network(
      inputs: 3,
      layers: [
        .li(2)
      ])
    for (words, first, answer) in [
      ("first step of \"recall_cross_entropy\" must be from 0 to 4, got 5", 5, 1),
      ("first step", -1, 1),
      ("answer's steps of \"recall_cross_entropy\" must be from 1 to 5", 0, 0),
      ("answer's steps", 0, 6),
    ] {
      expectError(words) {
        _ = try network.evaluate(
          Self.spikes(), target: .classes([0, 1]),
          loss: .recallCrossEntropy(firstStep: first, answerSteps: answer))
      }
    }
  }

  @Test func randomNumbers() throws {
    var stream = RandomStream(seed: 0, stream: 0)
    for (low, high) in [(1, 1), (1, 0), (.nan, 1), (0, .infinity), (-3e38, 3e38)]
      as [(Float, Float)]
    {
      expectError("range") { _ = try stream.uniform(low: low, high: high, count: 1) }
    }
    expectError("deviation") { _ = try stream.normal(mean: 0, standardDeviation: -1, count: 1) }
    var train = try SpikeTrain(batch: 1, steps: 1, units: 1)
    for p in [-0.1, 1.1, .nan, .infinity] {
      expectError("probability") { try train.fill(probability: p, from: &stream) }
    }
    #expect(stream == RandomStream(seed: 0, stream: 0), "a refused draw leaves the stream")
  }
}
