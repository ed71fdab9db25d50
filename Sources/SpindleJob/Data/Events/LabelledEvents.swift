import Spindle
import SpindleFiles
import SpindleHDF5

/// Events whose file may say more of its samples.
protocol LabelledEvents: EventSource {
  /// The class of each sample; nil where the file has none.
  var labels: [Int]? { get }
  /// A name for each class; nil where the file has none.
  var classNames: [String]? { get }
  /// The steps and units of the file; nil where it does not say them.
  func format(timeStep: Double) -> EventFormat?
  /// The group of each sample, of this name.
  func groups(_ name: String) throws(SpindleError) -> [Int]
}

extension SpeechEvents: LabelledEvents {
  func format(timeStep: Double) -> EventFormat? { nil }
}

extension EventFolder: LabelledEvents {
  func format(timeStep: Double) -> EventFormat? { nil }

  func groups(_ name: String) throws(SpindleError) -> [Int] {
    throw .invalidValue(
      what: "data.split.group", expected: "none, since files of events by class have no groups",
      got: name)
  }
}

/// What a file is, apart from arrays of samples.
enum FileLayout {
  /// Events, sample by sample.
  case events(any LabelledEvents)
  /// What a graph of NIR recorded in steps.
  case grid(NIRRecording)
  /// Arrays, or a table of events.
  case arrays
}

extension DataFile {
  /// Whether a path is that of an HDF5 file, by its ending.
  static func isHDF5(_ path: String) -> Bool {
    [".h5", ".hdf5"].contains { path.hasSuffix($0) }
  }

  /// Looks at what the file is.
  func layout() throws(SpindleError) -> FileLayout {
    let path = path
    if Self.isHDF5(path) {
      try checkFile(path, times: 1)
      let file = try reading(path) { () throws(HDF5Error) in try HDF5File(contentsOf: path) }
      if SpeechEvents.isLayout(of: file) { return .events(try SpeechEvents(file, path: path)) }
      guard try NIRRecording.isLayout(of: file, path: path) else { return .arrays }
      let recording = try NIRRecording(file, observable: input, path: path)
      return try recording.events().map { .events($0) } ?? .grid(recording)
    }
    let isSensors = isFolder(path) ? true : try SensorEvents.isLayout(of: path)
    guard isSensors else { return .arrays }
    guard let sensor = events?.sensor else {
      throw .invalidData(
        path: path,
        reason: "expected \"sensor\" in data.events, the width, height and polarities of the "
          + "sensor whose events these are, found none")
    }
    return .events(
      try EventFolder(path: path, sensor: sensor, timeUnit: events?.timeUnit ?? 1e-6))
  }
}
