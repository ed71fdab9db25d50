import Foundation
import SpindleFiles

/// What of a directory's files is an earlier report's: a hidden file beside them lists their names and
/// checksums. What is not listed, or was changed since, is the user's, and is neither replaced nor
/// removed.
struct ReportManifest {
  /// The list's own file.
  static let name = ".spindle-report"
  /// Its first line.
  private static let head = "files of a report of Spindle"
  /// Every file that a report may have.
  static let candidates =
    [TrainingReport.pageName] + TrainingReport.csvNames
    + Figure.names.flatMap { [$0 + ".svg", $0 + ".png"] }

  /// Checksums by name. While a report is being written a file has two: before and after.
  private var checksums: [String: Set<String>] = [:]
  private let directory: String
  /// Whether the list is a file of somebody else's.
  private var isListForeign = false

  /// Reads the list of a directory, if there is one.
  init(of directory: String) {
    self.directory = directory
    let path = directory + "/" + Self.name
    guard FileManager.default.fileExists(atPath: path) else { return }
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let lines = text.split(separator: "\n")
    isListForeign = lines.first != Self.head[...]
    for line in lines.dropFirst() {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      guard parts.count == 2, Self.candidates.contains(parts[1]) else { continue }
      checksums[parts[1], default: []].insert(parts[0])
    }
  }

  /// Refuses a directory in which a file that a report may have is the user's.
  func check() throws(ReportError) {
    if isListForeign { throw .foreignFile(path: directory + "/" + Self.name) }
    for name in Self.candidates where isForeign(name) {
      throw .foreignFile(path: directory + "/" + name)
    }
  }

  /// Whether a file is there that no report wrote as it is.
  private func isForeign(_ name: String) -> Bool {
    let path = directory + "/" + name
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return false }
    guard let data = FileManager.default.contents(atPath: path), let known = checksums[name] else {
      return true
    }
    return !known.contains(Self.checksum(data))
  }

  /// Lists files that are about to be written beside those that are there: a program that is killed
  /// in between leaves nothing that the next report could not tell.
  mutating func announce(_ files: [(name: String, data: Data)]) throws(ReportError) {
    for file in files { checksums[file.name, default: []].insert(Self.checksum(file.data)) }
    try save()
  }

  /// Lists these files alone, which are in place.
  mutating func settle(_ files: [(name: String, data: Data)]) throws(ReportError) {
    checksums = [:]
    for file in files { checksums[file.name] = [Self.checksum(file.data)] }
    try save()
  }

  private func save() throws(ReportError) {
    let lines = checksums.sorted { $0.key < $1.key }.flatMap { name, values in
      values.sorted().map { "\($0) \(name)\n" }
    }
    do throws(FileError) {
      try AtomicFile.write(
        ([Self.head + "\n"] + lines).joined(), to: directory + "/" + Self.name)
    } catch {
      throw .file(path: error.path, reason: error.reason)
    }
  }

  /// FNV-1a of 64 bits, and the size: a file that was edited is told from one that was not.
  private static func checksum(_ data: Data) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in [UInt8](data) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return "\(String(hash, radix: 16))-\(data.count)"
  }
}
