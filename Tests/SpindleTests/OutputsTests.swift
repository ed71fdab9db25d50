import SpindleReference
import Testing

@testable import Spindle

/// Backward by outputs where the surrogate has a support, and readouts by increments.
struct OutputsTests {
  /// Two recurrent layers of widths around multiples of the vector's 16 lanes, with surrogates of
  /// every kind, and a readout.
  private static func network(_ seed: UInt64, dropout: Double = 0) throws -> Network {
    var random = SplitMix(seed: seed)
    let widths = [1, 7, 15, 16, 17, 31, 33, 48, 65, 100]
    func layer(inputs: Int, _ neurons: Int, dropout: Double) -> Layer {
      let scale = 2 / Double(inputs).squareRoot()
      let surrogate = Surrogate(
        random.pick(Surrogate.Kind.allCases), slope: Double(random.float(0.5...3)),
        peak: Double(random.float(0.3...1)), support: Double(random.float(0.1...2)))
      return .lif(
        neurons, spiking: Spiking(reset: random.pick(Reset.allCases), surrogate: surrogate),
        recurrence: .rc(.normal(mean: 0, standardDeviation: 0.5 / Double(neurons).squareRoot())),
        connection: Connection(
          weights: .normal(mean: 0.2 * scale, standardDeviation: scale), dropout: dropout))
    }
    let (below, above) = (random.pick(widths), random.pick(widths))
    let readout = Layer.li(
      random.pick([1, 5, 16, 20]), connection: Connection(weights: .kaimingNormal()))
    return try Network(
      inputs: 20,
      layers: [
        layer(inputs: 20, below, dropout: dropout), layer(inputs: below, above, dropout: dropout),
        readout,
      ], seed: seed)
  }

  private static func input(_ seed: UInt64, batch: Int, steps: Int) throws -> Input {
    var train = try SpikeTrain(batch: batch, steps: steps, units: 20)
    var random = RandomStream(seed: seed, stream: 1)
    try train.fill(probability: 0.3, from: &random)
    return .spikes(train)
  }

  private static func classes(_ network: Network, _ batch: Int) -> Target {
    .classes((0..<batch).map { Int32($0 % network.outputs) })
  }

  /// One way is right by the oracle (OracleTests): so are all.
  @Test(arguments: seeds(from: 8000, 25))
  func everyWayGivesTheSameBits(seed: UInt64) throws {
    let network = try Self.network(seed)
    let (batch, steps) = ([1, 5, 16, 70][Int(seed % 4)], 15)
    let input = try Self.input(seed, batch: batch, steps: steps)
    func run(_ execution: Execution) throws -> Bits {
      Bits(
        try network.evaluate(
          input, target: Self.classes(network, batch), loss: .maxMembraneCrossEntropy,
          execution: execution))
    }
    let expected = try run(Execution(threads: 1, layout: .rows, outputs: .all))
    for isa in ISA.supported {
      for outputs in Outputs.allCases {
        for sums in [Sums.events, .blockedEvents] {
          let got = try run(
            Execution(threads: 3, isa: isa, layout: .rows, sums: sums, outputs: outputs))
          got.expectSame(as: expected, "\(isa), \(outputs), sums by \(sums)")
        }
      }
    }
  }

  /// A matrix of more rows than are multiplied at a time, of which few or all are needed, for more
  /// samples than a word has bits.
  @Test(arguments: [5, 0.1])
  func everyWayGivesTheSameBitsInLargeLayers(slope: Double) throws {
    let surrogate = Surrogate(.triangular, slope: slope, peak: 1)
    let network = try Network(
      inputs: 20,
      layers: [
        .lif(
          700, spiking: Spiking(surrogate: surrogate),
          recurrence: .rc(.normal(mean: 0, standardDeviation: 0.02)),
          connection: Connection(weights: .normal(mean: 0.1, standardDeviation: 0.4)))
      ], seed: 1)
    let input = try Self.input(1, batch: 72, steps: 4)
    let rates = [Float](repeating: 0.5, count: 4 * 700)
    let target = Target.values(try Tensor(shape: [4, 700], values: rates))
    let ways = try Outputs.allCases.map { outputs in
      Bits(
        try network.evaluate(
          input, target: target, loss: .meanRateMSE,
          execution: Execution(layout: .rows, outputs: outputs)))
    }
    for way in ways.dropFirst() { way.expectSame(as: ways[0], "another way") }
  }

  /// Dropped inputs give nothing to the layer below, needed or not.
  @Test func everyWayGivesTheSameBitsWithDropout() throws {
    let network = try Self.network(8100, dropout: 0.4)
    let input = try Self.input(8100, batch: 9, steps: 12)
    let ways = try Outputs.allCases.map { outputs in
      var trainer = try Trainer(
        network, batch: 9, steps: 12, loss: .meanMembraneCrossEntropy,
        optimizer: .sgd(learningRate: 0.1), execution: Execution(layout: .rows, outputs: outputs))
      for _ in 0..<3 { _ = try trainer.step(input, target: Self.classes(network, 9)) }
      var bits = Bits()
      for name in network.parameters.map(\.name) {
        bits.add(name, try trainer.network.floats(name))
      }
      return bits
    }
    for way in ways.dropFirst() { way.expectSame(as: ways[0], "another way") }
  }

