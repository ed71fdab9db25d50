import Spindle
import Testing

/// The promise: no thread count, no ISA and no choice between events and dense products changes a
/// bit of a result.
struct DeterminismTests {
  /// Divisors of the parts and not, and more than there are parts.
  private static let threads = [2, 3, 5, 8]

  @Test(arguments: seeds(from: 2000, 24))
  func oneStepInRows(seed: UInt64) throws {
    try compareOneStep(try RandomCase(seed: seed), .rows)
  }

  @Test(arguments: seeds(from: 3000, 24))
  func oneStepInLanes(seed: UInt64) throws {
    try compareOneStep(try RandomCase(seed: seed, small: true), .lanes)
  }

  private func compareOneStep(_ test: RandomCase, _ layout: Layout) throws {
    func run(_ threads: Int, _ isa: ISA) throws -> Bits {
      Bits(
        try test.network.evaluate(
          test.input, target: test.target, loss: test.loss, regularization: test.penalties,
          execution: Execution(threads: threads, isa: isa, layout: layout)))
    }
    let first = try run(1, .automatic)
    for threads in Self.threads {
      try run(threads, .automatic).expectSame(as: first, "\(threads) threads")
    }
    // With one thread OracleTests compares them.
    for isa in ISA.supported { try run(3, isa).expectSame(as: first, "\(isa), 3 threads") }
  }

  /// The number of parts decides the bits of gradients, and nothing else does; sequences of several
  /// segments of 256 steps included.
  @Test(arguments: [1, 2, 5, 64], [Layout.rows, .lanes])
  func parts(parts: Int, layout: Layout) throws {
    let run = try TrainingRun(seed: 6200, small: layout == .lanes, batch: 21, steps: 270)
    func train(_ threads: Int, _ isa: ISA, _ sums: Sums) throws -> Bits {
      try run.bits(
        Execution(threads: threads, isa: isa, layout: layout, sums: sums, parts: parts), steps: 2)
    }
    let first = try train(1, .automatic, .automatic)
    for threads in parts == 64 ? [3, 16, 64] : parts == 5 ? Self.threads : [3] {
      try train(threads, .automatic, .automatic).expectSame(as: first, "\(threads) threads")
    }
    // The kernels know nothing of parts: one number is enough for all of them.
    for isa in ISA.supported where parts == 5 {
      for sums in Sums.allCases {
        try train(2, isa, sums).expectSame(as: first, "\(isa), \(sums)")
      }
    }
  }

  @Test func partsOutOfRangeAreErrors() throws {
    let run = try TrainingRun(seed: 6300, small: true)
    for parts in [-1, 0, 65] {
      #expect(
        throws: SpindleError.invalidSize(what: "the number of parts", got: parts, maximum: 64)
      ) { _ = try run.trainer(Execution(parts: parts)) }
    }
    #expect(try run.trainer(Execution(layout: .rows, parts: 3)).plan.parts == 3)
  }

  /// Forward does the same sums in the same order in both layouts.
  @Test(arguments: seeds(from: 4000, 20))
  func layoutsAgreeForward(seed: UInt64) throws {
    let test = try RandomCase(seed: seed, small: seed % 2 == 0, plain: true)
    func run(_ layout: Layout) throws -> Bits {
      var bits = Bits()
      for layer in test.network.neuronCounts.indices {
        bits.add(
          try test.network.run(
            test.input, recording: layer, execution: Execution(layout: layout)),
          "layer \(layer), ")
      }
      return bits
    }
    try run(.lanes).expectSame(as: try run(.rows), "lanes against rows")
  }

  @Test(arguments: seeds(from: 5000, 8))
  func trainingInRows(seed: UInt64) throws { try compareTraining(seed, small: false, .rows) }

  @Test(arguments: seeds(from: 6000, 8))
  func trainingInLanes(seed: UInt64) throws { try compareTraining(seed, small: true, .lanes) }

  private func compareTraining(_ seed: UInt64, small: Bool, _ layout: Layout) throws {
    func run(_ threads: Int, _ isa: ISA) throws -> Bits {
      try TrainingRun(seed: seed, small: small)
        .bits(Execution(threads: threads, isa: isa, layout: layout))
    }
    let first = try run(1, .automatic)
    for threads in Self.threads {
      try run(threads, .automatic).expectSame(as: first, "\(threads) threads")
    }
    for isa in ISA.supported { try run(2, isa).expectSame(as: first, "\(isa)") }
  }

  /// A small network's steps are tried with all threads and with one, and go on as was faster.
  @Test func triedThreadsGiveTheSameBits() throws {
    // Three tiles of 16 samples: with one there would be nothing to try.
    let run = try TrainingRun(seed: 6100, small: true, batch: 37)
    func train(_ threads: Int) throws -> Bits {
      try run.bits(Execution(threads: threads, layout: .lanes), steps: 60)
    }
    let first = try train(1)
    for threads in [2, 3, 8] { try train(threads).expectSame(as: first, "\(threads) threads") }
  }

  /// The choice between events and dense products follows what earlier calls saw, and changes no
  /// bit: a batch gives the same after dense batches, after sparse ones and alone.
  @Test(arguments: seeds(from: 7000, 6))
  func historyDoesNotMatter(seed: UInt64) throws {
    let run = try TrainingRun(seed: seed, small: false)
    var plans: Set<[Sums]> = []
    for input in run.inputs {
      var alone = Bits()
      for others in [[], [run.inputs[0]], [run.inputs[1]], [run.inputs[2]]] {
        var trainer = try run.trainer(Execution(layout: .rows))
        for other in others { _ = try trainer.evaluate(other, target: run.target) }
        var bits = Bits()
        bits.losses = [try trainer.evaluate(input, target: run.target).loss]
        bits.add(try trainer.record())
        if others.isEmpty { alone = bits } else { bits.expectSame(as: alone, "after another") }
        plans.insert(trainer.plan.layers.flatMap { [$0.inputSums, $0.recurrentSums] })
      }
    }
    // Else the test would show nothing.
    #expect(Set(plans.map { $0[0] }).count > 1, "input: \(plans)")
    #expect(Set(plans.map { $0[1] }).count > 1, "recurrence: \(plans)")
  }
}

