import Foundation

@testable import Spindle

/// Random networks that can be exported, with their grids.
struct RandomExport {
  let network: Network
  let stateBits: Int
  let fractionBits: Int

  private static let sizes = [1, 2, 3, 7, 8, 16, 17, 33]

  init(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let inputs = random.pick(Self.sizes)
    var layers: [Layer] = []
    var width = inputs
    let depth = random.pick([1, 2, 3])
    for index in 0..<depth {
      let count = random.pick(Self.sizes)
      var layer =
        index == depth - 1 && random.flag()
        ? Layer.li(count, tau: Self.tau(count, &random))
        : Self.spiking(count, &random)
      layer.neurons.synapticTau = random.flag(0.4) ? Self.tau(count, &random) : nil
      let scale = Double(1.5 / (0.2 * Float(width)).squareRoot())
      layer.connection = Connection(
        weights: .normal(mean: 0.2 * scale, standardDeviation: scale),
        bias: random.flag() ? .normal(mean: 0.05, standardDeviation: 0.1) : nil)
      layer.hardware.quantization = Quantization(
        bits: random.pick([2, 4, 5, 8, 9, 16]),
        scale: random.pick([.neuron, .tensor, .range(1)]), isPowerOfTwo: random.flag(),
        includesBias: random.flag())
      if layer.neurons.spiking != nil, random.flag() {
        layer.hardware.floor = random.pick([0, -0.3])
      }
      layers.append(layer)
      width = count
    }
    network = try Network(inputs: inputs, layers: layers, seed: seed)
    // Weights of 16 bits are counted in units that are small: only wide potentials hold thresholds.
    stateBits = 32
    fractionBits = random.pick([0, 2, 6, 8])
  }

  private static func spiking(_ count: Int, _ random: inout SplitMix) -> Layer {
    let recurrences: [Recurrence] = [
      .ff, .oneToOne(.normal(mean: 0, standardDeviation: 0.3)),
      .rc(.normal(mean: 0, standardDeviation: Double(0.5 / Float(count).squareRoot()))),
    ]
    let spiking = Spiking(
      threshold: random.flag()
        ? 1 : .each((0..<count).map { _ in Double(random.float(0.3...1.5)) }),
      reset: random.pick(Reset.allCases))
    return .lif(
      count, tau: tau(count, &random), spiking: spiking, recurrence: random.pick(recurrences))
  }

  private static func tau(_ count: Int, _ random: inout SplitMix) -> PerNeuron {
    random.flag() ? 0.01 : .each((0..<count).map { _ in Double(random.float(0.001...0.02)) })
  }

  func integers() throws -> IntegerNetwork {
    try IntegerNetwork(network, stateBits: stateBits, fractionBits: fractionBits)
  }

  /// Writes both kinds of C below a folder: integer-SEED and float-SEED.
  func write(to folder: String, seed: UInt64) throws {
    let integers = try integers()
    let vector = try IntegerTestVector(integers, steps: 50, density: 0.3, seed: seed)
    let exports = [
      "integer-\(seed)": CExport(integers, testVector: vector),
      "float-\(seed)": try CExport(network, testSteps: 50, seed: seed),
    ]
    for (name, export) in exports {
      let path = "\(folder)/\(name)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for file in export.files {
        try file.text.write(toFile: "\(path)/\(file.name)", atomically: false, encoding: .utf8)
      }
    }
  }
}
