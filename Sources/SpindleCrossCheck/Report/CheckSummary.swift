import Foundation

/// What became of the files of one call.
public struct CheckSummary: Sendable, Encodable {
  /// One file: a report, or why there is none.
  public struct Entry: Sendable, Encodable {
    /// The path as given.
    public let path: String
    /// "agrees", "differs" or "error".
    public let status: String
    /// One sentence; nil where there is a report.
    public let error: String?
    /// What the engines made of it.
    public let report: CaseReport?
  }

  /// The name and version of this document.
  public private(set) var format = "spindle-crosscheck-1"
  /// The largest relative difference that was allowed.
  public let tolerance: Double
  /// One for each file, in the order given.
  public private(set) var cases: [Entry] = []

  /// No file yet.
  public init(tolerance: Double) { self.tolerance = tolerance }

  /// Adds a file that was checked.
  public mutating func add(_ path: String, _ report: CaseReport) {
    cases.append(
      Entry(path: path, status: report.agrees ? "agrees" : "differs", error: nil, report: report))
  }

  /// Adds a file that could not be checked.
  public mutating func add(_ path: String, _ error: CaseError) {
    cases.append(Entry(path: path, status: "error", error: error.description, report: nil))
  }

  /// 0 where all agree, 1 where some differ, 2 where some could not be checked.
  public var exitCode: Int32 {
    if cases.contains(where: { $0.report == nil }) { return 2 }
    return cases.contains { $0.status == "differs" } ? 1 : 0
  }

  /// One line.
  public var line: String {
    func count(_ status: String) -> Int { cases.count { $0.status == status } }
    var parts = ["\(count("agrees")) of \(cases.count) cases agree within \(tolerance)"]
    let illConditioned = cases.count { $0.report?.isIllConditioned ?? false }
    if illConditioned > 0 { parts.append("\(illConditioned) ill-conditioned") }
    if count("differs") > 0 { parts.append("\(count("differs")) differ") }
    if count("error") > 0 { parts.append("\(count("error")) could not be checked") }
    return parts.joined(separator: ", ")
  }

  /// The whole as one JSON document, keys sorted; numbers that are not finite are texts.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
