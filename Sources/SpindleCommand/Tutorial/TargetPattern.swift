import ArgumentParser
import Foundation
import Safetensors
import Spindle

/// What the tutorial's neurons are to learn: a firing probability for each step and neuron [T, N].
enum TargetPattern: String, CaseIterable, ExpressibleByArgument {
  /// 0.5 + 0.4 sin(theta_t + 2 pi n / N), theta from 0 to 4 pi, both ends included.
  case sine
  /// 0.9 in the upper half of each sine's period, 0.1 in the lower.
  case square
  /// Evenly spread beats: neuron n fires (0.9) on 2 + n mod 7 of 16 beats, else rests (0.1); two
  /// bars.
  case rhythm

  /// The pattern's values, row by row.
  func values(steps: Int, neurons: Int) -> [Float] {
    (0..<steps).flatMap { step in
      (0..<neurons).map { Float(value(step, $0, steps: steps, neurons: neurons)) }
    }
  }

  private func value(_ step: Int, _ neuron: Int, steps: Int, neurons: Int) -> Double {
    let theta = steps > 1 ? 4 * Double.pi * Double(step) / Double(steps - 1) : 0
    let phase = theta + 2 * Double.pi * Double(neuron) / Double(neurons)
    switch self {
    case .sine: return 0.5 + 0.4 * sin(phase)
    case .square: return sin(phase) >= 0 ? 0.9 : 0.1
    case .rhythm:
      let beats = 2 + neuron % 7
      let beat = (32 * step / steps + neuron) % 16
      // Bjorklund's even spread: a beat falls where the running share passes a whole number.
      return beat * beats % 16 < beats ? 0.9 : 0.1
    }
  }
}

extension TargetPattern {
  /// A pattern of the user's own: [T, N] in .npy or .safetensors (its only tensor, or "target").
  static func read(_ path: String) throws -> Tensor {
    let shape: [Int]
    let values: [Float]
    if path.hasSuffix(".npy") {
      let array = try NumPyArray(contentsOf: path)
      (shape, values) = (array.shape, array.floats())
    } else if path.hasSuffix(".safetensors") {
      let file = try SafetensorsFile(contentsOf: path)
      guard let found = file["target"] ?? (file.tensors.count == 1 ? file.tensors[0] : nil) else {
        throw ValidationError(
          "\(path) must hold one tensor or one named \"target\", and holds \(file.tensors.count)")
      }
      (shape, values) = (found.shape, found.floats())
    } else {
      throw ValidationError("the target file must end in .npy or .safetensors, got \(path)")
    }
    try check(shape, values, path)
    return try Tensor(shape: shape, values: values)
  }

  private static func check(_ shape: [Int], _ values: [Float], _ path: String) throws {
    guard shape.count == 2, !values.isEmpty else {
      throw ValidationError(
        "\(path) must hold a target of shape [steps, neurons], got \(shape)")
    }
    // NaN is not in the range either.
    if let index = values.firstIndex(where: { !(0...1).contains($0) }) {
      throw ValidationError(
        "\(path) must hold probabilities from 0 to 1, got \(values[index]) at step "
          + "\(index / shape[1]), neuron \(index % shape[1])")
    }
  }
}
