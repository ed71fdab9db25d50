import SpindleJSON

/// One run of a sweep.
public struct SweepRun: Sendable {
  /// Of all combinations, from 1.
  public let number: Int
  /// The name of its folder: the number, with zeros before it.
  public let name: String
  /// The value of each key that varies.
  public let values: [JSONValue]
  /// Of the run, without a checkpoint.
  public let configuration: JobConfiguration

  init(
    number: Int, width: Int, base: JSONValue, changes: [Override]
  ) throws(JobError) {
    let digits = "\(number)"
    self.number = number
    name = String(repeating: "0", count: max(0, width - digits.count)) + digits
    values = changes.map(\.value)
    do throws(DescriptionError) {
      configuration = try JobConfiguration(try base.changed(by: changes))
    } catch {
      let words = changes.map { "\($0.path.joined(separator: "."))=\($0.value.text)" }
      throw .configuration("run \(number) (\(words.joined(separator: ", "))): \(error)")
    }
  }
}

/// What became of a run of a sweep.
public enum SweepOutcome: Sendable, Equatable {
  /// It ended as its configuration says.
  case finished
  /// It went wrong: a sentence.
  case failed(String)
  /// It was asked to stop; its checkpoint holds what was done.
  case stopped
  /// Another process is at it.
  case busy
}
