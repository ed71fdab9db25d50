import SpindleReference
import Testing

@testable import Spindle

/// Chips against the definition, on random networks.
struct HardwareOracleTests {
  /// A random chip for a layer.
  private func chip(_ layer: Layer, _ random: inout SplitMix) -> Hardware {
    var chip = Hardware()
    if random.flag(0.8) {
      chip.quantization = Quantization(
        bits: random.pick([2, 3, 5, 8, 12]),
        scale: random.pick([.neuron, .tensor, .range(Double(random.float(0.2...1)))]),
        isPowerOfTwo: random.flag(), includesBias: random.flag())
    }
    if random.flag(0.6) {
      chip.mismatch = Mismatch(weights: 0.2, tau: 0.1, synapticTau: 0.15, threshold: 0.05)
    }
    if layer.neurons.spiking != nil, random.flag() {
      chip.floor = random.pick([0, -0.1, -0.7])
    }
    if random.flag(0.3) {
      chip.magnitudePenalty = MagnitudePenalty(strength: 0.3, limit: 0.25)
    }
    if random.flag(0.3) { chip.signPenalty = SignPenalty(strength: 0.2, group: 3) }
    return chip
  }

  private func network(of test: RandomCase) throws -> Network {
    var random = SplitMix(seed: test.seed &+ 77)
    var description = test.network.description
    for index in description.layers.indices {
      description.layers[index].hardware = chip(description.layers[index], &random)
    }
    return try Network(description, seed: test.seed)
  }

  @Test(arguments: seeds(from: 5000, 60))
  func matchesTheOracle(seed: UInt64) throws {
    let test = try RandomCase(seed: seed)
    let network = try network(of: test)
    var spikes: [[Double]?] = []
    for (index, layer) in network.layers.enumerated() {
      let recording = try network.run(test.input, recording: index)
      spikes.append(
        layer.neurons.spiking == nil ? nil : recording.spikes.values.map(Double.init))
    }
    let reference = try Reference<Double>(network)
    let expected = try reference.run(
      input: test.inputValues.map(Double.init), batch: test.batch, steps: test.steps,
      spikes: .forced(spikes)
    ).step(loss: test.loss, target: test.target)
    var gradients = expected.gradients
    let penalty = reference.penalizeWeights(&gradients)
    let got = try network.evaluate(test.input, target: test.target, loss: test.loss)
    let tolerance = OracleTests.tolerance(test)
    let last = expected.trace.layers[network.layers.count - 1]
    let potential = Difference("potential", got.recording.potential.values, last.potential)
    #expect(potential.isWithin(tolerance), "\(potential)")
    let membrane = Difference("membrane", got.recording.membrane.values, last.membrane)
    #expect(membrane.isWithin(tolerance, floor: potential.scale), "\(membrane)")
    // Strengths and limits are float32; sums are Double on both sides.
    #expect(abs(got.regularization - penalty) <= 1e-12 * (1 + penalty))
    let largest = expected.trace.layers.flatMap(\.potential).reduce(0) { max($0, abs($1)) }
    let byGradient = tolerance * (1 + RandomCase.largestSlope * largest)
    for name in got.gradients.keys.sorted() {
      let gradient = Difference(
        name, try #require(got.gradients[name]), try #require(gradients[name]))
      #expect(gradient.isWithin(byGradient, floor: 1e-9), "\(gradient)")
    }
  }

  /// Normal numbers are of the parameter's own stream, and the chip's number is where they begin.
  @Test(arguments: seeds(from: 5200, 20))
  func mismatchIsOfTheChip(seed: UInt64) throws {
    let network = try network(of: try RandomCase(seed: seed))
    let chip = Chip(seed: seed, index: 3)
    var normals: [String: [Double]] = [:]
    for (index, parameter) in network.parameters.enumerated() {
      var random = RandomStream(seed: seed, stream: (5 << 32) + UInt64(index))
      random.seek(to: (1 << 27 + 3) << 36)
      normals[parameter.name] = try random.normal(
        mean: 0, standardDeviation: 1, count: parameter.range.count
      ).map(Double.init)
    }
    let defined = try Reference<Double>(network, normals: normals)
    let made = try network.effective(on: chip)
    for parameter in network.parameters {
      let difference = Difference(
        parameter.name, try made.floats(parameter.name),
        try #require(defined.effectiveValues(parameter.name)))
      // Rounded at most five times: the step, its multiple, the factor's two operations, the product.
      #expect(difference.isWithin(5 * 0x1p-24), "\(difference)")
    }
    #expect(try network.effective(on: Chip(seed: seed, index: 3)).values == made.values)
    if network.layers.contains(where: { $0.hardware.mismatch != .init() }) {
      #expect(try network.effective(on: Chip(seed: seed, index: 4)).values != made.values)
    }
  }
}
