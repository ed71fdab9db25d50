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

  @Test(arguments: [Sums.events, .blockedEvents, .dense])
  func planTellsTheForcedWay(sums: Sums) throws {
    let network = try Network(layers: [
      .synapse(Synapse(inputs: 40, outputs: 33)),
      .lif(LIF(neurons: 33, topology: .rc(weights: .kaimingNormal()))),
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
