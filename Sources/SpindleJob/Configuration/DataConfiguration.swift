import Spindle
import SpindleJSON

/// Where the samples come from and what is done to them.
public struct DataConfiguration: Sendable {
  /// What gives the samples.
  enum Source: Sendable {
    /// A file of the user's.
    case file(DataFile)
    /// A file, but its path is not given; the text says where it can be had.
    case missingFile(origin: String?)
    /// A task that is computed.
    case generator(Generator)
  }

  let source: Source
  /// Where the data come from, whom to credit, under which licence.
  let origin: String?
  /// In their order.
  let transforms: [Transform]
  /// nil where samples go into the network as they are.
  let encoder: EncoderConfiguration?
  let split: SplitConfiguration
  /// A name for each class; nil for numbers.
  let classNames: [String]?
  /// [count, T, I] of the file's samples in training; nil before.
  let shape: [Int]?
}

extension DataConfiguration {
  static let format = Format.object(DataKey.all) { object throws(DescriptionError) in
    let shape = try object.optional(DataKey.shape)
    guard shape == nil || shape?.count == 3 else {
      throw try object.value("shape").refused(expected: "three numbers")
    }
    return DataConfiguration(
      source: try readSource(object), origin: try object.optional(DataKey.origin),
      transforms: try object.read(DataKey.transforms),
      encoder: try object.optional(DataKey.encoder), split: try object.read(DataKey.split),
      classNames: try object.optional(DataKey.classNames),
      shape: shape)
  }

  private static func readSource(
    _ object: DescriptionObject
  ) throws(DescriptionError) -> Source {
    let file = DataFile(
      path: try object.optional(DataKey.file) ?? "", input: try object.optional(DataKey.input),
      target: try object.optional(DataKey.target),
      targetPath: try object.optional(DataKey.targetFile),
      steps: try object.optional(DataKey.steps), events: try object.optional(DataKey.events),
      header: try object.optional(DataKey.header))
    if let generator = try object.optional(DataKey.generator) {
      let ofFiles: [any KeyDescription] = [
        DataKey.file, DataKey.input, DataKey.target, DataKey.targetFile, DataKey.steps,
        DataKey.events, DataKey.header,
      ]
      if let key = ofFiles.map(\.name).first(where: { object.optional($0) != nil }) {
        throw try object.value(key).refused(
          expected: "no such key beside \"generator\"", found: "both")
      }
      return .generator(generator)
    }
    if file.events != nil, file.steps != nil {
      throw try object.value("steps").refused(
        expected: "no such key beside \"events\", which has its own", found: "both")
    }
    return file.path.isEmpty
      ? .missingFile(origin: try object.optional(DataKey.origin)) : .file(file)
  }
}

/// Keys of the data.
private enum DataKey {
  static let file = Key(
    "file", Format<String>.text,
    "Samples [count, T, I] or [count, I]: a .npy, .safetensors or .csv file. A relative path is "
      + "relative to the folder in which spindle runs.")
  static let input = Key(
    "input", Format<String>.text, "Name of the tensor of the samples in a .safetensors file.")
  static let target = Key(
    "target", Format<String>.text,
    "Name of the tensor of the targets in a .safetensors file: classes [count], or numbers.")
  static let targetFile = Key(
    "target_file", Format<String>.text, "The file of the targets, where it is another one.")
  static let steps = Key(
    "steps", Format<Int>.count, "T, where the file is one long recording [rows, I] to be cut.")
  static let events = Key(
    "events", Format<EventFormat>.events,
    "Reads the file as events: columns or tensors sample, time (seconds) and unit.")
  static let header = Key(
    "header", .flag,
    "Whether the first line of a .csv file is a header; without this key that is seen by it.")
  static let shape = Key(
    "shape", Format<[Int]>.list(of: .count, atLeast: 3),
    "[count, T, I] of the file's samples; a checkpoint holds those of training, of whose T and I "
      + "all others must be.")
  static let origin = Key(
    "origin", Format<String>.text, "Where the data can be had, whom to credit, the licence.")
  static let generator = Key(
    "generator", Format<Generator>.generator, "A task that is computed, in place of a file.")
  static let transforms = Key(
    "transforms", Format<[Transform]>.list(of: .transform),
    "What is done to the samples, in this order.", absence: .means(.array([])))
  static let encoder = Key(
    "encoder", Format<EncoderConfiguration>.encoder,
    "How numbers become spikes; without it samples go into the network as they are.")
  static let split = Key(
    "split", SplitConfiguration.format, "Parts for training, validation and test.",
    absence: .means(.object([:])))
  static let classNames = Key(
    "class_names", Format<[String]>.list(of: .text, atLeast: 1), "A name for each class.")

  static let all: [any KeyDescription] = [
    file, input, target, targetFile, steps, events, origin, generator, transforms, encoder, split,
    classNames, header, shape,
  ]
}

/// Parts of the samples.
public struct SplitConfiguration: Sendable {
  /// Fraction for training.
  var train = 1.0
  /// Fraction that is looked at after each epoch.
  var validation = 0.0
  /// Fraction that is looked at in the end.
  var test = 0.0
  var seed: UInt64 = 0
  var isStratified = false

  static let format = KeyTable(
    SplitConfiguration(),
    [
      .init(
        "train", .number(NumberBounds(above: 0, to: 1)), "Fraction for training.", at: \.train),
      .init(
        "validation", .number(NumberBounds(from: 0, below: 1)),
        "Fraction that is looked at after each epoch.", at: \.validation),
      .init(
        "test", .number(NumberBounds(from: 0, below: 1)),
        "Fraction that is looked at when training has ended.", at: \.test),
      .init("seed", .seed, "Seed of the split.", at: \.seed),
      .init(
        "stratified", .flag, "Whether every part holds each class in the same proportion.",
        at: \.isStratified),
    ]
  ).format { split, object throws(DescriptionError) in
    let sum = split.train + split.validation + split.test
    // Decimal fractions such as 0.7, 0.2 and 0.1 need not sum to 1 exactly.
    guard sum <= 1 + 1e-9 else {
      throw object.refused(expected: "fractions that sum to at most 1", found: "a sum of \(sum)")
    }
  }

  /// The fractions that are not zero, in the order training, validation, test.
  var fractions: [Double] { [train, validation, test].filter { $0 > 0 } }
}
