import SpindleReference
import TestSupport
import Testing

@testable import Spindle

/// Chips against PyTorch's numbers.
@Suite(
  "Chips, golden", .enabled(if: HardwareGolden.isThere, Comment(rawValue: HardwareGolden.absence)))
struct HardwareGoldenTests {
  private let golden: HardwareGolden

  init() throws { golden = try HardwareGolden() }

  /// Both in float64: what differs is the order of sums of at most 240 terms over 40 steps.
  @Test("The definition, in float64", arguments: ["range5", "neuron4", "tensor8", "mismatch"])
  func definition(name: String) throws {
    let chip = try #require(HardwareGolden.chips[name])
    let network = try golden.network(chip)
    // The file's decays are of these numbers in float64, not of float32.
    var description = network.description
    description.timeStep = 1e-3
    var values: [String: [Double]] = ["1.tau": [Double](repeating: 0.02, count: 5)]
    for (theirs, ours) in HardwareGolden.names {
      values[ours] = try golden.doubles("parameter.\(theirs)")
    }
    let reference = try Reference<Double>(
      description, parameters: values, normals: name == "mismatch" ? try golden.normals() : [:])
    let step = try reference.run(
      input: try golden.doubles("input"), batch: golden.batch, steps: golden.steps
    ).step(loss: .meanMembraneCrossEntropy, target: try golden.target)
    let expected = "expected64.\(name)"
    let layers = step.trace.layers
    #expect(layers[0].spikes == (try golden.doubles("\(expected).spikes")))
    let tolerance = 1e-12
    try close([step.loss], "\(expected).loss", tolerance)
    try close(layers[1].membrane, "\(expected).membrane", tolerance)
    for (theirs, ours) in HardwareGolden.names {
      let gradient = try #require(step.gradients[ours])
      try close(gradient, "\(expected).grad.\(theirs)", tolerance)
    }
  }

  private func close(_ got: [Double], _ name: String, _ relative: Double) throws {
    let expected = try golden.doubles(name)
    try #require(got.count == expected.count)
    let scale = expected.reduce(0) { max($0, abs($1)) }
    for (index, (got, expected)) in zip(got, expected).enumerated() {
      #expect(
        abs(got - expected) <= relative * scale, "\(name)[\(index)]: \(got), not \(expected)")
    }
  }

  /// As OracleTests.tolerance: the root of the longest sums, of 29 sources and 240 rows, the ten
  /// steps that a decay lasts, and two layers.
  private static let tolerance: Double = {
    let sums: Double = 2 * (29.0).squareRoot() + (240.0).squareRoot() + 8
    return 0x1p-24 * 4 * sums * 20
  }()

  @Test("The engine", arguments: ["range5", "neuron4", "tensor8"])
  func engine(name: String) throws {
    let network = try golden.network(try #require(HardwareGolden.chips[name]))
    let effective = try network.effective()
    for matrix in ["W", "R", "Wout"] {
      let ours = try #require(HardwareGolden.names[matrix])
      let difference = Difference(
        ours, try effective.floats(ours),
        try golden.doubles("expected64.\(name).effective.\(matrix)"))
      // The step and the product are rounded once each, and the weights of the file are float32.
      #expect(difference.isWithin(0x1p-22), "\(difference)")
    }
    #expect(
      try network.run(golden.input, recording: 0).spikes.values
        == golden.floats("expected64.\(name).spikes"))
    for isa in ISA.supported {
      let got = try network.evaluate(
        golden.input, target: try golden.target, loss: .meanMembraneCrossEntropy,
        execution: Execution(isa: isa))
      let loss = Difference(
        "loss", [Float(got.loss)], try golden.doubles("expected64.\(name).loss"))
      #expect(loss.isWithin(Self.tolerance), "\(isa): \(loss)")
      let membrane = Difference(
        "membrane", got.recording.membrane.values,
        try golden.doubles("expected64.\(name).membrane"))
      #expect(membrane.isWithin(Self.tolerance), "\(isa): \(membrane)")
      for (theirs, ours) in HardwareGolden.names {
        let gradient = Difference(
          ours, try #require(got.gradients[ours]),
          try golden.doubles("expected64.\(name).grad.\(theirs)"))
        #expect(gradient.isWithin(Self.tolerance), "\(isa): \(gradient)")
      }
    }
  }

  @Test("Penalties of weights") func penalties() throws {
    let penalties = [
      "magnitude": Hardware(magnitudePenalty: MagnitudePenalty(strength: 1, limit: 0.9)),
      "sign": Hardware(signPenalty: SignPenalty(strength: 1)),
    ]
    for (name, hardware) in penalties {
      var network = try golden.network(.ideal)
      var description = network.description
      description.layers[0].hardware = hardware
      network = Network(
        description: description, parameters: network.parameters, values: network.values)
      let workspace = try Workspace(network, batch: 1, steps: 1, execution: .init(threads: 1))
      var gradients = [Float](repeating: 0, count: network.parameterCount)
      let value = try workspace.penalizeWeights(network.values, gradients: &gradients)
      let expected = try golden.doubles("expected64.penalty.\(name)")[0]
      // The limit 0.9 is float32 in the engine; the rest is float64 on both sides.
      #expect(abs(value - expected) <= 1e-6 * expected, "\(name): \(value), not \(expected)")
      let range = try network.parameter("0.weight").range
      let difference = Difference(
        name, Array(gradients[range]), try golden.doubles("expected64.penalty.\(name).grad.W"))
      #expect(difference.isWithin(1e-6), "\(difference)")
      var byName = ["0.weight": [Double](repeating: 0, count: range.count)]
      let defined = try Reference<Double>(network).penalizeWeights(&byName)
      #expect(abs(value - defined) <= 1e-13 * expected, "\(name): \(value), not \(defined)")
    }
  }

  @Test("Integers, equal in every number", arguments: ["range5", "neuron4", "tensor8"])
  func integers(name: String) throws {
    let network = try golden.network(try #require(HardwareGolden.chips[name]))
    let integers = try IntegerNetwork(network, stateBits: 24, fractionBits: 6)
    let place = "integer.\(name)"
    let (hidden, readout) = (integers.layers[0], integers.layers[1])
    #expect(hidden.weights == (try golden.integers("\(place).W")))
    #expect(hidden.recurrent == (try golden.integers("\(place).R")))
    #expect(readout.weights == (try golden.integers("\(place).Wout")))
    #expect(hidden.threshold == (try golden.integers("\(place).theta")))
    #expect(hidden.beta == (try golden.integers("\(place).beta")))
    #expect(Set(readout.beta) == Set(try golden.integers("\(place).kappa")))
    let recordings = try integers.run(golden.input)
    #expect(recordings[0].spikes.map(Int.init) == (try golden.integers("\(place).spikes")))
    #expect(recordings[0].membrane.map(Int.init) == (try golden.integers("\(place).membrane")))
    #expect(recordings[1].membrane.map(Int.init) == (try golden.integers("\(place).output")))
    // HARDWARE.md: with six fraction bits 99.2 to 100 % of the spikes are those of floats.
    let comparison = try integers.compare(with: network, on: golden.input)
    #expect(comparison.agreement[0] > 0.99, "\(comparison.agreement)")
  }
}