/// A few training steps on dense, sparse and analog input in turn.
struct TrainingRun {
  let network: Network
  let inputs: [Input]
  let target: Target

  init(
    seed: UInt64, small: Bool, batch: Int? = nil, steps: Int? = nil, learnsTau: Bool = true
  ) throws {
    var random = SplitMix(seed: seed)
    let (inputs, hidden, outputs) = small ? (5, 11, 7) : (45, 70, 35)
    let batch = batch ?? random.pick(small ? [16, 37] : [5, 20, 33])
    let steps = steps ?? random.pick([7, 16])
    network = try Network(
      inputs: inputs,
      layers: [
        .lif(
          hidden, recurrence: .rc(),
          connection: Connection(
            weights: .normal(mean: 0.25, standardDeviation: 0.3), bias: .constant(0.01)),
          learned: Layer.learnedByDefault.union(learnsTau ? [.tau, .threshold] : [.threshold])),
        .lif(outputs, spiking: Spiking(threshold: 0.3), recurrence: .rc(.kaimingNormal())),
      ], seed: seed)
    func spikes(_ density: Double) throws -> Input {
      var train = try SpikeTrain(batch: batch, steps: steps, units: inputs)
      var stream = RandomStream(seed: seed, stream: UInt64(density * 1000))
      try train.fill(probability: density, from: &stream)
      return .spikes(train)
    }
    let values = (0..<batch * steps * inputs).map { _ in random.float(-0.5...1) }
    self.inputs = [
      try spikes(0.9), try spikes(0.03),
      .signal(try Signal(values, batch: batch, steps: steps, units: inputs)),
    ]
    let rates = (0..<steps * outputs).map { _ in random.float(0...1) }
    target = .values(try Tensor(shape: [steps, outputs], values: rates))
  }

  func trainer(_ execution: Execution) throws -> Trainer {
    try Trainer(
      network, batch: inputs[0].batch, steps: inputs[0].steps, loss: .meanRateMSE,
      optimizer: .adam(learningRate: 5e-4), execution: execution)
  }

  /// Losses, last gradients, final parameters and a recording of some steps.
  func bits(_ execution: Execution, steps: Int = 9) throws -> Bits {
    var trainer = try trainer(execution)
    var bits = Bits()
    for step in 0..<steps {
      bits.losses.append(try trainer.step(inputs[step % 3], target: target).loss)
    }
    for parameter in network.parameters {
      let gradient = try trainer.gradient(of: parameter.name)
      bits.add("gradient of \(parameter.name)", gradient.indices.map { gradient[$0] })
      bits.add(parameter.name, try trainer.network.floats(parameter.name))
    }
    _ = try trainer.evaluate(inputs[0], target: target)
    bits.add(try trainer.record())
    return bits
  }
}
