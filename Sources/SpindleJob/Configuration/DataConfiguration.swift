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

  var file = DataFile()
  /// The file of the samples for validation; nil for a part of the others.
  var validation: DataPlace?
  /// The file of the samples for the test; nil for a part of the others.
  var test: DataPlace?
  var generator: Generator?
  /// Where the data come from, whom to credit, under which licence.
  var origin: String?
  /// In their order.
  var transforms: [Transform] = []
  /// nil where samples go into the network as they are.
  var encoder: EncoderConfiguration?
  var split = SplitConfiguration()
  /// A name for each class; nil for numbers.
  var classNames: [String]?
  /// [count, T, I] of the file's samples in training; nil before.
  var shape: [Int]?

  /// What gives the samples.
  var source: Source {
    if let generator { return .generator(generator) }
    return file.path.isEmpty ? .missingFile(origin: origin) : .file(file)
  }
}

extension DataConfiguration {
  static let format = KeyTable(DataConfiguration(), fileRows + rows).format(check: check)

  /// Keys that a generator has no use for.
  private static let fileRows: [KeyRow<DataConfiguration>] = [
    .init(
      "file", .text,
      "Samples [count, T, I] or [count, I]: a .npy, .safetensors or .csv file. A relative path is "
        + "relative to the folder in which spindle runs.", at: \.file.path, absence: .nothing),
    .init(
      "input", .text, "Name of the tensor of the samples in a .safetensors file.",
      at: \.file.input),
    .init(
      "target", .text,
      "Name of the tensor of the targets in a .safetensors file: classes [count], or numbers.",
      at: \.file.target),
    .init(
      "target_file", .text, "The file of the targets, where it is another one.",
      at: \.file.targetPath),
    .init(
      "lengths", .text,
      "Name of the tensor of the steps of each sample [count], for samples of different length, "
        + "which are padded to T; what stands behind them is never looked at.", at: \.file.lengths),
    .init(
      reading: "validation_file", .place,
      "A file of the samples that are looked at after each epoch, read as \"file\" is; in place of "
        + "split.validation.", at: \.validation),
    .init(
      reading: "test_file", .place,
      "A file of the samples that are looked at in the end, read as \"file\" is; in place of "
        + "split.test.", at: \.test),
    .init(
      "steps", .count, "T, where the file is one long recording [rows, I] to be cut.",
      at: \.file.steps),
    .init(
      reading: "events", EventFormat.format.map { $0 },
      "Reads the file as events: columns or tensors sample, time (seconds) and unit.",
      at: \.file.events),
    .init(
      "header", .flag,
      "Whether the first line of a .csv file is a header; without this key that is seen by it.",
      at: \.file.header),
    .init(
      "shape", .list(of: .count, atLeast: 3),
      "[count, T, I] of the file's samples; a checkpoint holds those of training, of whose T and I "
        + "all others must be.", at: \.shape),
  ]

  private static let rows: [KeyRow<DataConfiguration>] = [
    .init(
      "origin", .text, "Where the data can be had, whom to credit, the licence.", at: \.origin),
    .init(
      reading: "generator", Format<Generator>.generator.map { $0 },
      "A task that is computed, in place of a file.", at: \.generator),
    .init(
      reading: "transforms", .list(of: .transform),
      "What is done to the samples, in this order.", at: \.transforms,
      absence: .means(.array([]))),
    .init(
      reading: "encoder", Format<EncoderConfiguration>.encoder.map { $0 },
      "How numbers become spikes; without it samples go into the network as they are.",
      at: \.encoder),
    .init(
      reading: "split", SplitConfiguration.format, "Parts for training, validation and test.",
      at: \.split, absence: .means(.object([:]))),
    .init("class_names", .list(of: .text, atLeast: 1), "A name for each class.", at: \.classNames),
  ]

  @Sendable private static func check(
    _ data: DataConfiguration, _ object: DescriptionObject
  ) throws(DescriptionError) {
    if data.generator != nil,
      let value = fileRows.lazy.compactMap({ object.optional($0.name) }).first
    {
      throw value.refused(expected: "no such key beside \"generator\"", found: "both")
    }
    if let shape = data.shape, shape.count != 3 {
      throw try object.value("shape").refused(expected: "three numbers")
    }
    for (key, place, fraction) in [
      ("validation_file", data.validation, data.split.validation),
      ("test_file", data.test, data.split.test),
    ] where place != nil {
      let value = try object.value(key)
      guard fraction == 0 else {
        throw value.refused(
          expected: "no such key beside a part of split of the same name", found: "both")
      }
      guard (place?.targetPath == nil) == (data.file.targetPath == nil) else {
        throw value.refused(
          expected: "a file with a \"target_file\" of its own where \"data\" has one",
          found: "one of the two")
      }
    }
    for key in ["events", "steps"] where data.file.lengths != nil && object.optional(key) != nil {
      throw try object.value("lengths").refused(
        expected: "no such key beside \"\(key)\"", found: "both")
    }
    if data.file.events != nil, data.file.steps != nil {
      throw try object.value("steps").refused(
        expected: "no such key beside \"events\", which has its own", found: "both")
    }
  }
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
  /// Name of the tensor of the groups; nil for none.
  var group: String?

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
      .init(
        "group", .text,
        "Name of the tensor of the group of each sample [count], such as the person it was recorded "
          + "from: no group is in two parts.", at: \.group),
    ]
  ).format { split, object throws(DescriptionError) in
    if split.group != nil, split.isStratified {
      throw try object.value("group").refused(
        expected: "no such key beside \"stratified\"", found: "both")
    }
    let sum = split.train + split.validation + split.test
    // Decimal fractions such as 0.7, 0.2 and 0.1 need not sum to 1 exactly.
    guard sum <= 1 + 1e-9 else {
      throw object.refused(expected: "fractions that sum to at most 1", found: "a sum of \(sum)")
    }
  }

  /// The fractions that are not zero, in the order training, validation, test.
  var fractions: [Double] { [train, validation, test].filter { $0 > 0 } }
}
