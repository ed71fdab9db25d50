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
  /// Whether the first line of a .csv file is a header; nil to see by it.
  var header: Bool?
}

/// What a file held.
struct DataContents: Sendable {
  var dataset: Dataset
  /// What the user should know of how it was read.
  var notices: [String] = []
}

/// How events become steps.
struct EventFormat: Sendable {
  /// T.
  var steps = 1
  /// I.
  var units = 1
  var outside = EventWindow.Outside.refused
  var coincidence = EventWindow.Coincidence.spike
  /// nil for as many as there are targets, or as the file says.
  var samples: Int?

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
      .init(
        "samples", .count,
        "Samples, some of which may have no events; without this key as many as there are targets, "
          + "or as the tensor samples says.", at: \.samples),
    ]
  ).format()
}

extension EventWindow.Outside: JSONWritable {}
extension EventWindow.Coincidence: JSONWritable {}
