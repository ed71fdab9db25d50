import Spindle
import SpindleJSON

extension DataFile {
  /// The samples with their targets, classes or numbers.
  ///
  /// - Parameters:
  ///   - loss: whose targets they are.
  ///   - timeStep: length of a step, in seconds, for events.
  func read(
    targetsOf loss: Loss, classCount: Int, classNames: [String]?, timeStep: Double
  ) throws(SpindleError) -> DataContents {
    let targets = try NumericArray(
      contentsOf: targetPath ?? path, tensor: target, header: isTable(targetPath) ? header : nil)
    func made(_ array: NumericArray) throws(SpindleError) -> Targets {
      guard loss.wantsClasses else { return loss.targets(try Tensor(array)) }
      return .classes(try ClassLabels(array, classCount: classCount, names: classNames))
    }
    if let events {
      let labels = targets.guessingHeader(rows: events.samples)
      return try read(
        events, timeStep: timeStep, count: events.samples, targets: try made(labels.array),
        notices: labels.notices)
    }
    let pair = try readArray().agreeing(with: targets, steps: steps)
    return DataContents(
      dataset: try dataset(pair.samples, targets: try made(pair.targets)), notices: pair.notices)
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
    guard let events else {
      let array = try readArray()
      let contents = DataContents(
        dataset: try dataset(array, targets: .none), notices: array.headerNotices)
      guard count == nil || count == contents.dataset.count else {
        throw .invalidData(
          path: path, reason: "expected \(count ?? 0) samples, found \(contents.dataset.count)")
      }
      return (contents, array.shape)
    }
    let contents = try read(
      events, timeStep: timeStep, count: count, least: least, targets: .none, notices: [])
    return (contents, contents.dataset.shape)
  }

  private func isTable(_ path: String?) -> Bool { (path ?? self.path).hasSuffix(".csv") }

  private func readArray() throws(SpindleError) -> NumericArray {
    try NumericArray(contentsOf: path, tensor: input, header: isTable(nil) ? header : nil)
  }

  private func dataset(_ array: NumericArray, targets: Targets) throws(SpindleError) -> Dataset {
    guard let steps else { return try Dataset(array, targets: targets) }
    return try Dataset(recording: array, steps: steps, targets: targets)
  }

  private func read(
    _ events: EventFormat, timeStep: Double, count: Int?, least: Int? = nil, targets: Targets,
    notices: [String]
  ) throws(SpindleError) -> DataContents {
    let window = EventWindow(
      timeStep: timeStep, steps: events.steps, units: events.units, outside: events.outside,
      coincidence: events.coincidence)
    let table =
      input == nil
      ? try EventTable(contentsOf: path, header: header)
      : try EventTable(NumericArray(contentsOf: path, tensor: input))
    var notices = notices
    do throws(SpindleError) {
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
        notices.append(
          "\(path): \(dropped) of \(table.times.count) events were dropped: they are outside of the "
            + "\(events.steps) steps of \(timeStep) s or of the \(events.units) units")
      }
      return DataContents(dataset: dataset, notices: notices)
    } catch .invalidValue(let what, let expected, let got) {
      throw .invalidData(path: path, reason: "\(what) must be \(expected), got \(got)")
    }
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
