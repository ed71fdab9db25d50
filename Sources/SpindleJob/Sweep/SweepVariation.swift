import SpindleJSON

/// A key of the configuration that a sweep varies, and its values: `training.seed=1..40`,
/// `optimizer.learning_rate=1e-3,3e-3`.
public struct SweepVariation: Sendable, Equatable {
  /// The key's path, as in "training.seed".
  public let key: String
  /// A change of the configuration for each value.
  let changes: [Override]

  /// The values, in the order given.
  public var values: [JSONValue] { changes.map(\.value) }

  /// The most values of one key.
  static let mostValues = 1_000_000

  /// Reads `KEY.PATH=VALUES`. Values are read as those of `--set`, with commas between them;
  /// `FIRST..LAST` stands for the integers from one to the other, both included.
  ///
  /// - Throws: `JobError.configuration`.
  public init(_ text: String) throws(JobError) {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
      throw .configuration("expected KEY.PATH=VALUES for --vary, found \(quoted(text))")
    }
    let key = text[..<sign]
    var changes: [Override] = []
    for part in Self.parts(text[text.index(after: sign)...]) {
      for value in try Self.expanded(part) { changes.append(try Override("\(key)=\(value)")) }
    }
    guard let first = changes.first else {
      throw .configuration("expected at least one value for --vary, found \(quoted(text))")
    }
    for (index, change) in changes.enumerated()
    where changes[..<index].contains(where: { $0.value == change.value }) {
      throw .configuration(
        "expected different values for --vary \(key), found \(change.value.text) twice")
    }
    self.key = first.path.joined(separator: ".")
    self.changes = changes
  }

  /// The parts between commas that stand in no bracket and no string of JSON.
  private static func parts(_ text: Substring) -> [Substring] {
    var parts: [Substring] = []
    var (start, depth, isQuoted, isEscaped) = (text.startIndex, 0, false, false)
    for index in text.indices {
      let character = text[index]
      if isQuoted {
        isQuoted = isEscaped || character != "\""
        isEscaped = !isEscaped && character == "\\"
        continue
      }
      switch character {
      case "\"": isQuoted = true
      case "[", "{": depth += 1
      case "]", "}": depth -= 1
      case "," where depth == 0:
        parts.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
    }
    return parts + [text[start...]]
  }

  /// A value, or the integers of a range.
  private static func expanded(_ part: Substring) throws(JobError) -> [String] {
    guard let dots = part.firstRange(of: ".."), let first = Int(part[..<dots.lowerBound]),
      let last = Int(part[dots.upperBound...])
    else { return [String(part)] }
    let (span, overflow) = last.subtractingReportingOverflow(first)
    guard !overflow, (0..<mostValues).contains(span) else {
      throw .configuration(
        "expected a range of 1 to \(mostValues) integers for --vary, found \(quoted(String(part)))")
    }
    return (first...last).map(String.init)
  }
}
