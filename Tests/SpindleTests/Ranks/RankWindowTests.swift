import TestSupport
import Testing

@testable import Spindle

/// Windows and whole runs of several ranks, which have the bits of one alone.
@Suite("Ranks over time") struct RankWindowTests {
  /// What a trainer does with windows of which some wait and some samples begin anew.
  private static func windows(
    _ test: FitCase, _ communicator: (any Communicator)?
  ) throws -> RankRun {
    var trainer = try Trainer(
      test.network, batch: 12, steps: 5, loss: .meanMembraneCrossEntropy, seed: 4,
      execution: Execution(threads: 1, parts: 4), communicator: communicator)
    var run = try RankRun(
      Trainer(
        test.network, batch: 12, steps: 5, loss: .meanMembraneCrossEntropy,
        execution: Execution(parts: 4), communicator: communicator), [])
    let batch = try test.training.batch(Array(0..<12))
    let cut = WindowCut(steps: 5, total: FitCase.steps, windows: Windows())
    for index in 0..<6 {
      let (input, target) = try batch.window(index % cut.count, of: cut, trainer.loss)
      let begins = (0..<12).map { ($0 + index) % 3 == 0 }
      let metrics = try trainer.step(
        window: input, target: target, begins: index == 2 ? begins : nil, updates: index % 2 == 1)
      run.metrics.append(metrics)
      let carried = try #require(try trainer.carriedOfAll())
      run.bits.add("state", carried)
      run.bits.add("values", trainer.network.values)
    }
    return run
  }

  @Test("Windows carry the states of their samples") func windows() throws {
    let test = try FitCase(seed: 7, rich: true)
    try expectRanks("windows") { try Self.windows(test, $0) }
  }

  @Test("Without a number of parts shorter windows may be cut otherwise") func shortWindows() throws
  {
    let test = try FitCase(seed: 7, rich: true)
    let batch = try test.training.batch(Array(0..<32))
    let target = try #require(batch.target)
    expectError("Execution.parts") {
      _ = try withRanks(2) { communicator in
        var trainer = try Trainer(
          test.network, batch: 32, steps: 64, loss: .meanMembraneCrossEntropy,
          communicator: communicator)
        _ = try trainer.step(window: batch.input, target: target)
      }
    }
  }

  /// What a run left, the same at every rank.
  private struct Run: Sendable {
    var checkpoint: Checkpoint
    var outcome: FitResult.Outcome
    var measured: Measurement
  }

  private static func fit(
    _ test: FitCase, epochs: Int, resuming checkpoint: Checkpoint? = nil, path: String? = nil,
    windows: Windows? = nil, _ communicator: (any Communicator)?
  ) throws -> Run {
    var trainer = try Trainer(
      test.network, batch: FitCase.batch, steps: windows == nil ? FitCase.steps : 5,
      loss: .meanMembraneCrossEntropy, optimizer: .adam(learningRate: 0.01),
      regularization: [.l1(strength: 0.01)], clipping: .byNorm(0.5), seed: test.seed,
      execution: Execution(threads: 1, parts: 4), communicator: communicator)
    let result = try trainer.fit(
      test.training, validation: test.validation,
      options: FitOptions(
        epochs: epochs, schedule: .cosine(warmUp: 3), validationInterval: 2,
        earlyStopping: EarlyStopping(patience: 20), windows: windows,
        checkpoints: path.map { .init(path: $0, interval: 1) }), resuming: checkpoint)
    let measured = try #require(
      try trainer.measure(test.validation, windows: windows))
    return Run(
      checkpoint: result.checkpoint.withoutSeconds, outcome: result.outcome, measured: measured)
  }

  private func expectSame(_ run: Run, as one: Run, _ context: String) {
    #expect(run.outcome == one.outcome, "\(context)")
    #expect(run.measured == one.measured, "\(context)")
    #expect(run.checkpoint.history == one.checkpoint.history, "\(context)")
    let difference = firstDifference(run.checkpoint.values, one.checkpoint.values)
    #expect(difference == nil, "\(context): parameters\(difference ?? "")")
    #expect(run.checkpoint == one.checkpoint, "\(context)")
  }

  /// 37 samples in batches of 8: the last has 5, of which one of 3 or 4 parts' ranks has few.
  @Test("A fit, resumed by another number of ranks", arguments: [2, 3, 4]) func fit(
    ranks: Int
  ) throws {
    let test = try FitCase(seed: 21, rich: true)
    let one = try Self.fit(test, epochs: 6, nil)
    try withTemporaryDirectory { folder in
      let path = folder + "/run.safetensors"
      let runs = try withRanks(ranks) { try Self.fit(test, epochs: 6, path: path, $0) }
      for (rank, run) in runs.enumerated() {
        expectSame(run, as: one, "rank \(rank) of \(ranks)")
      }
      let written = try Checkpoint(contentsOf: path)
      #expect(written.withoutSeconds == one.checkpoint)
    }
    let half = try withRanks(ranks) { try Self.fit(test, epochs: 3, $0) }[0].checkpoint
    let others = ranks % 4 + 1
    for (rank, run) in try withRanks(
      others, { try Self.fit(test, epochs: 6, resuming: half, $0) }
    ).enumerated() {
      let alone = try Self.fit(test, epochs: 6, resuming: half, nil)
      expectSame(run, as: alone, "rank \(rank) of \(others), resumed")
    }
  }

  @Test("A fit by windows") func fitWindows() throws {
    let test = try FitCase(seed: 22, rich: true)
    let windows = Windows(updateEvery: 2)
    let one = try Self.fit(test, epochs: 2, windows: windows, nil)
    for (rank, run) in try withRanks(
      3, { try Self.fit(test, epochs: 2, windows: windows, $0) }
    ).enumerated() {
      expectSame(run, as: one, "rank \(rank)")
    }
  }
}
