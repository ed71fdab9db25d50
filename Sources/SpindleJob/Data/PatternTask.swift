import Spindle
import SpindleJSON

/// One input channel that fires by chance, and the firing probabilities that neurons are to make of
/// it, the same for every sample.
struct PatternTask: Sendable {
  /// Computed, for `patternSteps` steps.
  var pattern = TargetPattern.sine
  var patternSteps = 100
  /// A pattern of the user's own in their place: [T, N] from 0 to 1.
  var file: String?
  /// Samples.
  var samples = 32
  /// Of an input spike at each step.
  var probability: Float = 0.4

  static let table = KeyTable(
    PatternTask(),
    [
      .init("pattern", .choice, "What is to be learned.", at: \.pattern),
      .init("steps", .count, "T.", at: \.patternSteps),
      .init(
        "file", .text,
        "A pattern of your own, in place of pattern and steps: probabilities [T, N] in a .npy or "
          + ".safetensors file (its only tensor, or \"target\").", at: \.file),
      .init("samples", .count, "How many samples.", at: \.samples),
      .init(
        "probability", .float(.fraction), "Probability of an input spike at each step.",
        at: \.probability),
    ])

  /// Refuses keys of a computed pattern beside a file.
  @Sendable static func generator(
    _ task: PatternTask, _ object: DescriptionObject
  ) throws(DescriptionError) -> Generator {
    if task.file != nil, let value = object.optional("pattern") ?? object.optional("steps") {
      throw value.refused(expected: "no such key beside \"file\"", found: "both")
    }
    return .pattern(task)
  }

  /// T.
  var steps: Int {
    get throws(SpindleError) {
      guard let file else { return patternSteps }
      return try TargetPattern.read(file).shape[0]
    }
  }

  /// Probabilities [T, N] for a network of N outputs.
  func targets(neurons: Int) throws(SpindleError) -> Tensor {
    guard let file else {
      return try Tensor(
        shape: [patternSteps, neurons],
        values: pattern.values(steps: patternSteps, neurons: neurons))
    }
    let tensor = try TargetPattern.read(file)
    try require(tensor.shape[1] == neurons, file, shape: [tensor.shape[0], neurons], tensor.shape)
    return tensor
  }

  /// Probabilities [count, 1] for an encoder to draw spikes from, with the pattern as the target
  /// [T, N] of all samples.
  func dataset(neurons: Int) throws(SpindleError) -> Dataset {
    try Dataset(
      [Float](repeating: probability, count: samples), count: samples, steps: 1, units: 1,
      targets: .shared(try targets(neurons: neurons)))
  }
}

extension TargetPattern: JSONWritable {
  /// A pattern of the user's own: probabilities [T, N] in a .npy or .safetensors file (its only
  /// tensor, or "target").
  public static func read(_ path: String) throws(SpindleError) -> Tensor {
    try require(
      path.hasSuffix(".npy") || path.hasSuffix(".safetensors"), in: path,
      "the target file must end in .npy or .safetensors")
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
    try require(
      array.shape.count == 2 && !values.isEmpty, in: path,
      "a target must be of shape [steps, neurons], got \(array.shape)")
    if let index = values.firstIndex(where: { !(0...1).contains($0) }) {
      throw .invalidData(
        path: path,
        reason: "a target must hold probabilities from 0 to 1, got \(values[index]) at step "
          + "\(index / array.shape[1]), neuron \(index % array.shape[1])")
    }
    return try Tensor(shape: array.shape, values: values)
  }
}
