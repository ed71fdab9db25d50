/// Why a report could not be written.
public enum ReportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The directory cannot be made, is no directory, or cannot be written to.
  case directory(path: String, reason: String)
  /// A file of the report could not be written.
  case file(path: String, reason: String)
  /// A file of a name that a report needs is there, and no report wrote it as it is.
  case foreignFile(path: String)
  /// A flat array has the wrong number of elements.
  case size(name: String, shape: String, expected: Int, got: Int)
  /// T, I or N is out of range.
  case dimension(name: String, largest: Int, got: Int)
  /// The time step is not a positive number of seconds.
  case timeStep(got: Double)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .directory(let path, let reason):
      "cannot write a report into the directory '\(path)': \(reason)"
    case .file(let path, let reason):
      "cannot write the report's file '\(path)': \(reason)"
    case .foreignFile(let path):
      "cannot write a report over '\(path)', which no report wrote as it is; choose another "
        + "directory, or move the file away"
    case .size(let name, let shape, let expected, let got):
      "the report's \(name) must have \(expected) elements (\(shape)), got \(got)"
    case .dimension(let name, let largest, let got):
      "the report's number of \(name) must be from 1 to \(largest), got \(got)"
    case .timeStep(let got):
      "the report's time step must be a positive number of seconds, got \(got)"
    }
  }
}
