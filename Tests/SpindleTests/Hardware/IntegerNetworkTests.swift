import Foundation
import SpindleTensors
import TestSupport
import Testing

@testable import Spindle

struct IntegerNetworkTests {
  /// The equations once more, one neuron and step at a time, with Int64 of C's semantics.
  private func run(_ network: IntegerNetwork, _ input: [[Bool]]) -> [[Int]] {
    var v = network.layers.map { [Int](repeating: 0, count: $0.neurons) }
    var c = v
    var s = v
    var membranes = network.layers.map { _ in [Int]() }
    func decayed(_ x: Int, _ q: Int) -> Int { (x * q) / 65536 }
    func cut(_ x: Int) -> Int { min(max(x, -network.limit), network.limit) }
    for step in input {
      var below = step.map { $0 ? 1 : 0 }
      for (k, layer) in network.layers.enumerated() {
        let before = s[k]
        for n in 0..<layer.neurons {
          var sum = below.indices.reduce(0) {
            $0 + below[$1] * layer.weights[$1 * layer.neurons + n]
          }
          switch layer.topology {
          case .ff: break
          case .rc:
            for m in before.indices { sum += before[m] * layer.recurrent[m * layer.neurons + n] }
          case .oneToOne: sum += before[n] * layer.recurrent[n]
          }
          var current = sum * (1 << network.fractionBits) + layer.bias[n]
          if !layer.alpha.isEmpty {
            c[k][n] = cut(decayed(c[k][n], layer.alpha[n]) + current)
            current = c[k][n]
          }
          let u = cut(decayed(v[k][n], layer.beta[n]) + current)
          s[k][n] = layer.fires && u > layer.threshold[n] ? 1 : 0
          v[k][n] = u
          if s[k][n] == 1, layer.reset == .subtraction { v[k][n] = u - layer.threshold[n] }
          if s[k][n] == 1, layer.reset == .zero { v[k][n] = 0 }
          if !layer.floor.isEmpty { v[k][n] = max(v[k][n], layer.floor[n]) }
        }
        membranes[k] += v[k]
        below = s[k]
      }
    }
    return membranes
  }

  @Test(arguments: seeds(from: 6000, 40)) func followsTheEquations(seed: UInt64) throws {
    let network = try RandomExport(seed: seed).integers()
    let vector = try IntegerTestVector(network, steps: 40, density: 0.3, seed: seed)
    let rows = (0..<40).map { t in
      (0..<network.inputs).map { vector.input[t * network.inputs + $0] == 1 }
    }
    let defined = run(network, rows)
    for (layer, recording) in vector.expected.enumerated() {
      #expect(recording.membrane.map(Int.init) == defined[layer], "layer \(layer)")
    }
  }

  /// What is written is read as the same, and a file of another kind is refused.
  @Test(arguments: [6100, 6101, 6102, 6103] as [UInt64]) func files(seed: UInt64) throws {
    try withTemporaryDirectory { folder in
      let test = try RandomExport(seed: seed)
      let path = folder + "/net.safetensors"
      let network = try test.integers()
      try network.save(to: path)
      #expect(try IntegerNetwork(contentsOf: path) == network)
      let file = try SafetensorsFile(contentsOf: path)
      #expect(file["test.input"]?.shape == [64, network.inputs])
      let bits = network.layers[0].bits
      #expect(file["0.weight"]?.type == (bits <= 8 ? .i8 : .i16))
      try test.network.save(to: path)
      #expect(throws: SpindleError.self) { try IntegerNetwork(contentsOf: path) }
    }
  }

  @Test func damagedFilesAreRefused() throws {
    try withTemporaryDirectory { try refuseDamaged($0 + "/net.safetensors") }
  }

  private func refuseDamaged(_ path: String) throws {
    try RandomExport(seed: 6100).integers().save(to: path)
    let file = try SafetensorsFile(contentsOf: path)
    let metadata = file.metadata
    for name in ["0.weight", "0.beta", "0.scale", "0.bias"] {
      try SafetensorsFile(file.tensors.filter { $0.name != name }, metadata: metadata)
        .write(to: path)
      let error = #expect(throws: SpindleError.self) { try IntegerNetwork(contentsOf: path) }
      #expect("\(error.map(String.init(describing:)) ?? "")".contains(name))
    }
    let large = try file.tensors.map { tensor in
      tensor.name == "0.weight"
        ? try SafetensorsFile.Tensor(
          "0.weight", shape: tensor.shape, .i16, Array(repeating: -32768, count: tensor.count))
        : tensor
    }
    try SafetensorsFile(large, metadata: metadata).write(to: path)
    #expect(throws: SpindleError.self) { try IntegerNetwork(contentsOf: path) }
  }

  @Test func refusals() throws {
    let grid = Hardware(quantization: Quantization(bits: 8))
    func network(_ spiking: Spiking, _ hardware: Hardware) throws -> Network {
      try Network(inputs: 3, layers: [.lif(4, spiking: spiking, hardware: hardware)], seed: 1)
    }
    #expect(throws: SpindleError.self) { try IntegerNetwork(network(.init(), .ideal)) }
    #expect(throws: SpindleError.self) {
      try IntegerNetwork(network(Spiking(refractorySteps: 1), grid))
    }
    #expect(throws: SpindleError.self) {
      try IntegerNetwork(network(Spiking(resetTiming: .delayed), grid))
    }
    #expect(throws: SpindleError.self) {
      try IntegerNetwork(network(Spiking(adaptation: Adaptation(strength: 1, tau: 0.1)), grid))
    }
    let fine = try network(.init(), grid)
    #expect(throws: SpindleError.self) { try IntegerNetwork(fine, stateBits: 7) }
    #expect(throws: SpindleError.self) { try IntegerNetwork(fine, fractionBits: 24) }
    // 8 bits of a potential hold no threshold of 200 units.
    #expect(throws: SpindleError.self) {
      try IntegerNetwork(network(Spiking(threshold: 200), grid), stateBits: 8, fractionBits: 6)
    }
    let integers = try IntegerNetwork(fine)
    #expect(throws: SpindleError.self) {
      try integers.run(Input([0.5, 0, 1], batch: 1, steps: 1, units: 3))
    }
    #expect(throws: SpindleError.self) {
      try integers.run(Input([1, 0], batch: 1, steps: 1, units: 2))
    }
  }

  /// Warnings say what goes wrong.
  @Test func warnings() throws {
    var network = try Network(
      inputs: 3,
      layers: [
        .lif(4, hardware: Hardware(quantization: Quantization(bits: 2, scale: .range(4))))
      ], seed: 1)
    // Weights of half a step and less are zero on the grid: the threshold is a quarter of a step.
    try network.set("0.weight", to: [Float](repeating: 1.5, count: 12))
    let integers = try IntegerNetwork(network)
    let input = try Input(
      [Float](repeating: 1, count: 30), batch: 1, steps: 10, units: 3)
    let kinds = try integers.compare(with: network, on: input).warnings.map(\.kind)
    #expect(kinds == [.coarseThreshold(neurons: 4, least: 0.25), .silent])
    try network.set("0.weight", to: [Float](repeating: 7, count: 12))
    #expect(
      try network.gridWarnings().map(\.kind) == [
        .coarseThreshold(neurons: 4, least: 0.25), .clipped(fraction: 1),
      ])
    let narrow = try IntegerNetwork(network, stateBits: 8, fractionBits: 4)
    let saturated = try narrow.compare(with: network, on: input).warnings.contains {
      if case .saturation = $0.kind { true } else { false }
    }
    #expect(saturated)
  }
}
