import Testing

@testable import Spindle

struct EnergyTests {
  /// Counted spike by spike, weight by weight.
  @Test(arguments: [Topology.ff, .rc, .oneToOne]) func countsWhatIsThere(topology: Topology) throws
  {
    let costs = EnergyCosts(synapticOperation: 3, neuronStep: 0.5, spike: 7, power: 1000)
    let recurrence: Recurrence =
      switch topology {
      case .ff: .ff
      case .rc: .rc(.normal(mean: 0, standardDeviation: 0.4))
      case .oneToOne: .oneToOne(.constant(0.1))
      }
    // With two bits many weights are 0 on the grid.
    let chip = Hardware(quantization: Quantization(bits: 2, scale: .tensor), energy: costs)
    let network = try Network(
      inputs: 5,
      layers: [
        .lif(
          7, spiking: Spiking(threshold: 0.5), recurrence: recurrence,
          connection: Connection(weights: .normal(mean: 0.2, standardDeviation: 0.5)),
          hardware: chip),
        .li(3, hardware: Hardware(energy: EnergyCosts(synapticOperation: 11))),
      ], seed: 2)
    var random = SplitMix(seed: 4)
    let (samples, steps) = (9, 12)
    let values = (0..<samples * steps * 5).map { _ -> Float in random.flag(0.3) ? 1 : 0 }
    let labels = try ClassLabels((0..<samples).map { Int32($0 % 3) })
    let data = try Dataset(
      values, count: samples, steps: steps, units: 5, targets: .classes(labels))
    var trainer = try Trainer(
      network, batch: 4, steps: steps, loss: .meanMembraneCrossEntropy)
    let energy = try #require(try trainer.measure(data)?.energy)

    let effective = try network.effective()
    let input = try Input(values, batch: samples, steps: steps, units: 5)
    let spikes = try network.run(input, recording: 0).spikes.values
    func isThere(_ name: String, _ index: Int) throws -> Bool {
      try effective.values(of: name)[index] != 0
    }
    var (first, second, fired) = (0, 0, 0)
    for row in 0..<samples * steps {
      for i in 0..<5 where values[row * 5 + i] == 1 {
        for n in 0..<7 where try isThere("0.weight", i * 7 + n) { first += 1 }
      }
      for m in 0..<7 where spikes[row * 7 + m] == 1 {
        fired += 1
        for k in 0..<3 where try isThere("1.weight", m * 3 + k) { second += 1 }
        switch topology {
        case .ff: break
        case .rc:
          for n in 0..<7 where try isThere("0.recurrent_weight", m * 7 + n) { first += 1 }
        case .oneToOne: if try isThere("0.recurrent_weight", m) { first += 1 }
        }
      }
    }
    let all = Double(samples)
    try #require(fired > 0 && first > 0 && second > 0)
    #expect(abs(energy.operations - Double(first + second) / all) < 1e-9)
    #expect(abs(energy.synapses - Double(3 * first + 11 * second) / all) < 1e-9)
    #expect(abs(energy.spikes - 7 * Double(fired) / all) < 1e-9)
    #expect(energy.neurons == 0.5 * 7 * 12)
    #expect(abs(energy.idle - 1000 * 12 * 1e-3) < 1e-9)
    let sum: Double = energy.synapses + energy.neurons + energy.spikes + energy.idle
    #expect(energy.total == sum)
  }
}
