import Spindle
import TestSupport
import Testing

/// Steps of several ranks, which have the bits of one alone.
@Suite("Ranks") struct RankTests {
  private static let losses: [Loss] =
    Loss.named + [
      .vanRossum(tau: 0.004), .recallCrossEntropy(firstStep: 3, answerSteps: 5),
    ]

  private static let seeds = (0..<24).map { UInt64(14_000 + $0) }

  /// Enough for four tiles of the small networks' layout.
  private static func size(_ seed: UInt64) -> (batch: Int, steps: Int) {
    (batch: Int(seed % 3 == 0 ? 50 + seed % 17 : 33 + seed % 17), steps: 11)
  }

  /// Networks of all options, with dropout where the input is spikes, with and without lengths,
  /// penalties and clipping, in both layouts.
  @Test("Steps of random networks", arguments: Self.seeds)
  func steps(seed: UInt64) throws {
    let test = try RandomCase(
      seed: seed, small: seed % 3 == 0, size: Self.size(seed), hasLengths: seed % 2 == 0)
    var network = test.network
    if case .spikes = test.input, seed % 3 != 0 {
      var description = network.description
      for layer in description.layers.indices {
        description.layers[layer].connection.dropout = 0.3
      }
      network = try Network(description, seed: seed)
    }
    let clipping: [Clipping] = [.none, .byNorm(0.01), .byValue(0.001)]
    let parts = [4, 5, 8][Int(seed % 3)]
    let trained = network
    for threads in [1, 2] {
      try expectRanks("\(test.loss.name), \(threads) threads", counts: 2...(threads == 1 ? 4 : 2)) {
        try RankRun(
          Trainer(
            trained, batch: test.batch, steps: test.steps, loss: test.loss,
            optimizer: seed % 4 == 0
              ? .sgd(learningRate: 0.01, momentum: 0.9) : .adam(learningRate: 0.01),
            regularization: test.penalties, clipping: clipping[Int(seed / 3 % 3)], seed: seed,
            execution: Execution(threads: threads, parts: parts), communicator: $0),
          [(test.input, test.target), (test.input, test.target)])
      }
    }
  }

  @Test("The random networks have losses of every kind") func everyLoss() throws {
    let seen = try Self.seeds.map { seed in
      try RandomCase(
        seed: seed, small: seed % 3 == 0, size: Self.size(seed), hasLengths: seed % 2 == 0
      ).loss.name
    }
    for loss in Self.losses {
      #expect(seen.contains(loss.name), "no network with \(loss.name)")
    }
  }

  /// Fewer samples than ranks: some have none.
  @Test("Batches smaller than the trainer's", arguments: [1, 2, 3, 7, 20])
  func smallBatches(samples: Int) throws {
    let test = try FitCase(seed: 3, rich: true)
    let whole = try test.training.batch(Array(0..<24))
    let small = try test.training.batch(Array(0..<samples))
    let batches = [
      (whole.input, try #require(whole.target)), (small.input, try #require(small.target)),
      (whole.input, try #require(whole.target)),
    ]
    try expectRanks("\(samples) samples") {
      try RankRun(
        Trainer(
          test.network, batch: 24, steps: FitCase.steps, loss: .meanMembraneCrossEntropy,
          classWeights: [1, 2.5], regularization: [.l2(strength: 0.1)], seed: 9,
          execution: Execution(threads: 1, parts: 6), communicator: $0), batches)
    }
  }

  @Test("Networks for chips") func chips() throws {
    let hardware = Hardware(
      quantization: Quantization(bits: 4), mismatch: Mismatch(weights: 0.2, tau: 0.1),
      magnitudePenalty: MagnitudePenalty(strength: 0.1, limit: 0.3),
      signPenalty: SignPenalty(strength: 0.1))
    let network = try Network(
      inputs: FitCase.inputs,
      layers: [
        .lif(
          33, spiking: Spiking(threshold: 0.3), recurrence: .rc(),
          connection: Connection(weights: .normal(mean: 0.1, standardDeviation: 0.4)),
          learned: Layer.learnedByDefault.union([.tau, .threshold]), hardware: hardware),
        .li(2, tau: 0.02, hardware: hardware),
      ], seed: 3)
    let batch = try FitCase(seed: 5).training.batch(Array(0..<24))
    let target = try #require(batch.target)
    try expectRanks("chips") {
      try RankRun(
        Trainer(
          network, batch: 24, steps: FitCase.steps, loss: .meanMembraneCrossEntropy, seed: 9,
          execution: Execution(threads: 1, parts: 8), communicator: $0),
        [(batch.input, target), (batch.input, target), (batch.input, target)])
    }
  }

  /// Pieces of more than one size, so that ranks have slices of the same matrix.
  @Test("A network of many pieces") func pieces() throws {
    let network = try Network(
      inputs: 130,
      layers: [
        .lif(
          150, recurrence: .rc(),
          connection: Connection(weights: .normal(mean: 0.1, standardDeviation: 0.3)),
          learned: [.weight, .recurrentWeight, .tau]), .li(3, tau: 0.02, learned: [.bias]),
      ], seed: 2)
    var random = SplitMix(seed: 8)
    let values = (0..<16 * 6 * 130).map { _ -> Float in random.flag(0.2) ? 1 : 0 }
    let input = try Input(values, batch: 16, steps: 6, units: 130)
    let target = Target.classes((0..<16).map { $0 % 3 })
    try expectRanks("pieces") {
      try RankRun(
        Trainer(
          network, batch: 16, steps: 6, loss: .maxMembraneCrossEntropy,
          optimizer: .adamW(learningRate: 0.01, weightDecay: 0.01), clipping: .byNorm(0.1), seed: 9,
          execution: Execution(threads: 2, parts: 4, memory: .segments), communicator: $0),
        [(input, target), (input, target)])
    }
  }
}
