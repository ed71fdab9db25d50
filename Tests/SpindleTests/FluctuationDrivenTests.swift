import Foundation
import Spindle
import Testing

/// Fluctuation-driven initialisation: the weights' moments against sums of the impulse response,
/// step by step, and the membrane that they give.
struct FluctuationDrivenTests {
  private static let (inputs, neurons, timeStep, rate) = (400, 50, Float(1e-3), Float(20))

  private static func network(
    mean: Float, xi: Float = 2, synapticTau: PerNeuron? = nil, isRecurrent: Bool = false,
    threshold: PerNeuron = 1, fraction: Float = 0.8
  ) throws -> Network {
    let weights = Initializer.fluctuationDriven(
      mean: mean, xi: xi, rate: rate, inputFraction: fraction)
    return try Network(
      timeStep: timeStep,
      layers: [
        .synapse(Synapse(inputs: inputs, outputs: neurons, weights: weights)),
        .lif(
          LIF(
            neurons: neurons, topology: isRecurrent ? .rc(weights: weights) : .ff, tau: 0.012,
            threshold: threshold, reset: .none, synapticTau: synapticTau)),
      ], seed: 7)
  }

  /// Sum and sum of squares of what a spike leaves in the membrane, k steps later, until nothing.
  private static func response(tau: Double, synapticTau: Double?) -> (Double, Double) {
    let beta = exp(-1e-3 / tau)
    let alpha = synapticTau.map { exp(-1e-3 / $0) } ?? 0
    var (current, membrane, sum, squares) = (1.0, 0.0, 0.0, 0.0)
    for _ in 0..<2000 {
      membrane = beta * membrane + current
      current *= alpha
      sum += membrane
      squares += membrane * membrane
    }
    return (sum, squares)
  }

