import Foundation

/// The cross-check cases that come from outside of the package.
package enum SharedCases {
  /// Where they are sought: SPINDLE_SHARED/cases, or else shared/cases beside the package.
  package static var directory: URL {
    if let shared = ProcessInfo.processInfo.environment["SPINDLE_SHARED"] {
      return URL(fileURLWithPath: shared).appendingPathComponent("cases")
    }
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.appendingPathComponent("shared/cases")
  }

  /// The paths of all cases, in order; empty where there are none.
  package static var paths: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(".safetensors") }.sorted()
      .map { directory.appendingPathComponent($0).path }
  }

  /// Why a suite of theirs is skipped.
  package static let absence = "no cases; set SPINDLE_SHARED to their parent directory"
}
