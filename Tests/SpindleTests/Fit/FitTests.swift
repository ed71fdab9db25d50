import Spindle
import TestSupport
import Testing

/// `Trainer.fit` against loops written out, and its outcomes.
@Suite("Fit") struct FitTests {
  @Test("An epoch is a loop over the shuffled batches, bit for bit") func loop() throws {
    let test = try FitCase(seed: 11)
    var fitted = try test.trainer()
    let result = try fitted.fit(test.training, options: FitOptions(epochs: 3, keepsBest: false))
    var trainer = try test.trainer()
    for epoch in 0..<3 {
      var loader = try BatchLoader(
        test.training, batch: FitCase.batch, order: .shuffled(seed: test.seed), epoch: epoch)
      var (sum, correct) = (0.0, 0)
      while let batch = try loader.next() {
        let metrics = try trainer.step(batch.input, target: try #require(batch.target))
        sum += metrics.loss * Double(batch.input.batch)
        correct += metrics.correct ?? 0
      }
      let record = result.history[epoch]
      #expect(record.loss == sum / 37 && record.accuracy == Double(correct) / 37)
      #expect(record.epoch == epoch + 1 && record.step == 5 * (epoch + 1) && record.samples == 37)
      #expect(record.validation == nil && record.learningRate == 0.01)
    }
    try WeightFileTests.bits(of: fitted.network).expectSame(
      as: WeightFileTests.bits(of: trainer.network), "fit against a loop")
    #expect(result.outcome == .completed && result.checkpoint.best == nil)
    #expect(try fitted.optimizerState == trainer.optimizerState)
  }

  @Test("The schedule goes over all steps, and leaves the optimizer's rate as it was")
  func schedule() throws {
    let test = try FitCase(seed: 19)
    let schedule = Schedule.oneCycle(warmUp: 3)
    var fitted = try test.trainer()
    let result = try fitted.fit(
      test.training, options: FitOptions(epochs: 3, order: .given, schedule: schedule))
    #expect(fitted.optimizer.learningRate == 0.01)
    var trainer = try test.trainer()
    for step in 0..<15 {
      let first = step % 5 * 8
      let batch = try test.training.batch(Array(first..<min(first + 8, 37)))
      trainer.optimizer.learningRate = Float(
        Double(Float(0.01)) * schedule.factor(step: step, of: 15))
      _ = try trainer.step(batch.input, target: try #require(batch.target))
    }
    #expect(result.history[2].learningRate == trainer.optimizer.learningRate)
    try WeightFileTests.bits(of: fitted.network).expectSame(
      as: WeightFileTests.bits(of: trainer.network), "with a schedule")
  }

  @Test("It learns, and tells how far it is") func learns() throws {
    let test = try FitCase(seed: 12)
    var trainer = try test.trainer()
    var progress: [BatchProgress] = []
    var epochs: [Int] = []
    let result = try trainer.fit(
      test.training, validation: test.validation,
      options: FitOptions(epochs: 40, validationInterval: 3, monitor: .accuracy),
      events: FitEvents(
        batch: { progress.append($0) },
        epoch: { record, _ in
          epochs.append(record.epoch)
          return .goOn
        }))
    let validated = result.history.filter { $0.validation != nil }.map(\.epoch)
    #expect(validated == Array(stride(from: 3, through: 39, by: 3)) + [40])
    #expect(result.history[39].accuracy ?? 0 > 0.9, "\(result.history[39])")
    #expect(result.history[39].loss < result.history[0].loss)
    #expect(epochs == Array(1...40))
    #expect(progress.count == 200 && progress.last?.samples == 40 * 37)
    #expect(progress.map(\.batch) == (0..<200).map { $0 % 5 + 1 })
    #expect(progress.allSatisfy { $0.batches == 5 && $0.epochs == 40 && $0.seconds > 0 })
    #expect(progress[4].loss == result.history[0].loss)
    #expect(progress[4].accuracy == result.history[0].accuracy)
  }

  @Test("The best parameters are those of the best epoch") func best() throws {
    let test = try FitCase(seed: 13)
    for monitor in Monitor.allCases {
      // A rate so large that later epochs are often worse.
      var trainer = try test.trainer(.adam(learningRate: 0.3))
      let result = try trainer.fit(
        test.training, validation: test.validation,
        options: FitOptions(epochs: 12, monitor: monitor))
      let values = result.history.map {
        monitor == .loss ? -($0.validation?.loss ?? .nan) : $0.validation?.accuracy ?? .nan
      }
      let best = try #require(result.checkpoint.best)
      let largest = try #require(values.max())
      #expect(abs(best.value) == abs(largest))
      // The first of equals.
      #expect(best.epoch == (values.firstIndex(of: largest) ?? -1) + 1)
      #expect(best.epoch < 12, "the test would show nothing")
      var other = try Trainer(
        result.best, batch: 3, steps: FitCase.steps, loss: .meanMembraneCrossEntropy)
      let measured = try #require(try other.measure(test.validation))
      if monitor == .loss {
        #expect(abs(measured.loss - best.value) <= 1e-12 * best.value)
      } else {
        #expect(measured.accuracy == best.value)
      }
      var last = trainer.network
      try last.restore(result.checkpoint, .best)
      try WeightFileTests.bits(of: last).expectSame(
        as: WeightFileTests.bits(of: result.best), "best")
    }
  }

  @Test("Early stopping ends after its patience, and a stopped run goes no further")
  func earlyStopping() throws {
    let test = try FitCase(seed: 14)
    try withTemporaryDirectory { directory in
      let options = FitOptions(
        epochs: 50, earlyStopping: EarlyStopping(patience: 4),
        checkpoints: .init(path: directory + "/run"))
      // Nothing is learned, so that no epoch is better than the first.
      var trainer = try test.trainer(.sgd(learningRate: 0))
      let result = try trainer.fit(test.training, validation: test.validation, options: options)
      #expect(result.outcome == .stoppedEarly && result.history.count == 5)
      #expect(result.checkpoint.best?.epoch == 1)
      var again = try test.trainer(.sgd(learningRate: 0))
      let resumed = try again.fit(
        test.training, validation: test.validation, options: options,
        resuming: try Checkpoint(contentsOf: directory + "/run"))
      #expect(resumed.outcome == .stoppedEarly && resumed.checkpoint == result.checkpoint)
    }
  }

  @Test("An event ends the run at the last complete epoch", arguments: [0, 3, 5, 13])
  func stops(batches: Int) throws {
    let test = try FitCase(seed: 15)
    let whole = batches / 5
    var trainer = try test.trainer()
    var done = 0
    let result = try trainer.fit(
      test.training, options: FitOptions(epochs: 9),
      events: FitEvents(batch: { _ in done += 1 }, shouldStop: { done == batches }))
    #expect(result.outcome == .stopped && result.history.count == whole && done == batches)
    var expected = try test.trainer()
    if whole > 0 { _ = try expected.fit(test.training, options: FitOptions(epochs: whole)) }
    try WeightFileTests.bits(of: trainer.network).expectSame(
      as: WeightFileTests.bits(of: expected.network), "\(batches) batches")
    #expect(try trainer.optimizerState == expected.optimizerState)

    var byEpoch = try test.trainer()
    let second = try byEpoch.fit(
      test.training, options: FitOptions(epochs: 9),
      events: FitEvents(epoch: { record, _ in record.epoch == 2 ? .stop : .goOn }))
    #expect(second.outcome == .stopped && second.history.count == 2)
  }

  @Test("A run that is stopped while it is validated keeps the epoch before")
  func stopsInValidation() throws {
    let test = try FitCase(seed: 16)
    var trainer = try test.trainer()
    var done = 0
    var asked = 0
    let result = try trainer.fit(
      test.training, validation: test.validation, options: FitOptions(epochs: 9),
      events: FitEvents(
        batch: { _ in
          done += 1
          asked = 0
        },
        shouldStop: {
          asked += 1
          // Before the second batch of the second epoch's validation.
          return done == 10 && asked == 3
        }))
    #expect(result.outcome == .stopped && result.history.count == 1)
    #expect(try trainer.optimizerState.stepCount == 5)
  }

  /// Input that overflows in its fourth epoch.
  private func overflowing(_ test: FitCase) -> MadeSource {
    let training = test.training
    return MadeSource(count: 37, steps: FitCase.steps, units: FitCase.inputs) {
      indices, epoch throws(SpindleError) in
      let batch = try training.batch(indices)
      guard epoch == 3, indices.contains(30) else { return batch }
      let values = [Float](
        repeating: 3e38, count: indices.count * FitCase.steps * FitCase.inputs)
      return Batch(
        indices: indices,
        input: try Input(
          values, batch: indices.count, steps: FitCase.steps, units: FitCase.inputs),
        target: batch.target)
    }
  }

  @Test("A value that is not finite ends the run, and the last good parameters are kept")
  func diverges() throws {
    let test = try FitCase(seed: 17)
    try withTemporaryDirectory { directory in
      let path = directory + "/run"
      var trainer = try test.trainer()
      let result = try trainer.fit(
        overflowing(test),
        options: FitOptions(epochs: 9, checkpoints: .init(path: path, interval: 2)))
      guard case .diverged(let error) = result.outcome else {
        Issue.record("\(result.outcome)")
        return
      }
      guard case .diverged(let step, _, _, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect((15..<20).contains(step), "\(error)")
      var expected = try test.trainer()
      _ = try expected.fit(test.training, options: FitOptions(epochs: 3))
      let good = try WeightFileTests.bits(of: expected.network)
      try WeightFileTests.bits(of: trainer.network).expectSame(as: good, "the trainer")
      #expect(try trainer.optimizerState == expected.optimizerState)
      var written = test.network
      // Though only every second epoch was to be written.
      try written.restore(Checkpoint(contentsOf: path))
      try WeightFileTests.bits(of: written).expectSame(as: good, "the checkpoint")
      #expect(result.history.count == 3)
    }
  }

  @Test("A checkpoint is written at the start, at its interval and at the end") func interval()
    throws
  {
    let test = try FitCase(seed: 18)
    try withTemporaryDirectory { directory in
      let path = directory + "/run"
      var trainer = try test.trainer()
      var epochs: [Int] = []
      _ = try trainer.fit(
        test.training,
        options: FitOptions(
          epochs: 8, checkpoints: .init(path: path, interval: 3, configuration: "mine\n")),
        events: FitEvents(batch: { progress in
          guard progress.batch == 1, let checkpoint = try? Checkpoint(contentsOf: path) else {
            return
          }
          epochs.append(checkpoint.epoch)
        }))
      #expect(epochs == [0, 0, 0, 3, 3, 3, 6, 6])
      let last = try Checkpoint(contentsOf: path)
      #expect(last.epoch == 8 && last.step == 40 && last.configuration == "mine\n")
    }
  }
}
