import Spindle
import TestSupport
import Testing

/// A run that was stopped and resumed from its file gives the bits of one that never stopped.
@Suite("Resumed training") struct ResumeTests {
  static let optimizers: [Optimizer] = [
    .sgd(learningRate: 0.05), .sgd(learningRate: 0.05, momentum: 0.9, nesterov: true),
    .adam(learningRate: 0.01, weightBound: 1), .adamW(learningRate: 0.01, weightDecay: 0.1),
    .adamax(learningRate: 0.02, weightDecay: 0.01),
  ]

  @Test(
    "Every optimizer, stopped within any epoch, on other threads and instruction sets",
    arguments: Array(optimizers.indices))
  func resumes(index: Int) throws {
    let test = try FitCase(seed: 21 + UInt64(index), rich: true)
    let optimizer = Self.optimizers[index]
    func options(_ path: String) -> FitOptions {
      FitOptions(
        epochs: 6, schedule: .cosine(warmUp: 4), validationInterval: 2,
        earlyStopping: EarlyStopping(patience: 2, minimumDelta: 1e-3),
        checkpoints: .init(path: path, configuration: "configuration"))
    }
    func trainer(_ execution: Execution) throws -> Trainer {
      try test.trainer(
        optimizer,
        regularization: [.l2(strength: 0.1), .lowerBound(0.2, strength: 0.5, layer: 0)],
        clipping: .byNorm(0.5), execution: execution)
    }
    try withTemporaryDirectory { directory in
      var whole = try trainer(Execution(threads: 1))
      let expected = try whole.fit(
        test.training, validation: test.validation, options: options(directory + "/whole"))
      #expect(expected.history.allSatisfy { $0.regularization > 0 })
      for (round, batches) in [2, 7, 13, 20, 25].enumerated() {
        let path = directory + "/stopped"
        let isas = ISA.supported
        var first = try trainer(Execution(threads: 2, isa: isas[round % isas.count]))
        var done = 0
        let stopped = try first.fit(
          test.training, validation: test.validation, options: options(path),
          events: FitEvents(batch: { _ in done += 1 }, shouldStop: { done == batches }))
        #expect(stopped.outcome == .stopped)
        var second = try trainer(Execution(threads: 3, isa: isas[(round + 1) % isas.count]))
        let resumed = try second.fit(
          test.training, validation: test.validation, options: options(path),
          resuming: try Checkpoint(contentsOf: path))
        #expect(resumed.outcome == expected.outcome)
        try WeightFileTests.bits(of: second.network).expectSame(
          as: WeightFileTests.bits(of: whole.network), "stopped after \(batches) batches")
        try WeightFileTests.bits(of: resumed.best).expectSame(
          as: WeightFileTests.bits(of: expected.best), "best, after \(batches) batches")
        // Records, warnings, the best and what early stopping remembers, but for the wall time.
        #expect(
          resumed.checkpoint.withoutSeconds == expected.checkpoint.withoutSeconds,
          "stopped after \(batches) batches")
        #expect(
          try Checkpoint(contentsOf: path).withoutSeconds
            == Checkpoint(contentsOf: directory + "/whole").withoutSeconds)
      }
    }
  }

  @Test("With input that is drawn anew in each epoch") func encoders() throws {
    let test = try FitCase(seed: 41)
    let noise = try EncodedDataset(
      try Dataset(
        (0..<37 * 5).map { Float($0 % 7) / 7 }, count: 37, steps: 1, units: 5,
        targets: test.training.targets),
      encoder: RateEncoder(repeats: FitCase.steps), seed: 5)
    #expect(try noise.batch([3], epoch: 0).input.spikes != noise.batch([3], epoch: 1).input.spikes)
    try withTemporaryDirectory { directory in
      let options = FitOptions(epochs: 4, checkpoints: .init(path: directory + "/run"))
      var whole = try test.trainer()
      let expected = try whole.fit(noise, validation: noise, options: FitOptions(epochs: 4))
      var first = try test.trainer()
      var done = 0
      _ = try first.fit(
        noise, validation: noise, options: options,
        events: FitEvents(batch: { _ in done += 1 }, shouldStop: { done == 12 }))
      var second = try test.trainer()
      let resumed = try second.fit(
        noise, validation: noise, options: options,
        resuming: try Checkpoint(contentsOf: directory + "/run"))
      #expect(resumed.checkpoint.withoutSeconds == expected.checkpoint.withoutSeconds)
    }
  }

  @Test("A run can be resumed many times, and after its end it stays as it is") func manyTimes()
    throws
  {
    let test = try FitCase(seed: 31)
    try withTemporaryDirectory { directory in
      let options = FitOptions(epochs: 5, checkpoints: .init(path: directory + "/run"))
      var whole = try test.trainer()
      let expected = try whole.fit(test.training, options: FitOptions(epochs: 5))
      var outcome = FitResult.Outcome.stopped
      var runs = 0
      while outcome == .stopped {
        var trainer = try test.trainer()
        let checkpoint = runs == 0 ? nil : try Checkpoint(contentsOf: directory + "/run")
        var done = 0
        outcome = try trainer.fit(
          test.training, options: options, resuming: checkpoint,
          events: FitEvents(batch: { _ in done += 1 }, shouldStop: { done == 7 })
        ).outcome
        runs += 1
      }
      #expect(runs == 5 && outcome == .completed)
      var last = try test.trainer()
      let resumed = try last.fit(
        test.training, options: options,
        resuming: try Checkpoint(contentsOf: directory + "/run"))
      try WeightFileTests.bits(of: last.network).expectSame(
        as: WeightFileTests.bits(of: whole.network), "resumed \(runs) times")
      #expect(resumed.history.count == 5)
      #expect(resumed.checkpoint.best?.epoch == expected.checkpoint.best?.epoch)
    }
  }

  /// Expects a refusal, after which the trainer still trains as a new one.
  private func expectRefusal(
    _ words: String, _ trainer: consuming Trainer, _ checkpoint: Checkpoint, _ data: Dataset,
    monitor: Monitor = .loss, _ location: SourceLocation = #_sourceLocation
  ) throws {
    var trainer = trainer
    let before = try WeightFileTests.bits(of: trainer.network)
    do throws(SpindleError) {
      _ = try trainer.fit(
        data, options: FitOptions(epochs: 3, monitor: monitor), resuming: checkpoint)
      Issue.record("no error about \(words)", sourceLocation: location)
    } catch {
      #expect(error.description.contains(words), sourceLocation: location)
    }
    try WeightFileTests.bits(of: trainer.network).expectSame(as: before, words)
    #expect(try trainer.optimizerState.stepCount == 0)
  }

  @Test("A checkpoint of another network, optimizer, seed or monitor is refused") func refusals()
    throws
  {
    let test = try FitCase(seed: 32)
    var trainer = try test.trainer()
    let checkpoint = try trainer.fit(test.training, options: FitOptions(epochs: 1)).checkpoint
    let data = test.training
    try expectRefusal(
      "layers[0].neurons: 8 here, 9 in the file", try FitCase(seed: 32, hidden: 8).trainer(),
      checkpoint, data)
    try expectRefusal("adam", try test.trainer(.adamax()), checkpoint, data)
    try expectRefusal("seed", try FitCase(seed: 33).trainer(), checkpoint, data)
    try expectRefusal("monitor", try test.trainer(), checkpoint, data, monitor: .accuracy)
  }
}

extension Input {
  fileprivate var spikes: SpikeTrain? {
    if case .spikes(let train) = self { train } else { nil }
  }
}
