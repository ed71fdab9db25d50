import Foundation
import SpindleFiles

/// The directory of a report, and a scratch directory inside it for what gnuplot reads and draws.
struct ReportFolder {
  let path: String
  let scratch: String

  /// Makes the directory, with its parents, and proves that files can be made in it.
  ///
  /// Permission bits would not tell: the superuser ignores them and a read-only disk does too.
  init(creating path: String) throws(ReportError) {
    guard !path.isEmpty else { throw .directory(path: path, reason: "its name is empty") }
    try Self.makeDirectories(path)
    let scratch = path + "/.spindle-report-" + UUID().uuidString
    guard unsafe mkdir(scratch, 0o700) == 0 else {
      throw .directory(path: path, reason: Self.lastError())
    }
    self.path = path
    self.scratch = scratch
  }

  /// Writes a file aside, brings it to the disk and gives it its name.
  func save(_ data: Data, as name: String) throws(ReportError) {
    do {
      try AtomicFile.write(Array(data), to: path + "/" + name)
    } catch {
      throw .file(path: error.path, reason: error.reason)
    }
  }

  /// Writes numbers for gnuplot into the scratch directory, as little-endian float32.
  func saveAside(_ values: [Float], as name: String) throws(ReportError) {
    var data = Data(capacity: 4 * values.count)
    for value in values {
      let bits = value.bitPattern
      data.append(UInt8(truncatingIfNeeded: bits))
      data.append(UInt8(truncatingIfNeeded: bits >> 8))
      data.append(UInt8(truncatingIfNeeded: bits >> 16))
      data.append(UInt8(truncatingIfNeeded: bits >> 24))
    }
    do {
      try data.write(to: URL(fileURLWithPath: scratch + "/" + name))
    } catch {
      throw .file(path: scratch + "/" + name, reason: error.localizedDescription)
    }
  }

  /// Removes a file of an earlier report, if there is one.
  func discard(_ name: String) {
    unsafe _ = unlink(path + "/" + name)
  }

  /// Removes the scratch directory.
  func close() { try? FileManager.default.removeItem(atPath: scratch) }

  private static func makeDirectories(_ path: String) throws(ReportError) {
    var prefix = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      prefix += "/" + part
      if unsafe mkdir(prefix, 0o777) == 0 { continue }
      let reason = lastError()
      var isDirectory: ObjCBool = false
      let exists = unsafe FileManager.default.fileExists(atPath: prefix, isDirectory: &isDirectory)
      if exists && isDirectory.boolValue { continue }
      throw .directory(path: path, reason: exists ? "'\(prefix)' is a file" : reason)
    }
  }

  private static func lastError() -> String {
    unsafe String(cString: strerror(errno))
  }
}
