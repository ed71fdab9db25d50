import Spindle
import SpindleJSON

extension DataFile {
  /// The samples with their targets, classes or numbers.
  ///
  /// - Parameters:
  ///   - wanted: what the targets are to be.
  ///   - timeStep: length of a step, in seconds, for events.
  ///   - progress: called while events are read, with the samples done and all.
  func read(
    _ wanted: WantedTargets, timeStep: Double, progress: (Int, Int) -> Void
  ) throws(SpindleError) -> DataContents {
    switch try layout() {
    case .events(let source):
      return try read(source, try targets(of: source, wanted), timeStep: timeStep, progress)
    case .grid(let recording):
      let targets = try wanted.targets(try targetArray(of: "a recording of NIR"))
      return DataContents(dataset: try recording.dataset(timeStep: timeStep, targets: targets))
    case .arrays: return try readArrays(wanted, timeStep: timeStep)
    }
  }

  /// The classes that a file of events has, or those of the file of targets.
  private func targets(
    of source: some LabelledEvents, _ wanted: WantedTargets
  ) throws(SpindleError) -> Targets {
    if targetPath == nil, wanted.loss.wantsClasses, let labels = source.labels {
      return try wanted.classes(labels, names: source.classNames, path: path)
    }
    return try wanted.targets(try targetArray(of: "a file of events without classes"))
  }

  /// The targets of a file that has none itself.
  private func targetArray(of file: String) throws(SpindleError) -> NumericArray {
    guard let targetPath else {
      throw .invalidData(
        path: path, reason: "expected data.target_file with the targets of \(file), found none")
    }
    return try array(targetPath, tensor: target)
  }

  /// Samples of events that are read sample by sample.
  private func read(
    _ source: some LabelledEvents, _ targets: Targets, timeStep: Double,
    _ progress: (Int, Int) -> Void
  ) throws(SpindleError) -> DataContents {
    guard let events = events ?? source.format(timeStep: timeStep) else {
      throw .invalidData(
        path: path,
        reason: "expected data.events with the steps and units of its events, found none")
    }
    let all = source.sampleCount
    let (dataset, found, dropped) = try inFile { () throws(SpindleError) in
      try Dataset.binning(source, into: events.window(timeStep: timeStep), targets: targets) {
        progress($0, all)
      }
    }
    var notices: [String] = []
    if dropped > 0 { notices.append(droppedNotice(dropped, of: found, events, timeStep)) }
    return DataContents(
      dataset: dataset,
      groups: try group.map { group throws(SpindleError) in
        try source.groups(group)
      }, classNames: targets.labels?.names, notices: notices)
  }

  private func droppedNotice(
    _ dropped: Int, of all: Int, _ events: EventFormat, _ timeStep: Double
  ) -> String {
    "\(path): \(dropped) of \(all) events were dropped: they are outside of the \(events.steps) "
      + "steps of \(timeStep) s or of the \(events.units) units"
  }

  /// Names the file in what is refused of its numbers.
  private func inFile<Value>(
    _ body: () throws(SpindleError) -> Value
  ) throws(SpindleError) -> Value {
    do throws(SpindleError) {
      return try body()
    } catch .invalidValue(let what, let expected, let got) {
      throw .invalidData(path: path, reason: "\(what) must be \(expected), got \(got)")
    }
  }

  private func readArrays(
    _ wanted: WantedTargets, timeStep: Double
  ) throws(SpindleError) -> DataContents {
    let targets = try array(targetPath ?? path, tensor: target)
    func made(_ array: NumericArray) throws(SpindleError) -> Targets { try wanted.targets(array) }
    if let events {
      let labels = targets.guessingHeader(rows: events.samples)
      return try read(
        events, timeStep: timeStep, count: events.samples, targets: try made(labels.array),
        notices: labels.notices)
    }
    let pair = try readArray().agreeing(with: targets, steps: steps)
    return DataContents(
      dataset: try dataset(pair.samples, targets: try made(pair.targets)),
      groups: try integers(group, "the groups of samples"), notices: pair.notices)
  }

  /// The integers of a tensor of the file, one for each sample; nil where none is named.
  private func integers(_ tensor: String?, _ what: String) throws(SpindleError) -> [Int]? {
    guard let tensor else { return nil }
    let array = try array(path, tensor: tensor)
    guard array.shape.count == 1 || array.shape.count == 2 && array.shape[1] == 1 else {
      throw .invalidData(
        path: path, reason: "expected \(what) of shape [count], found \(array.shape)")
    }
    return try array.integers()
  }

  /// The samples without targets.
  ///
  /// - Parameters:
  ///   - timeStep: length of a step, in seconds, for events.
  ///   - count: the number of samples that the user expects; nil to see it in the file.
  ///   - least: the number of samples of events, where neither the user nor the file says it and no
  ///     more have events.
  func read(
    timeStep: Double, count: Int? = nil, least: Int? = nil
  ) throws(SpindleError) -> (contents: DataContents, shape: [Int]) {
    let layout = try layout()
    if let contents = try read(layout, timeStep: timeStep) {
      try check(contents, count)
      return (contents, contents.dataset.shape)
    }
    guard let events else {
      let array = try readArray()
      let contents = DataContents(
        dataset: try dataset(array, targets: .none), notices: array.headerNotices)
      try check(contents, count)
      return (contents, array.shape)
    }
    let contents = try read(
      events, timeStep: timeStep, count: count, least: least, targets: .none, notices: [])
    return (contents, contents.dataset.shape)
  }

