import Spindle
import SpindleJSON

/// One input channel that fires by chance, and the firing probabilities that neurons are to make of
/// it, the same for every sample.
struct PatternTask: Sendable {
  /// Where the probabilities come from.
  enum Target: Sendable {
    /// Computed, for T steps.
    case pattern(TargetPattern, steps: Int)
    /// A pattern of the user's own: [T, N] from 0 to 1.
    case file(String)
  }

  let target: Target
  /// Samples.
  let samples: Int
  /// Of an input spike at each step.
  let probability: Float

  private static let patternKey = Key(
    "pattern", Format<TargetPattern>.choice, "What is to be learned.", absence: .means("sine"))
  private static let stepsKey = Key("steps", Format<Int>.count, "T.", absence: .means(100))
  private static let fileKey = Key(
    "file", Format<String>.text,
    "A pattern of your own, in place of pattern and steps: probabilities [T, N] in a .npy or "
      + ".safetensors file (its only tensor, or \"target\").")
  private static let samplesKey = Key(
    "samples", Format<Int>.count, "How many samples.", absence: .means(32))
  private static let probabilityKey = Key(
    "probability", Format<Float>.float(.fraction), "Probability of an input spike at each step.",
    absence: .means(0.4))
  static let keys: [any KeyDescription] = [
    patternKey, stepsKey, fileKey, samplesKey, probabilityKey,
  ]

  static func read(_ object: DescriptionObject) throws(DescriptionError) -> Generator {
    .pattern(
      PatternTask(
        target: try readTarget(object), samples: try object.read(samplesKey),
        probability: try object.read(probabilityKey)))
  }

  private static func readTarget(_ object: DescriptionObject) throws(DescriptionError) -> Target {
    guard let file = try object.optional(fileKey) else {
      return .pattern(try object.read(patternKey), steps: try object.read(stepsKey))
    }
    for key in [patternKey.name, stepsKey.name] {
      guard let value = object.optional(key) else { continue }
      throw value.refused(expected: "no such key beside \"file\"", found: "both")
    }
    return .file(file)
  }

  /// T.
  var steps: Int {
    get throws(SpindleError) {
      switch target {
      case .pattern(_, let steps): steps
      case .file(let path): try TargetPattern.read(path).shape[0]
      }
    }
  }

  /// Probabilities [T, N] for a network of N outputs.
  func targets(neurons: Int) throws(SpindleError) -> Tensor {
    switch target {
    case .pattern(let pattern, let steps):
      return try Tensor(
        shape: [steps, neurons], values: pattern.values(steps: steps, neurons: neurons))
    case .file(let path):
      let tensor = try TargetPattern.read(path)
      guard tensor.shape[1] == neurons else {
        throw .shapeMismatch(
          what: path, expected: [tensor.shape[0], neurons], got: tensor.shape)
      }
      return tensor
    }
  }

  /// Probabilities [count, 1] for an encoder to draw spikes from, with the pattern as the target
  /// [T, N] of all samples.
  func dataset(neurons: Int) throws(SpindleError) -> Dataset {
    try Dataset(
      [Float](repeating: probability, count: samples), count: samples, steps: 1, units: 1,
      targets: .shared(try targets(neurons: neurons)))
  }
}

extension TargetPattern {
  /// A pattern of the user's own: probabilities [T, N] in a .npy or .safetensors file (its only
  /// tensor, or "target").
  public static func read(_ path: String) throws(SpindleError) -> Tensor {
    guard path.hasSuffix(".npy") || path.hasSuffix(".safetensors") else {
      throw .invalidData(path: path, reason: "the target file must end in .npy or .safetensors")
    }
    let array: NumericArray
    if path.hasSuffix(".safetensors"),
      let named = try? NumericArray(contentsOf: path, tensor: "target")
    {
      array = named
    } else {
      // Which tells what is wrong with the file, too.
      array = try NumericArray(contentsOf: path)
    }
    let values = try array.floats()
    guard array.shape.count == 2, !values.isEmpty else {
      throw .invalidData(
        path: path, reason: "a target must be of shape [steps, neurons], got \(array.shape)")
    }
    if let index = values.firstIndex(where: { !(0...1).contains($0) }) {
      throw .invalidData(
        path: path,
        reason: "a target must hold probabilities from 0 to 1, got \(values[index]) at step "
          + "\(index / array.shape[1]), neuron \(index % array.shape[1])")
    }
    return try Tensor(shape: array.shape, values: values)
  }
}
