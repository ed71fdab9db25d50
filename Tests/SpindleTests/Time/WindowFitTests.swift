import TestSupport
import Testing

@testable import Spindle

/// `Trainer.fit` on samples that are cut into windows.
@Suite("Fit in windows") struct WindowFitTests {
  /// Of samples of 12 steps: windows of 5, 5 and 2.
  private static func trainer(_ test: FitCase, _ execution: Execution = .init()) throws -> Trainer {
    try Trainer(
      test.network, batch: 37, steps: 5, loss: .meanMembraneCrossEntropy,
      optimizer: .adam(learningRate: 0.01), regularization: [.l2(strength: 0.1)], seed: test.seed,
      execution: execution)
  }

  @Test(
    "Stopped within any window and resumed, it gives the same bits",
    arguments: Windows.Carry.allCases, [1, 2])
  func resumes(carry: Windows.Carry, updateEvery: Int) throws {
    let test = try FitCase(seed: 61, rich: true)
    let options = FitOptions(
      epochs: 4, windows: Windows(updateEvery: updateEvery, carry: carry))
    var whole = try Self.trainer(test, Execution(threads: 1))
    let expected = try whole.fit(test.training, validation: test.validation, options: options)
    #expect(expected.checkpoint.step == 4 * (updateEvery == 1 ? 3 : 2))
    #expect((expected.checkpoint.carried != nil) == (carry == .run))
    try withTemporaryDirectory { directory in
      var saving = options
      saving.checkpoints = .init(path: directory + "/run", interval: 1)
      for batches in [1, 4, 8] {
        var first = try Self.trainer(test, Execution(threads: 2))
        var done = 0
        let stopped = try first.fit(
          test.training, validation: test.validation, options: saving,
          events: FitEvents(batch: { _ in done += 1 }, shouldStop: { done == batches }))
        #expect(stopped.outcome == .stopped)
        var second = try Self.trainer(test, Execution(threads: 3))
        let resumed = try second.fit(
          test.training, validation: test.validation, options: saving,
          resuming: try Checkpoint(contentsOf: directory + "/run"))
        try WeightFileTests.bits(of: second.network).expectSame(
          as: WeightFileTests.bits(of: whole.network), "stopped after \(batches) windows")
        #expect(resumed.checkpoint.withoutSeconds == expected.checkpoint.withoutSeconds)
      }
    }
  }

  @Test("What is carried decides what is learned") func carries() throws {
    let test = try FitCase(seed: 62)
    var losses: [Double] = []
    for carry in Windows.Carry.allCases {
      var trainer = try Self.trainer(test)
      let result = try trainer.fit(
        test.training, options: FitOptions(epochs: 3, windows: Windows(carry: carry)))
      losses.append(try #require(result.history.last).loss)
      #expect(result.history.allSatisfy { $0.samples == 37 })
      let activity = try #require(result.history.last).activity
      #expect(activity.layers.allSatisfy { (0...1).contains($0.firingRate) })
    }
    #expect(Set(losses).count == 3, "\(losses)")
  }

  @Test("One window over whole samples is a step as ever") func oneWindow() throws {
    let test = try FitCase(seed: 63, rich: true)
    var plain = try test.trainer()
    var cut = try test.trainer()
    let expected = try plain.fit(
      test.training, validation: test.validation, options: FitOptions(epochs: 2))
    let got = try cut.fit(
      test.training, validation: test.validation,
      options: FitOptions(epochs: 2, windows: Windows()))
    #expect(got.checkpoint.withoutSeconds == expected.checkpoint.withoutSeconds)
  }

  @Test("What cannot be cut is refused") func refusals() throws {
    let test = try FitCase(seed: 64)
    expectError("the windows of an update") {
      var trainer = try Self.trainer(test)
      _ = try trainer.fit(
        test.training, options: FitOptions(epochs: 1, windows: Windows(updateEvery: 0)))
    }
    expectError("the samples [T, I]") {
      var trainer = try Self.trainer(test)
      _ = try trainer.fit(test.training, options: FitOptions(epochs: 1))
    }
    expectError("the samples whose state goes on") {
      var trainer = try test.trainer()
      _ = try trainer.fit(
        test.training, options: FitOptions(epochs: 1, windows: Windows(carry: .run)))
    }
    expectError("the order of samples") {
      var trainer = try Self.trainer(test)
      _ = try trainer.fit(
        test.training,
        options: FitOptions(
          epochs: 1, order: .shuffled(seed: 1), windows: Windows(carry: .run)))
    }
    expectError("the loss of windows") {
      var trainer = try Trainer(
        test.network, batch: 8, steps: 5,
        loss: .recallCrossEntropy(firstStep: 1, answerSteps: 1))
      _ = try trainer.fit(
        test.training, options: FitOptions(epochs: 1, windows: Windows()))
    }
  }

  @Test("A state of another batch is refused") func otherBatch() throws {
    let test = try FitCase(seed: 65)
    let options = FitOptions(epochs: 1, windows: Windows(carry: .run))
    var trainer = try Self.trainer(test)
    let checkpoint = try trainer.fit(test.training, options: options).checkpoint
    var other = try Trainer(
      test.network, batch: 40, steps: 5, loss: .meanMembraneCrossEntropy,
      optimizer: .adam(learningRate: 0.01), seed: test.seed)
    expectError("a batch of 40") {
      _ = try other.fit(test.training, options: options, resuming: checkpoint)
    }
  }
}
