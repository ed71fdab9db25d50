import Spindle
import Testing

/// What random networks hardly ever meet, by hand.
struct SemanticsTests {
  /// One input of weight 1 into one neuron of threshold 1, without decay to speak of.
  private func network(reset: Reset = .subtraction, threshold: Double = 1) throws -> Network {
    try Network(
      timeStep: 1e-3,
      inputs: 1,
      layers: [
        .lif(
          1, tau: 0.01, spiking: Spiking(threshold: .all(threshold), reset: reset),
          connection: Connection(weights: .constant(1)))
      ])
  }

  private func spikes(_ network: Network, _ input: [Float], _ layout: Layout) throws -> [Float] {
    // The same sequence in every lane.
    let batch = 16
    let values = (0..<batch).flatMap { _ in input }
    let recording = try network.run(
      try Input(values, batch: batch, steps: input.count, units: 1),
      execution: Execution(layout: layout))
    return Array(recording.spikes.values[..<input.count])
  }

  /// s = 1 where u - threshold > 0: a potential exactly at the threshold does not fire.
  @Test(arguments: [Layout.rows, .lanes])
  func aPotentialAtTheThresholdDoesNotFire(layout: Layout) throws {
    #expect(try spikes(network(), [1, 0, 0], layout) == [0, 0, 0])
    #expect(
      try spikes(network(threshold: Double((1 as Float).nextDown)), [1, 0, 0], layout) == [1, 0, 0])
  }

  /// The spike of a step is of its own potential, and a recurrent spike arrives one step later.
  @Test(arguments: [Layout.rows, .lanes])
  func aRecurrentSpikeArrivesOneStepLater(layout: Layout) throws {
    // Neuron 0 fires on input; neuron 1 has none, and fires on neuron 0's spike alone.
    var network = try Network(inputs: 1, layers: [.lif(2, tau: 1e-4, recurrence: .rc())])
    try network.set("0.weight", to: [2, 0])
    try network.set("0.recurrent_weight", to: [0, 2, 0, 0])
    let recording = try network.run(
      try Input(
        [Float](repeating: 0, count: 15 * 4) + [0, 1, 0, 0], batch: 16, steps: 4, units: 1),
      execution: Execution(layout: layout))
    let last = (0..<4).map { t in (0..<2).map { recording.spikes[15, t, $0] } }
    #expect(last == [[0, 0], [1, 0], [0, 1], [0, 0]])
  }

  @Test(arguments: [Layout.rows, .lanes])
  func resetsDoWhatTheySay(layout: Layout) throws {
    let input: [Float] = [1, 1, 0]
    #expect(try spikes(network(reset: .subtraction, threshold: 0.5), input, layout) == [1, 1, 1])
    #expect(try spikes(network(reset: .zero, threshold: 0.5), input, layout) == [1, 1, 0])
    #expect(try spikes(network(reset: .none, threshold: 1.5), input, layout) == [0, 1, 1])
  }
}
