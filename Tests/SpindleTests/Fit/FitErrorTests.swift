import Spindle
import TestSupport
import Testing

/// What `fit` and `measure` refuse, before a step is taken.
@Suite("Refusals of fit") struct FitErrorTests {
  private func expectRefusal(
    _ words: String, _ options: FitOptions, training: (any BatchSource)? = nil,
    validation: (any BatchSource)? = nil, loss: Loss = .meanMembraneCrossEntropy,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let test = try FitCase(seed: 61)
    var trainer = try Trainer(
      test.network, batch: FitCase.batch, steps: FitCase.steps, loss: loss)
    do throws(SpindleError) {
      _ = try trainer.fit(training ?? test.training, validation: validation, options: options)
      Issue.record("no error about \(words)", sourceLocation: location)
    } catch {
      #expect(error.description.contains(words), sourceLocation: location)
      #expect(!error.description.contains("\n"), sourceLocation: location)
    }
    #expect(try trainer.optimizerState.stepCount == 0, sourceLocation: location)
  }

  @Test("Options out of range") func options() throws {
    for size in [0, -1, Int.max] {
      try expectRefusal("epochs", FitOptions(epochs: size))
      try expectRefusal("validation interval", FitOptions(epochs: 1, validationInterval: size))
      try expectRefusal(
        "patience", FitOptions(epochs: 1, earlyStopping: EarlyStopping(patience: size)))
      try expectRefusal(
        "checkpoint interval", FitOptions(epochs: 1, checkpoints: .init(path: "x", interval: size)))
    }
    for (words, schedule) in [
      ("warm-up", Schedule(.constant, warmUp: -1)), ("two changes", .step(every: 0)),
      ("factor", .step(every: 1, factor: .nan)), ("end", .cosine(end: -0.1)),
      ("rise", .oneCycle(rise: 1)), ("start", .oneCycle(start: 2)), ("end", .oneCycle(end: .nan)),
    ] {
      try expectRefusal(words, FitOptions(epochs: 1, schedule: schedule))
    }
    for delta in [-1, Double.nan, .infinity] {
      try expectRefusal(
        "minimum delta",
        FitOptions(epochs: 1, earlyStopping: EarlyStopping(patience: 1, minimumDelta: delta)))
    }
    try expectRefusal(
      "monitor", FitOptions(epochs: 1, monitor: .accuracy), loss: .membraneMSE)
  }

  @Test("Data of another shape, or without targets") func data() throws {
    let options = FitOptions(epochs: 1)
    let values = [Float](repeating: 1, count: 4 * 12 * 5)
    let classes = Targets.classes(try ClassLabels([0, 1, 0, 1]))
    let steps = try Dataset(values, count: 4, steps: 6, units: 10, targets: classes)
    try expectRefusal(
      "the samples [T, I] must have shape [12, 5], got [6, 10]", options, training: steps)
    try expectRefusal("[6, 10]", options, validation: steps)
    let bare = try Dataset(values, count: 4, steps: 12, units: 5)
    try expectRefusal("targets", options, training: bare)
    let many = try Dataset(
      values, count: 4, steps: 12, units: 5,
      targets: .classes(try ClassLabels([0, 1, 2, 7])))
    try expectRefusal("class", options, training: many)
  }

  @Test("A checkpoint that cannot be written is found before the first batch") func unwritable()
    throws
  {
    try withTemporaryDirectory { directory in
      let made = MadeSource(count: 4, steps: 12, units: 5) { _, _ throws(SpindleError) in
        throw .engine("a batch was asked for and must not count")
      }
      try expectRefusal(
        "cannot create", FitOptions(epochs: 1, checkpoints: .init(path: directory + "/none/run")),
        training: made)
    }
  }

  @Test("An error of the data comes through") func source() throws {
    let made = MadeSource(count: 4, steps: 12, units: 5) { _, _ throws(SpindleError) in
      throw .invalidNetwork("the data's own")
    }
    try expectRefusal("the data's own", FitOptions(epochs: 1), training: made)
  }
}