  /// What is no array; nil of one.
  private func read(
    _ layout: FileLayout, timeStep: Double
  ) throws(SpindleError) -> DataContents? {
    switch layout {
    case .events(let source):
      try read(source, .none, timeStep: timeStep) { _, _ in }
    case .grid(let recording):
      DataContents(dataset: try recording.dataset(timeStep: timeStep, targets: .none))
    case .arrays: nil
    }
  }

  private func check(_ contents: DataContents, _ count: Int?) throws(SpindleError) {
    guard let count, count != contents.dataset.count else { return }
    throw .invalidData(
      path: path, reason: "expected \(count) samples, found \(contents.dataset.count)")
  }

  private func readArray() throws(SpindleError) -> NumericArray { try array(path, tensor: input) }

  /// An array of a file, whatever the file's kind.
  private func array(_ path: String, tensor: String?) throws(SpindleError) -> NumericArray {
    if path.hasSuffix(".npz") {
      return NumericArray(try ZipArchive(contentsOf: path).array(tensor), path: path)
    }
    return try NumericArray(
      contentsOf: path, tensor: tensor, header: path.hasSuffix(".csv") ? header : nil)
  }

  private func dataset(_ array: NumericArray, targets: Targets) throws(SpindleError) -> Dataset {
    guard let steps else {
      let lengths = try integers(lengths, "the lengths of samples")
      return try inFile { () throws(SpindleError) in
        try Dataset(array, targets: targets, lengths: lengths)
      }
    }
    return try Dataset(recording: array, steps: steps, targets: targets)
  }

  private func read(
    _ events: EventFormat, timeStep: Double, count: Int?, least: Int? = nil, targets: Targets,
    notices: [String]
  ) throws(SpindleError) -> DataContents {
    let window = events.window(timeStep: timeStep)
    let table = try table()
    var notices = notices
    return try inFile { () throws(SpindleError) in
      var count = count
      if count == nil, table.sampleCount == nil, let least {
        let found = (table.samples.max() ?? -1) + 1
        if found < least {
          notices.append(
            "\(path): the last of \(least) samples, as many as in training, have no events: there "
              + "are events of \(found); --samples says their number")
        }
        count = found <= least ? least : try table.leastSampleCount()
      }
      let (dataset, dropped) = try Dataset.binning(
        table, into: window, count: count, targets: targets)
      if dropped > 0 {
        notices.append(droppedNotice(dropped, of: table.times.count, events, timeStep))
      }
      return DataContents(dataset: dataset, notices: notices)
    }
  }

  /// Events in one table.
  private func table() throws(SpindleError) -> EventTable {
    if input != nil { return try EventTable(readArray()) }
    guard path.hasSuffix(".npz") else { return try EventTable(contentsOf: path, header: header) }
    return try EventTable(
      samples: array(path, tensor: "sample"), times: array(path, tensor: "time"),
      units: array(path, tensor: "unit"))
  }
}

/// What the targets of a file are to be.
struct WantedTargets {
  let loss: Loss
  /// N.
  let classCount: Int
  /// nil for those of the file, or none.
  let classNames: [String]?

  /// The targets that an array holds.
  func targets(_ array: NumericArray) throws(SpindleError) -> Targets {
    guard loss.wantsClasses else { return loss.targets(try Tensor(array)) }
    return .classes(try ClassLabels(array, classCount: classCount, names: classNames))
  }

  /// Classes that a file of events has, with its own names where the user gives none.
  func classes(
    _ labels: [Int], names: [String]?, path: String
  ) throws(SpindleError) -> Targets {
    let found = classNames ?? names
    guard found == nil || found?.count == classCount else {
      throw .invalidData(
        path: path,
        reason: "expected \(classCount) classes, one for each neuron of the last layer, found the "
          + "names of \(found?.count ?? 0)")
    }
    let known = labels.map { Int32(clamping: $0) }
    return .classes(try ClassLabels(known, classCount: classCount, names: found))
  }
}

extension NumericArray {
  /// What to tell of a first line that numbers the columns.
  fileprivate var headerNotices: [String] {
    switch numbering {
    case nil: []
    case .header:
      [
        "\(path): the first line, 0, 1, 2, ..., is taken for a header; \"header\": false in data "
          + "reads it as numbers"
      ]
    case .numbers:
      shape[1] < 2
        ? []
        : [
          "\(path): the first line, 0, 1, 2, ..., is read as numbers; \"header\": true in data takes "
            + "it for a header"
        ]
    }
  }

  /// The same, its first line as a header where that alone gives so many rows.
  fileprivate func guessingHeader(rows: Int?) -> (array: NumericArray, notices: [String]) {
    let array = numbering == .numbers && rows == shape[0] - 1 ? takingHeader() : self
    return (array, array.headerNotices)
  }

  /// Samples and their targets, of which the first line may number the columns. What cannot be seen
  /// by the one is seen by the other: there are as many targets as samples, and who wrote a header
  /// to one of two tables wrote one to the other.
  fileprivate func agreeing(
    with targets: NumericArray, steps: Int?
  ) -> (samples: NumericArray, targets: NumericArray, notices: [String]) {
    func count(_ array: NumericArray) -> Int { array.shape[0] / (steps ?? 1) }
    var (samples, targets) = (self, targets)
    guard !samples.shape.isEmpty, !targets.shape.isEmpty else { return (samples, targets, []) }
    if targets.numbering == .numbers,
      targets.shape[0] == count(samples) + 1
        || samples.numbering == .header && targets.shape[0] != count(samples)
    {
      targets = targets.takingHeader()
    } else if samples.numbering == .numbers, targets.shape[0] == count(samples.takingHeader()),
      targets.shape[0] != count(samples)
    {
      samples = samples.takingHeader()
    }
    return (samples, targets, samples.headerNotices + targets.headerNotices)
  }
}
