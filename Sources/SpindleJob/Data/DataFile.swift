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
  /// T of a recording to be cut; nil for samples.
  var steps: Int?
  /// nil for arrays.
  var events: EventFormat?
}

/// How events become steps.
struct EventFormat: Sendable {
  /// T.
  var steps = 1
  /// I.
  var units = 1
  var outside = EventWindow.Outside.refused
  var coincidence = EventWindow.Coincidence.spike

  static let format = KeyTable(
    EventFormat(),
    [
      .init("steps", .count, "T.", at: \.steps, absence: .refused),
      .init("units", .count, "I.", at: \.units, absence: .refused),
      .init(
        "outside", .choice, "What becomes of events behind the last step or unit.", at: \.outside),
      .init(
        "coincidence", .choice, "What several events of a unit in one step make.",
        at: \.coincidence),
    ]
  ).format()
}

extension EventWindow.Outside: JSONWritable {}
extension EventWindow.Coincidence: JSONWritable {}

extension DataFile {
  /// The samples, with their targets: classes, or numbers.
  ///
  /// - Parameters:
  ///   - loss: whose targets they are; nil for samples without targets.
  ///   - timeStep: length of a step, in seconds, for events.
  func read(
    targetsOf loss: Loss?, classCount: Int, classNames: [String]?, timeStep: Double
  ) throws(SpindleError) -> Dataset {
    let targets = try readTargets(loss, classCount: classCount, classNames: classNames)
    if let events {
      let window = EventWindow(
        timeStep: timeStep, steps: events.steps, units: events.units, outside: events.outside,
        coincidence: events.coincidence)
      return try Dataset.binning(readEvents(), into: window, targets: targets).dataset
    }
    let array = try NumericArray(contentsOf: path, tensor: input)
    guard let steps else { return try Dataset(array, targets: targets) }
    return try Dataset(recording: array, steps: steps, targets: targets)
  }

  private func readTargets(
    _ loss: Loss?, classCount: Int, classNames: [String]?
  ) throws(SpindleError) -> Targets {
    guard let loss else { return .none }
    let array = try NumericArray(contentsOf: targetPath ?? path, tensor: target)
    guard loss.wantsClasses else { return loss.targets(try Tensor(array)) }
    return .classes(try ClassLabels(array, classCount: classCount, names: classNames))
  }

  private func readEvents() throws(SpindleError) -> EventTable {
    guard path.hasSuffix(".safetensors") else { return try EventTable(contentsOf: path) }
    return try EventTable(
      samples: NumericArray(contentsOf: path, tensor: "sample"),
      times: NumericArray(contentsOf: path, tensor: "time"),
      units: NumericArray(contentsOf: path, tensor: "unit"))
  }
}
