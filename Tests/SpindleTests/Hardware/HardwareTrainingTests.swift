import Testing

@testable import Spindle

/// Training for a chip: what is held after every update, and what going on takes.
struct HardwareTrainingTests {
  private let batch = 24
  private let steps = 15
  private let inputs = 19

  private func network(_ hardware: Hardware, neurons: Int = 33) throws -> Network {
    var readout = hardware
    readout.floor = nil
    readout.recurrentSigns = nil
    readout.recurrentMask = nil
    readout.inputSigns = nil
    return try Network(
      inputs: inputs,
      layers: [
        .lif(
          neurons, spiking: Spiking(threshold: 0.3), recurrence: .rc(),
          connection: Connection(weights: .normal(mean: 0.1, standardDeviation: 0.4)),
          learned: Layer.learnedByDefault.union([.tau, .threshold]), hardware: hardware),
        .li(4, tau: 0.02, hardware: readout),
      ], seed: 3)
  }

  private func batches(_ count: Int) throws -> [(Input, Target)] {
    var random = SplitMix(seed: 11)
    return try (0..<count).map { _ in
      let values = (0..<batch * steps * inputs).map { _ -> Float in random.flag(0.2) ? 1 : 0 }
      let classes = (0..<batch).map { _ in Int32.random(in: 0..<4, using: &random) }
      return (
        try Input(values, batch: batch, steps: steps, units: inputs), .classes(classes)
      )
    }
  }

  private func trainer(_ network: Network, _ execution: Execution = .init()) throws -> Trainer {
    try Trainer(
      network, batch: batch, steps: steps, loss: .meanMembraneCrossEntropy,
      optimizer: .adam(learningRate: 0.01), seed: 5, execution: execution)
  }

  private static let chip = Hardware(
    quantization: Quantization(bits: 4), mismatch: Mismatch(weights: 0.2, tau: 0.1, threshold: 0.1),
    floor: -0.2, magnitudePenalty: MagnitudePenalty(strength: 0.1, limit: 0.3),
    signPenalty: SignPenalty(strength: 0.1))

  /// A run that stopped and went on has the bits of one that never did; so has one on other threads
  /// and instruction sets.
  @Test func goesOnBitForBit() throws {
    let network = try network(Self.chip)
    let batches = try batches(6)
    var whole = try trainer(network)
    for (input, target) in batches { _ = try whole.step(input, target: target) }
    var first = try trainer(network)
    for (input, target) in batches[..<3] { _ = try first.step(input, target: target) }
    var second = try trainer(first.network)
    try second.restore(first.optimizerState)
    for (input, target) in batches[3...] { _ = try second.step(input, target: target) }
    #expect(second.network.values == whole.network.values)
    for isa in ISA.supported {
      for threads in [1, 3] {
        var other = try trainer(network, Execution(threads: threads, isa: isa))
        for (input, target) in batches { _ = try other.step(input, target: target) }
        #expect(other.network.values == whole.network.values, "\(isa), \(threads) threads")
      }
    }
  }

  /// Every step has a chip of its own, of the trainer's seed.
  @Test func everyStepHasItsChip() throws {
    let network = try network(Hardware(mismatch: Mismatch(weights: 0.3)))
    let (input, target) = try batches(1)[0]
    var losses: [Double] = []
    for seed in [5, 6] as [UInt64] {
      var trainer = try Trainer(
        network, batch: batch, steps: steps, loss: .meanMembraneCrossEntropy,
        optimizer: .sgd(learningRate: 0), seed: seed)
      for _ in 0..<3 { losses.append(try trainer.step(input, target: target).loss) }
    }
    #expect(Set(losses).count == losses.count, "\(losses)")
  }

  /// In lanes the effective parameters are the same ones.
  @Test func lanesReadThem() throws {
    var chip = Self.chip
    chip.floor = nil
    let network = try network(chip, neurons: 12)
    let (input, target) = try batches(1)[0]
    let rows = try network.evaluate(
      input, target: target, loss: .meanMembraneCrossEntropy, execution: Execution(layout: .rows))
    let lanes = try network.evaluate(
      input, target: target, loss: .meanMembraneCrossEntropy, execution: Execution(layout: .lanes))
    #expect(rows.recording == lanes.recording)
    for (name, gradient) in rows.gradients {
      let difference = Difference(
        name, try #require(lanes.gradients[name]), gradient.map(Double.init))
      // Sums of 24 x 15 rows in another order.
      #expect(difference.isWithin(0x1p-24 * 4 * 19), "\(difference)")
    }
  }

  @Test func signsAndMasksHold() throws {
    let signs = SourceSigns.each((0..<inputs).map { [1, -1, 0][$0 % 3] })
    let held = Hardware(
      inputSigns: signs, recurrentSigns: .excitatory(0.8),
      inputMask: .random(density: 0.6, seed: 9), recurrentMask: .random(density: 0.3, seed: 9))
    var network = try network(held)
    let constraints = try network.description.constraints(of: network.parameters)
    func fits(_ network: Network) -> Bool {
      zip(network.values, constraints).allSatisfy { value, raw in
        (WeightConstraint(rawValue: raw) ?? .free).projected(value) == value
      }
    }
    #expect(fits(network))
    let absent = constraints.count { $0 == WeightConstraint.absent.rawValue }
    #expect(absent > 500, "of 19 x 33, 33 x 33 and 33 x 4 weights about 40 to 70 % are not there")
    // What does not fit is moved to the nearest that does.
    let weights = try network.parameter("0.weight")
    try network.set("0.weight", to: [Float](repeating: -0.1, count: weights.range.count))
    var trainer = try trainer(network)
    #expect(fits(trainer.network))
    // One update is that of the free network, projected.
    var free = trainer.network.description
    for index in free.layers.indices { free.layers[index].hardware = .ideal }
    var other = try self.trainer(
      Network(
        description: free, parameters: network.parameters, values: trainer.network.values))
    for (index, (input, target)) in try batches(4).enumerated() {
      _ = try trainer.step(input, target: target)
      #expect(fits(trainer.network), "after step \(index)")
      for (place, raw) in constraints.enumerated()
      where raw == WeightConstraint.absent.rawValue {
        #expect(trainer.gradients[place] == 0)
      }
      guard index == 0 else { continue }
      _ = try other.step(input, target: target)
      var projected = other.network
      projected.project(constraints)
      #expect(projected.values == trainer.network.values)
    }
  }

  /// Without options nothing is computed otherwise, and no memory is taken.
  @Test func idealChipsCostNothing() throws {
    let plain = try network(.ideal)
    let floor = try network(Hardware(floor: -1000))
    let (input, target) = try batches(1)[0]
    let got = try [plain, floor].map {
      try $0.evaluate(
        input, target: target, loss: .meanMembraneCrossEntropy, execution: Execution(layout: .rows))
    }
    #expect(got[0].recording == got[1].recording)
    #expect(got[0].loss == got[1].loss)
    #expect(
      try plain.plan(batch: batch, steps: steps).workspaceBytes
        < network(Hardware(quantization: Quantization(bits: 8)))
        .plan(batch: batch, steps: steps).workspaceBytes)
  }
}
