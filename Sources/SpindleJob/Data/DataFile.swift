import Spindle
import SpindleJSON

/// A file of samples, and what in it is what.
struct DataFile: Sendable {
  /// Empty where none is given.
  var path = ""
  /// Name of a tensor; nil where the file holds but one.
  var input: String?
  /// Name of a tensor; nil where the file of targets holds but one.
  var target: String?
  /// nil where input and target are in one file.
  var targetPath: String?
  /// Name of the tensor of the steps of each sample; nil where all have T.
  var lengths: String?
  /// Name of the tensor of the group of each sample; nil for none.
  var group: String?
  /// T of a recording to be cut; nil for samples.
  var steps: Int?
  /// nil for arrays.
  var events: EventFormat?
  /// Whether the first line of a .csv file is a header; nil to see by it.
  var header: Bool?
}

/// Where the samples of a part are, which are read as those of `DataFile` are.
struct DataPlace: Sendable {
  var path = ""
  /// nil where the targets are in the same file.
  var targetPath: String?

  fileprivate static let table = KeyTable(
    DataPlace(),
    [
      .init("file", .text, "The samples.", at: \.path, absence: .refused),
      .init("target_file", .text, "The targets, where they are another file.", at: \.targetPath),
    ])
}

extension Format where Value == DataPlace? {
  /// A path, or an object of two.
  static var place: Format {
    .either(
      Format<String>.text, where: { if case .string = $0 { true } else { false } },
      as: { DataPlace(path: $0) }, or: DataPlace.table.format().map { $0 })
  }
}

extension DataFile {
  /// The same of another file.
  func at(_ place: DataPlace) -> DataFile {
    var file = self
    file.path = place.path
    file.targetPath = place.targetPath
    return file
  }
}

/// What a file held.
struct DataContents: Sendable {
  var dataset: Dataset
  /// The group of each sample; nil where none was asked for.
  var groups: [Int]?
  /// A name for each class, where the file has them.
  var classNames: [String]?
  /// What the user should know of how it was read.
  var notices: [String] = []
}

/// How events become steps.
struct EventFormat: Sendable {
  /// T.
  var steps = 1
  /// I; nil where a sensor says it.
  var unitCount: Int?
  /// Width, height and polarities; nil for none.
  fileprivate var sensorSizes: [Int]?
  /// Seconds in a unit of a sensor's times.
  var timeUnit: Double?
  var outside = EventWindow.Outside.refused
  var coincidence = EventWindow.Coincidence.spike
  /// nil for as many as there are targets, or as the file says.
  var samples: Int?

  static let format = KeyTable(
    EventFormat(),
    [
      .init("steps", .count, "T.", at: \.steps, absence: .refused),
      .init(
        "units", .count, "I; not of a sensor, whose units are width x height x polarities.",
        at: \.unitCount),
      .init(
        "sensor", .list(of: .count, atLeast: 3),
        "Width, height and polarities (1 or 2) of the sensor, for events with the fields t, x, y and "
          + "p; their unit is (p height + y) width + x.", at: \.sensorSizes),
      .init(
        "time_unit", .number(.positive),
        "Seconds in a unit of the times of a sensor's events; 1e-6 without this key.",
        at: \.timeUnit),
      .init(
        "outside", .choice, "What becomes of events behind the last step or unit.", at: \.outside),
      .init(
        "coincidence", .choice, "What several events of a unit in one step make.",
        at: \.coincidence),
      .init(
        "samples", .count,
        "Samples, some of which may have no events; without this key as many as there are targets, "
          + "or as the tensor samples says.", at: \.samples),
    ]
  ).format(check: check)

  @Sendable private static func check(
    _ events: EventFormat, _ object: DescriptionObject
  ) throws(DescriptionError) {
    guard let sizes = events.sensorSizes else {
      if events.unitCount == nil { _ = try object.value("units") }
      guard events.timeUnit == nil else {
        throw try object.value("time_unit").refused(
          expected: "no such key without \"sensor\", as other events have seconds")
      }
      return
    }
    let value = try object.value("sensor")
    guard events.unitCount == nil else {
      throw value.refused(expected: "no such key beside \"units\"", found: "both")
    }
    guard sizes.count == 3, sizes[2] <= 2 else {
      throw value.refused(expected: "width, height and 1 or 2 polarities", found: "\(sizes)")
    }
    let (area, overflow) = sizes[0].multipliedReportingOverflow(by: sizes[1])
    guard !overflow, area <= Format<Int>.largestCount / sizes[2] else {
      throw value.refused(
        expected: "at most \(Format<Int>.largestCount) units", found: "\(sizes)")
    }
  }
}

extension EventFormat {
  /// Steps and units alone.
  init(steps: Int, unitCount: Int) {
    self.steps = steps
    self.unitCount = unitCount
  }

  /// nil for none.
  var sensor: Sensor? {
    sensorSizes.map { Sensor(width: $0[0], height: $0[1], polarities: $0[2]) }
  }

  /// I.
  var units: Int { sensor?.units ?? unitCount ?? 1 }

  /// How its events become steps.
  func window(timeStep: Double) -> EventWindow {
    EventWindow(
      timeStep: timeStep, steps: steps, units: units, outside: outside, coincidence: coincidence)
  }
}

extension EventWindow.Outside: JSONWritable {}
extension EventWindow.Coincidence: JSONWritable {}
