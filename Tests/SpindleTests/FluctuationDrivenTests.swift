import Foundation
import Spindle
import Testing

/// Fluctuation-driven initialisation: the weights' moments against sums of the impulse response,
/// step by step, and the membrane that they give.
struct FluctuationDrivenTests {
  private static let (inputs, neurons, timeStep, rate) = (400, 50, 1e-3, 20.0)

  private static func network(
    mean: Double, xi: Double = 2, synapticTau: PerNeuron? = nil, isRecurrent: Bool = false,
    threshold: PerNeuron = 1, fraction: Double = 0.8
  ) throws -> Network {
    let weights = Initializer.fluctuationDriven(
      mean: mean, xi: xi, rate: rate, inputFraction: fraction)
    return try Network(
      timeStep: timeStep,
      inputs: inputs,
      layers: [
        .lif(
          neurons, tau: 0.012, synapticTau: synapticTau,
          spiking: Spiking(threshold: threshold, reset: .none),
          recurrence: isRecurrent ? .rc(weights) : .ff,
          connection: Connection(weights: weights))
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

  @Test(arguments: [nil, 0.005 as Double?])
  func theWeightsHaveTheMomentsOfTheEquation(synapticTau: Double?) throws {
    let (sum, squares) = Self.response(tau: 0.012, synapticTau: synapticTau)
    let p = 0.02
    for isRecurrent in [false, true] {
      let network = try Self.network(
        mean: 0.3, synapticTau: synapticTau.map { .all($0) }, isRecurrent: isRecurrent)
      let sources = Double(Self.inputs + (isRecurrent ? Self.neurons : 0))
      let mean = 0.3 / (sources * p * sum)
      let parts: [(String, Int, Double)] =
        isRecurrent
        ? [("0.weight", Self.inputs, 0.8), ("0.recurrent_weight", Self.neurons, 0.2)]
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
  @Test(arguments: [nil, 0.005 as Double?])
  func theMembraneFluctuatesAsAskedFor(synapticTau: Double?) throws {
    let thresholds = (0..<Self.neurons).map { $0 % 2 == 0 ? 1 : 3 as Double }
    let network = try Self.network(
      mean: 0.2, synapticTau: synapticTau.map { .all($0) }, threshold: .each(thresholds))
    let (batch, steps, start) = (8, 1000, 100)
    var stream = RandomStream(seed: 1, stream: 5)
    var train = try SpikeTrain(batch: batch, steps: steps, units: Self.inputs)
    try train.fill(probability: Self.rate * Self.timeStep, from: &stream)
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
      let sigma = (thresholds[parity] - 0.2) / 2
      // The sum of a neuron's weights varies from neuron to neuron, and with it its mean, by
      // sigma p E sqrt(n) / sqrt(n p Q) = sigma sqrt(p) E / sqrt(Q); 25 neurons.
      let (sum, squares) = Self.response(tau: 0.012, synapticTau: synapticTau)
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
      let layers = weights.map {
        Layer.lif(128, tau: tau, synapticTau: synapticTau, connection: Connection(weights: $0))
      }
      let network = try Network(inputs: 400, layers: layers, seed: 2)
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
      let deeper = Initializer.fluctuationDriven(rate: rate)
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
    for rate in [0, -1, 1000, .nan, .infinity] {
      expectError("layers[0].weights.rate") {
        _ = try Network(
          inputs: 2,
          layers: [
            .lif(2, connection: Connection(weights: .fluctuationDriven(rate: rate)))
          ])
      }
    }
    for bad in [1, 2, .infinity, .nan] as [Double] {
      expectError("layers[0].weights.mean must be") { _ = try Self.network(mean: bad) }
    }
    expectError("does not exceed the fluctuations") { _ = try Self.network(mean: -5, xi: 100) }
    for xi: Double in [0, -1, .nan] {
      expectError("layers[0].weights.xi must be positive") { _ = try Self.network(mean: 0, xi: xi) }
    }
    for fraction: Double in [-0.1, 1.1, .nan] {
      expectError("layers[0].weights.input_fraction must be from 0 to 1") {
        _ = try Self.network(mean: 0, fraction: fraction)
      }
    }
    expectError("layers[0].bias must be any initializer but fluctuation_driven") {
      _ = try Network(
        inputs: 2,
        layers: [
          .lif(2, connection: Connection(bias: .fluctuationDriven(rate: 10)))
        ])
    }
  }
}
