import Safetensors
import Spindle
import SpindleReference
import TestSupport
import Testing

@testable import SpindleCrossCheck

/// What rounding explains, and what it does not.
@Suite("Conditioning") struct ConditioningTests {
  /// A recurrent layer over many steps, with what a float32 program expects that sums in the reverse
  /// order: the same network with its inputs and neurons reversed.
  private static func file(slope: Double, steps: Int, seed: UInt64, weight: Float = 0.6, tau: Double = 0.02) throws -> CaseFile {
    let (batch, inputs, neurons) = (2, 12, 16)
    var random = SplitMix64(seed: seed)
    func numbers(_ count: Int, _ range: ClosedRange<Float>) -> [Float] {
      (0..<count).map { _ in .random(in: range, using: &random) }
    }
    let tensors: [(name: String, shape: [Int], values: [Float])] = [
      ("0.weight", [inputs, neurons], numbers(inputs * neurons, -0.3...0.6)),
      ("0.recurrent_weight", [neurons, neurons], numbers(neurons * neurons, -weight...weight)),
      ("target", [steps, neurons], numbers(steps * neurons, 0...1)),
      (
        "input", [batch, steps, inputs],
        numbers(batch * steps * inputs, 0...1).map { $0 < 0.2 ? 1 : 0 }
      ),
    ]
    let network = NetworkDescription(
      inputs: inputs,
      layers: [
        .lif(
          neurons, tau: .all(tau), spiking: Spiking(surrogate: .fastSigmoid(slope: slope)),
          recurrence: .rc(.constant(0)))
      ])
    func make(_ order: ([Float]) -> [Float]) throws -> CaseFile {
      try CaseFile(
        network, loss: .meanRateMSE,
        tensors: tensors.map { name, shape, values in
          let width = name == "input" || name == "target" ? shape[shape.count - 1] : values.count
          let rows = stride(from: 0, to: values.count, by: width)
          return try .init(name, shape: shape, rows.flatMap { order(Array(values[$0..<$0 + width])) })
        })
    }
    let file = try make { $0 }
    let mirrored = try make { $0.reversed() }
    let result = mirrored.result(of: try mirrored.step(mirrored.reference(Float.self)))
    return try file.expecting(
      file.results.map { tensor in
        let values = (result.values[tensor.name] ?? []).map { Float($0) }
        let width = tensor.name.hasPrefix("grad") ? values.count : tensor.shape[tensor.shape.count - 1]
        let rows = stride(from: 0, to: values.count, by: width)
        return (tensor, rows.flatMap { values[$0..<$0 + width].reversed() })
      })
  }

  @Test func explore() throws {
    for steps in [100, 300] {
      for slope in [1.0, 5.0, 25] {
        for weight: Float in [0.3, 0.6, 1.0] {
          let file = try Self.file(slope: slope, steps: steps, seed: 3, weight: weight)
          let report = try CrossCheck(threads: [1]).check(file)
          let conditioning = try Conditioning(of: file)
          var line = "T \(steps) k \(slope) w \(weight):"
          for tensor in file.results {
            let scale = conditioning.definition.values[tensor.name]!.map(\.magnitude).max()!
            let sigma = conditioning.spread[tensor.name]!
            let rms = (sigma.map { $0 * $0 }.reduce(0, +) / Double(sigma.count)).squareRoot()
            line += " \(tensor.name) max \(Float(conditioning.largestSpread(tensor.name) / scale)) rms \(Float(rms / scale))"
          }
          print(line)
          for e in report.engines { print("   ", e.engine, e.outcomes[0].tensors.map { "\($0.name) \($0.status) \(Float($0.largestRelative ?? 0))" }) }
        }
      }
    }
  }
}
