import Spindle

/// The samples of a job as the network is given them, in their parts.
struct PreparedData: Sendable {
  /// A part, before and after it is encoded.
  struct Part: Sendable {
    let plain: Dataset
    let source: any BatchSource
  }

  let training: Part
  /// Looked at after each epoch.
  let validation: Part?
  /// Looked at in the end.
  let test: Part?
  /// Of all samples and targets, before they are split and transformed.
  let fingerprint: String
  /// As configured, standardisations with their numbers.
  let transforms: [Transform]
  /// [count, T, I] of a file's samples; nil of a task that is computed.
  let shape: [Int]?
  /// What the user should know of how the samples were read.
  let notices: [String]

  /// The part that results are told of.
  var evaluatedPart: EvaluatedPart {
    test != nil ? .test : validation != nil ? .validation : .train
  }

  /// A part by name; nil where there is none.
  func part(_ name: EvaluatedPart) -> Part? {
    switch name {
    case .train: training
    case .validation: validation
    case .test: test
    case .all: validation == nil && test == nil ? training : nil
    }
  }
}

/// A part of the samples.
public enum EvaluatedPart: String, Sendable, CaseIterable {
  /// Those for training.
  case train
  /// Those looked at after each epoch.
  case validation
  /// Those looked at in the end.
  case test
  /// All of them, of data that are not split.
  case all
}

extension PreparedData {
  /// Reads or computes the samples, splits and transforms them; `begins` is called with what is done
  /// from now on.
  init(
    _ configuration: JobConfiguration, begins: (String) -> Void = { _ in }
  ) throws(SpindleError) {
    let data = configuration.data
    let split = data.split
    var parts: [Dataset]
    begins(
      data.generator == nil ? "reading \(data.file.path)" : "computing the samples")
    let (contents, isFile) = try configuration.samples()
    let all = contents.dataset
    notices = contents.notices
    shape = isFile ? all.shape : nil
    fingerprint = all.fingerprint
    if split.fractions == [1] {
      parts = [all]
    } else {
      parts = try all.split(split.fractions, seed: split.seed, stratified: split.isStratified)
    }
    var transforms: [Transform] = []
    for (index, transform) in data.transforms.enumerated() {
      begins("transform \(index + 1) of \(data.transforms.count) of the samples")
      let known = try transform.resolved(training: parts[0], all: parts)
      for index in parts.indices { parts[index] = try known.applied(to: parts[index]) }
      transforms.append(known)
    }
    var prepared: [Part] = []
    for part in parts {
      begins("encoding \(part.count) samples")
      prepared.append(Part(plain: part, source: try configuration.encoded(part)))
    }
    training = prepared[0]
    validation = split.validation > 0 ? prepared[1] : nil
    test = split.test > 0 ? prepared[prepared.count - 1] : nil
    self.transforms = transforms
  }
}

extension DataConfiguration {
  /// Refuses samples of other steps or units than those of training.
  ///
  /// - Parameters:
  ///   - found: the shape in the file, where that says more than [count, T, I].
  ///   - takesAnySteps: whether samples may have other steps.
  func check(
    _ samples: Dataset, path: String, found: [Int]? = nil, takesAnySteps: Bool = false
  ) throws(SpindleError) {
    guard let shape else { return }
    let (steps, units) = (shape[1], shape[2])
    if samples.units == units, takesAnySteps || samples.steps == steps { return }
    let found = found ?? samples.shape
    func refused(_ reason: String) -> SpindleError { .invalidData(path: path, reason: reason) }
    if samples.steps == units, samples.units == steps {
      throw refused(
        "expected samples of \(steps) steps and \(units) units, found \(found): steps and units are "
          + "swapped")
    }
    guard samples.units == units else {
      throw refused("expected samples of \(units) units, found \(samples.units)")
    }
    throw refused(
      "expected samples [count, \(steps), \(units)] as in training, found \(found), which are "
        + "\(samples.count) samples of \(samples.steps) step\(samples.steps == 1 ? "" : "s")"
        + (found == [steps, units] ? "; one sample is [1, \(steps), \(units)]" : "")
        + " (spindle predict --any-steps takes them)")
  }
}

