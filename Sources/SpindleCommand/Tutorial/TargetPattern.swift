import ArgumentParser
import Spindle
import SpindleJob
import SpindleTensors

extension TargetPattern: ExpressibleByArgument {}

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
