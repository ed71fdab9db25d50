import Spindle
import TestSupport
import Testing

/// The code of the article on long sequences, compiled and run as `ArticleTests` does.
struct LongSequencesArticleTests {
  @Test func articleHasTheTestedCode() throws {
    try Articles.holdCode(of: "LongSequencesAndStreams", to: #filePath)
  }

  /// A recording of 100 steps, and what its network should give.
  private static func recording() throws -> [(input: Input, target: Target)] {
    try (0..<2).map { window in
      let values = (0..<150).map { Float(($0 * 37 + window) % 5 == 0 ? 1 : 0) }
      let target = try Tensor(shape: [1, 50, 1], values: (0..<50).map { Float($0 % 10) / 10 })
      return (try Input(values, batch: 1, steps: 50, units: 3), .values(target))
    }
  }

  @Test func runs() throws {
    let recording = try Self.recording()
    let stream = try (0..<10).map { step in
      try Input(
        (0..<3).map { Float((step + $0) % 2) }, batch: 1, steps: 1, units: 3)
    }
    let samples = try Dataset(
      (0..<600).map { Float($0 % 7 == 0 ? 1 : 0) }, count: 2, steps: 100, units: 3,
      targets: .values(
        try Tensor(shape: [2, 100, 1], values: (0..<200).map { Float($0 % 10) / 10 })))
    // Article: LongSequencesAndStreams
    let network = try Network(
      inputs: 3,
      layers: [
        .lif(
          32, recurrence: .rc(),
          connection: Connection(weights: .normal(mean: 0.5, standardDeviation: 0.3))),
        .li(1, tau: 0.02),
      ],
      seed: 1)
    let plan = try network.plan(
      batch: 8, steps: 10_000, execution: Execution(memory: .segments))
    print(plan.memory, plan.traceBytes)
    // End of article code

    // Article: LongSequencesAndStreams
    var trainer = try Trainer(
      network, batch: 1, steps: 50, loss: .membraneMSE, optimizer: .adam(learningRate: 1e-3))
    for window in recording {
      let metrics = try trainer.step(window: window.input, target: window.target)
      print(metrics.loss)
    }
    // End of article code

    // Article: LongSequencesAndStreams
    let result = try trainer.fit(
      samples, options: FitOptions(epochs: 2, windows: Windows(updateEvery: 2, carry: .sample)))
    // End of article code

    // Article: LongSequencesAndStreams
    var stepper = try Stepper(trainer.network)
    var spikes = [Float](repeating: 0, count: 1)
    var membrane = [Float](repeating: 0, count: 1)
    for input in stream {
      var s = spikes.mutableSpan
      var v = membrane.mutableSpan
      try stepper.step(input, spikes: &s, membrane: &v)
      print(membrane[0])
    }
    // End of article code
    #expect(plan.memory == .segments && result.history.count == 2)
    #expect(membrane[0] != 0 && spikes[0] == 0)
  }
}
