import Spindle
import SpindleJSON

/// A file of samples, and what in it is what.
struct DataFile: Sendable {
  let path: String
  /// Name of a tensor; nil where the file holds but one.
  let input: String?
  /// Name of a tensor; nil where the file of targets holds but one.
  let target: String?
  /// nil where input and target are in one file.
  let targetPath: String?
  /// T of a recording to be cut; nil for samples.
  let steps: Int?
  /// nil for arrays.
  let events: EventFormat?
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
  let steps: Int
  /// I.
  let units: Int
  let outside: EventWindow.Outside
  let coincidence: EventWindow.Coincidence
  /// nil for as many as there are targets, or as the file says.
  let samples: Int?
}

extension Format where Value == EventFormat {
  /// How events become steps.
  static var events: Format {
    let steps = Key("steps", Format<Int>.count, "T.", absence: .refused)
    let units = Key("units", Format<Int>.count, "I.", absence: .refused)
    let outside = Key(
      "outside", Format<EventWindow.Outside>.choice,
      "What becomes of events behind the last step or unit.", absence: .means("refused"))
    let coincidence = Key(
      "coincidence", Format<EventWindow.Coincidence>.choice,
      "What several events of a unit in one step make.", absence: .means("spike"))
    let samples = Key(
      "samples", Format<Int>.count,
      "Samples, some of which may have no events; without this key as many as there are targets, or "
        + "as the tensor samples says.")
    return .object([steps, units, outside, coincidence, samples]) {
      object throws(DescriptionError) in
      EventFormat(
        steps: try object.read(steps), units: try object.read(units),
        outside: try object.read(outside), coincidence: try object.read(coincidence),
        samples: try object.optional(samples))
    }
  }
}