extension JobConfiguration {
  /// All samples, with their targets, and whether they are of a file.
  fileprivate func samples() throws(SpindleError) -> (DataContents, isFile: Bool) {
    if case .generator(let task) = data.source {
      try task.checkMemory(outputs: network.outputs)
    }
    switch data.source {
    case .file(let file):
      let contents = try file.read(
        targetsOf: loss, classCount: network.outputs, classNames: data.classNames,
        timeStep: network.timeStep)
      try data.check(contents.dataset, path: file.path)
      return (contents, true)
    case .missingFile(let origin):
      throw .invalidValue(
        what: "data.file",
        expected: "the path of the samples ("
          + (origin.map { "they can be had from: \($0)" } ?? "or data.generator a task") + ")",
        got: "none")
    case .generator(.pattern(let task)):
      return (DataContents(dataset: try task.dataset(neurons: network.outputs)), false)
    case .generator(.rectifiedNoise(let task)):
      return (DataContents(dataset: try task.dataset(timeStep: network.timeStep)), false)
    case .generator(.delayedCue(let task)):
      return (DataContents(dataset: try task.dataset()), false)
    }
  }

  /// The samples as the network is given them; random encoders draw from the training seed.
  func encoded(_ dataset: Dataset) throws(SpindleError) -> any BatchSource {
    var encoder = data.encoder
    if case .generator(.pattern(let task)) = data.source {
      try require(
        encoder == nil, "data.encoder", "none with the generator \"pattern\", which has its own",
        "one")
      encoder = EncoderConfiguration(
        encoder: RateEncoder(repeats: try task.steps), isRandom: true)
    }
    guard let encoder else { return dataset }
    let encoded = try EncodedDataset(dataset, encoder: encoder.encoder, seed: training.seed)
    return encoder.isRandom ? encoded : try encoded.materialized()
  }
}

extension Transform {
  /// The same, with the mean and deviation that a standardisation takes from the samples.
  fileprivate func resolved(
    training: Dataset, all: [Dataset]
  ) throws(SpindleError) -> Transform {
    guard case .standardize(let over, nil) = self else { return self }
    let known =
      over == .train
      ? try Standardization(of: training) : try Standardization(pooling: all)
    return .standardize(over: over, known)
  }

  /// The samples after the transform.
  func applied(to dataset: Dataset) throws(SpindleError) -> Dataset {
    switch self {
    case .select(let units): return try dataset.selecting(units: units)
    case .affine(let scale, let offset): return try dataset.affine(scale: scale, offset: offset)
    case .standardize(_, let known):
      guard let known else { return dataset }
      return try dataset.standardized(by: known)
    case .repeatSteps(let times): return try dataset.repeatingSteps(times)
    case .bin(let width, let by): return try dataset.binned(width, by: by)
    case .crop(let from, let to): return try dataset.cropped(to: from..<to)
    case .pad(let before, let after, let value):
      return try dataset.padded(before: before, after: after, with: value)
    }
  }
}

extension Standardization {
  /// That of several datasets together: the moments of the parts are joined (Chan, Golub and LeVeque
  /// 1983).
  init(pooling datasets: [Dataset]) throws(SpindleError) {
    let parts = try datasets.map { dataset throws(SpindleError) in
      try Standardization(of: dataset)
    }
    let rows = datasets.map { Double($0.count) * Double($0.steps) }
    let total = rows.reduce(0, +)
    var mean: [Float] = []
    var deviation: [Float] = []
    for unit in parts[0].mean.indices {
      let average =
        zip(parts, rows).reduce(0) { $0 + Double($1.0.mean[unit]) * $1.1 } / total
      let square =
        zip(parts, rows).reduce(0) { sum, part in
          let own = Double(part.0.standardDeviation[unit])
          let shift = Double(part.0.mean[unit]) - average
          return sum + (own * own + shift * shift) * part.1
        } / total
      mean.append(Float(average))
      deviation.append(Float(square.squareRoot()))
    }
    try self.init(mean: mean, standardDeviation: deviation)
  }
}