  private static func moments(_ values: [Float]) -> (mean: Double, deviation: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0) { $0 + Double($1) } / count
    let square = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (mean, (square / count).squareRoot())
  }

  @Test(arguments: [nil, 0.005 as Float?])
  func theWeightsHaveTheMomentsOfTheEquation(synapticTau: Float?) throws {
    let (sum, squares) = Self.response(tau: 0.012, synapticTau: synapticTau.map(Double.init))
    let p = 0.02
    for isRecurrent in [false, true] {
      let network = try Self.network(
        mean: 0.3, synapticTau: synapticTau.map { .all($0) }, isRecurrent: isRecurrent)
      let sources = Double(Self.inputs + (isRecurrent ? Self.neurons : 0))
      let mean = 0.3 / (sources * p * sum)
      let parts: [(String, Int, Double)] =
        isRecurrent
        ? [("0.weight", Self.inputs, 0.8), ("1.recurrent_weight", Self.neurons, 0.2)]
        : [("0.weight", Self.inputs, 1)]
      for (name, rows, part) in parts {
        let variance = part * 0.35 * 0.35 / (Double(rows) * p * (1 - p) * squares) - mean * mean
        let got = Self.moments(try network.floats(name))
        // Four standard errors of the mean, and of the standard deviation, of so many numbers.
        let error = 4 * (variance / Double(rows * Self.neurons)).squareRoot()
        #expect(abs(got.mean - mean) < error, "\(name): mean \(got.mean), not \(mean)")
        #expect(
          abs(got.deviation - variance.squareRoot()) < error / 2.squareRoot(),
          "\(name): deviation \(got.deviation), not \(variance.squareRoot())")
      }
    }
  }

  /// With Poisson-like input the free membrane has the mean and the fluctuations asked for; each
  /// neuron those of its own threshold.
  @Test(arguments: [nil, 0.005 as Float?])
  func theMembraneFluctuatesAsAskedFor(synapticTau: Float?) throws {
    let thresholds = (0..<Self.neurons).map { $0 % 2 == 0 ? 1 : 3 as Float }
    let network = try Self.network(
      mean: 0.2, synapticTau: synapticTau.map { .all($0) }, threshold: .each(thresholds))
    let (batch, steps, start) = (8, 1000, 100)
    var stream = RandomStream(seed: 1, stream: 5)
    var train = try SpikeTrain(batch: batch, steps: steps, units: Self.inputs)
    try train.fill(probability: Double(Self.rate * Self.timeStep), from: &stream)
    let membrane = try network.run(.spikes(train)).membrane
    for parity in [0, 1] {
      var (means, variances) = (0.0, 0.0)
      for neuron in stride(from: parity, to: Self.neurons, by: 2) {
        let values = (0..<batch).flatMap { b in
          (start..<steps).map { membrane[b, $0, neuron] }
        }
        let (mean, deviation) = Self.moments(values)
        means += mean / Double(Self.neurons / 2)
        variances += deviation * deviation / Double(Self.neurons / 2)
      }
      let sigma = (Double(thresholds[parity]) - 0.2) / 2
      // The sum of a neuron's weights varies from neuron to neuron, and with it its mean, by
      // sigma p E sqrt(n) / sqrt(n p Q) = sigma sqrt(p) E / sqrt(Q); 25 neurons.
      let (sum, squares) = Self.response(tau: 0.012, synapticTau: synapticTau.map(Double.init))
      let spread = sigma * 0.02.squareRoot() * sum / squares.squareRoot() / 5
      #expect(abs(means - 0.2) < 4 * spread, "mean \(means), parity \(parity)")
      // 7200 steps hold some 200 independent values a neuron, 5000 in all: 2 % of a variance, and
      // the weights' squares vary by sqrt(2 / (400 x 25)) = 1.4 %; four standard errors.
      let ratio = variances.squareRoot() / sigma
      #expect(abs(ratio - 1) < 0.05, "deviation \(variances.squareRoot()), not \(sigma)")
    }
  }

  /// Layers that expect the rate of the first fire at healthy rates, whatever the time constants:
  /// somewhat more from layer to layer, since neurons differ in the sum of their weights, and the
  /// equation knows of their mean alone. Other weights may leave a network silent.
  @Test func deepNetworksFire() throws {
    func rates(
      _ weights: [Initializer], tau: PerNeuron, synapticTau: PerNeuron?
    ) throws -> [Double] {
      var layers: [Layer] = []
      for (index, weights) in weights.enumerated() {
        layers.append(
          .synapse(Synapse(inputs: index == 0 ? 400 : 128, outputs: 128, weights: weights)))
        layers.append(.lif(LIF(neurons: 128, tau: tau, synapticTau: synapticTau)))
      }
      let network = try Network(layers: layers, seed: 2)
      var stream = RandomStream(seed: 1, stream: 5)
      var train = try SpikeTrain(batch: 4, steps: 500, units: 400)
      try train.fill(probability: 0.015, from: &stream)
      return try weights.indices.map { layer in
        let spikes = try network.run(.spikes(train), recording: layer).spikes.values
        return Double(spikes.reduce(0, +)) / Double(spikes.count) / 1e-3
      }
    }
    for (tau, synapticTau) in [(0.02, 0.01), (0.01, 0.005), (0.05, 0.002)]
      as [(PerNeuron, PerNeuron?)]
    {
      let first = Initializer.fluctuationDriven(rate: 15)
      let rate = try rates([first], tau: tau, synapticTau: synapticTau)[0]
      let deeper = Initializer.fluctuationDriven(rate: Float(rate))
      let all = try rates(
        [first, deeper, deeper, deeper], tau: tau, synapticTau: synapticTau)
      for other in all {
        #expect(other > 5 && other < 200, "rates \(all) Hz, tau \(tau)")
      }
    }
    let others = [Initializer](repeating: .kaimingNormal(), count: 4)
    #expect(try rates(others, tau: 0.005, synapticTau: nil).last == 0)
  }

  @Test func refusals() throws {
    for rate: Float in [0, -1, 1000, .nan, .infinity] {
      expectError("the input's rate for \"0.weight\"") {
        _ = try Network(layers: [
          .synapse(Synapse(inputs: 2, outputs: 2, weights: .fluctuationDriven(rate: rate))),
          .lif(LIF(neurons: 2)),
        ])
      }
    }
    for bad in [1, 2, .infinity, .nan] as [Float] {
      expectError("\"0.weight\" must be") { _ = try Self.network(mean: bad) }
    }
    expectError("does not exceed the fluctuations") { _ = try Self.network(mean: -5, xi: 100) }
    for xi: Float in [0, -1, .nan] {
      expectError("positive xi") { _ = try Self.network(mean: 0, xi: xi) }
    }
    for fraction: Float in [-0.1, 1.1, .nan] {
      expectError("fraction from 0 to 1") { _ = try Self.network(mean: 0, fraction: fraction) }
    }
    expectError("any but fluctuationDriven") {
      _ = try Network(layers: [
        .synapse(Synapse(inputs: 2, outputs: 2, bias: .fluctuationDriven(rate: 10))),
        .lif(LIF(neurons: 2)),
      ])
    }
  }
}
