import Spindle
import TestSupport
import Testing

/// The code of the article on chips, compiled and run.
struct ChipArticleTests {
  @Test func articleHasTheTestedCode() throws {
    try Articles.holdCode(of: "FromTrainingToAChip", to: #filePath)
  }

  @Test func fromTrainingToAChip() throws {
    try withTemporaryDirectory { directory in
      // Article: FromTrainingToAChip
      var chip = HardwarePreset.h1v2.hardware
      chip.mismatch = Mismatch(tau: 0.1, threshold: 0.05)
      chip.magnitudePenalty = MagnitudePenalty(strength: 0.1, limit: 1.66)
      chip.signPenalty = SignPenalty(strength: 0.01, group: 5)
      var readout = Hardware(quantization: chip.quantization)
      readout.energy = EnergyCosts(synapticOperation: 5e-12, power: 1e-6)

      let network = try Network(
        inputs: 16,
        layers: [
          .lif(
            50, tau: 0.02, recurrence: .rc(),
            connection: Connection(weights: .normal(mean: 0.2, standardDeviation: 0.4)),
            hardware: chip),
          .li(2, tau: 0.02, hardware: readout),
        ],
        seed: 1)
      // End of article code

      // Article: FromTrainingToAChip
      var random = RandomStream(seed: 1, stream: 1 << 40)
      var spikes = try SpikeTrain(batch: 32, steps: 50, units: 16)
      try spikes.fill(probability: 0.2, from: &random)
      let target = Target.classes((0..<32).map { $0 % 2 })

      var trainer = try Trainer(
        network, batch: 32, steps: 50, loss: .meanMembraneCrossEntropy, seed: 1)
      for _ in 0..<20 { _ = try trainer.step(.spikes(spikes), target: target) }
      // End of article code

      // Article: FromTrainingToAChip
      for index in 0..<5 {
        let metrics = try trainer.evaluate(
          .spikes(spikes), target: target, on: Chip(seed: 7, index: index))
        print("chip \(index): \(metrics.correct ?? 0) of 32")
      }
      let onTheGrid = try trainer.network.effective()
      print(try onTheGrid.values(of: "0.weight")[0], "is a multiple of 1.66 / 15")
      // End of article code

      // Article: FromTrainingToAChip
      let integers = try IntegerNetwork(trainer.network)
      let recording = try integers.run(.spikes(spikes))
      print("\(recording[0].spikes.count { $0 == 1 }) spikes on the chip")
      let comparison = try integers.compare(with: trainer.network, on: .spikes(spikes))
      for warning in comparison.warnings { print(warning) }
      try integers.save(to: directory + "/net.safetensors")
      let files = try CExport(integers, testVector: IntegerTestVector(integers)).files
      // End of article code
      #expect(files.map(\.name) == ["network.h", "network.c", "test_network.c"])
      #expect(comparison.agreement[0] > 0.98, "\(comparison.agreement)")
    }
  }
}
