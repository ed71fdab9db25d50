import Spindle
import Testing

/// Sums over spikes taken in every way, and forward alone.
struct SumsTests {
  @Test(arguments: Array(2000..<2020) as [UInt64])
  func everyWayGivesTheSameBits(seed: UInt64) throws {
    let test = try RandomCase(seed: seed)
    let results = try Sums.allCases.map { sums in
      try test.network.evaluate(
        test.input, target: test.target, loss: test.loss,
        execution: Execution(threads: 1, layout: .rows, sums: sums))
    }
    for (sums, result) in zip(Sums.allCases, results) {
      // Compared outside the macro, which would list every difference of long arrays.
      let isSameLoss = result.loss == results[0].loss
      let isSameRecording = result.recording == results[0].recording
      let changed = result.gradients.filter { $0.value != results[0].gradients[$0.key] }.keys
        .sorted()
      #expect(isSameLoss && isSameRecording, "\(sums)")
      #expect(changed.isEmpty, "\(sums)")
    }
  }

  /// More samples than 16 bits, in which events name their rows, can number.
  @Test func everyWayGivesTheSameBitsInLargeBatches() throws {
    let network = try Network(
      inputs: 3,
      layers: [
        .lif(
          5, recurrence: .rc(.kaimingNormal()),
          connection: Connection(weights: .normal(mean: 0.5, standardDeviation: 1)))
      ], seed: 7)
    let (batch, steps) = (100_000, 3)
    var input = try SpikeTrain(batch: batch, steps: steps, units: 3)
    var random = RandomStream(seed: 7, stream: 7)
    try input.fill(probability: 0.3, from: &random)
    let target = Target.values(
      try Tensor(shape: [steps, 5], values: Array(repeating: 0.5, count: steps * 5)))
    let gradients = try [Sums.dense, .events, .blockedEvents].map { sums in
      let execution = Execution(threads: sums == .dense ? 1 : 3, layout: .rows, sums: sums)
      return try network.evaluate(
        .spikes(input), target: target, loss: .meanRateMSE, execution: execution
      ).gradients
    }
    #expect(gradients[0].values.contains { $0.contains { $0 != 0 } })
    #expect(gradients[1] == gradients[0], "events")
    #expect(gradients[2] == gradients[0], "blocked events")
  }

  @Test(arguments: [Sums.events, .blockedEvents, .dense])
  func planTellsTheForcedWay(sums: Sums) throws {
    let network = try Network(
      inputs: 40,
      layers: [
        .lif(33, recurrence: .rc(.kaimingNormal()))
      ])
    var trainer = try Trainer(
      network, batch: 4, steps: 5, loss: .meanRateMSE,
      execution: Execution(layout: .rows, sums: sums))
    var random = RandomStream(seed: 1, stream: 1)
    var input = try SpikeTrain(batch: 4, steps: 5, units: 40)
    try input.fill(probability: 0.5, from: &random)
    let rate = try trainer.forward(.spikes(input))
    #expect(rate == (try trainer.record().spikes.values.reduce(0) { $0 + Double($1) }) / 660)
    #expect(trainer.plan.layers[0].inputSums == sums)
    #expect(trainer.plan.layers[0].recurrentSums == sums)
  }
}