  /// The fraction that the plan tells is that of the potentials within the support, and leads to
  /// what it says.
  @Test(arguments: Outputs.allCases, [0.05, 4])
  func planTellsTheFraction(outputs: Outputs, support: Double) throws {
    let surrogate = Surrogate(.atan, slope: 1, support: support)
    let network = try Network(
      inputs: 20,
      layers: [
        .lif(
          33, spiking: Spiking(surrogate: surrogate), recurrence: .rc(.constant(0.01)),
          connection: Connection(weights: .normal(mean: 0.1, standardDeviation: 0.3)))
      ], seed: 2)
    let input = try Self.input(2, batch: 7, steps: 11)
    let rates = [Float](repeating: 0.5, count: 11 * 33)
    let target = Target.values(try Tensor(shape: [11, 33], values: rates))
    let execution = Execution(layout: .rows, outputs: outputs)
    var trainer = try Trainer(
      network, batch: 7, steps: 11, loss: .meanRateMSE, execution: execution)
    #expect(trainer.plan.layers[0].surrogateDensity == 1)
    _ = try trainer.step(input, target: target)
    let potentials = try network.run(input, recording: 0, execution: execution).potential.values
    let within = potentials.count { abs($0 - 1) < Float(support) }
    // No step comes after the last, from which a product could come.
    let last = (0..<7).reduce(0) { count, b in
      let row = potentials[((b * 11 + 10) * 33)..<((b * 11 + 11) * 33)]
      return count + row.count { abs($0 - 1) < Float(support) }
    }
    let density = trainer.plan.layers[0].surrogateDensity
    #expect(density == Double(within - last) / Double(7 * 10 * 33))
    let expected: Outputs = outputs == .automatic ? (support < 1 ? .needed : .all) : outputs
    #expect(trainer.plan.layers[0].outputs == expected)
  }

  /// |x| = support is outside, |x| just below it inside; both potentials are exact.
  @Test(arguments: Surrogate.Kind.allCases)
  func endsAtItsSupport(kind: Surrogate.Kind) throws {
    func gradient(_ weight: Float) throws -> Float {
      let surrogate = Surrogate(kind, slope: 0.5, peak: 2, support: 0.5)
      var network = try Network(
        inputs: 1, layers: [.lif(1, spiking: Spiking(surrogate: surrogate))])
      try network.set("0.weight", to: [weight])
      let target = Target.values(try Tensor(shape: [1, 1], values: [1]))
      return try network.evaluate(
        Input([1], batch: 1, steps: 1, units: 1), target: target, loss: .meanRateMSE,
        execution: Execution(layout: .rows)
      ).gradients["0.weight"]?[0] ?? .nan
    }
    #expect(try gradient(0.5) == 0)
    let inside = try gradient(Float(0.5).nextUp)
    let h = Surrogate(kind, slope: 0.5, peak: 2).derivative(-0.5 as Double)
    #expect(abs(Double(inside) + 2 * h) < 1e-6, "\(inside), not \(-2 * h)")
    #expect(try gradient(1) == -4, "the peak")
  }

  /// Increments against products, which a learned tau leads to: the same sums in another order.
  @Test(
    arguments: seeds(from: 8200, 6),
    [
      Loss.maxMembraneCrossEntropy, .meanMembraneCrossEntropy,
      .recallCrossEntropy(firstStep: 4, answerSteps: 7),
    ])
  func incrementsAgreeWithProducts(seed: UInt64, loss: Loss) throws {
    let network = try Self.network(seed)
    var description = network.description
    description.layers[2].learned.insert(.tau)
    var other = try Network(description, seed: seed)
    for parameter in network.parameters {
      try other.set(parameter.name, to: try network.floats(parameter.name))
    }
    let input = try Self.input(seed, batch: 18, steps: 15)
    func run(_ network: Network) throws -> [String: [Float]] {
      try network.evaluate(
        input, target: Self.classes(network, 18), loss: loss, execution: Execution(layout: .rows)
      ).gradients
    }
    let (increments, products) = (try run(network), try run(other))
    for (name, gradient) in increments {
      let expected = try #require(products[name]).map(Double.init)
      let difference = Difference(name, gradient, expected)
      // 15 steps of up to 100 terms a sum, through three layers: see OracleTests.tolerance.
      let tolerance: Double = 0x1p-24 * 4 * 60 * 15 * 3
      #expect(difference.isWithin(tolerance, floor: 1e-9), "\(difference)")
    }
  }
}
