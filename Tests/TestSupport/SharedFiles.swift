import Foundation

/// Files that come from outside of the package.
package enum SharedFiles {
  /// Where they are sought: SPINDLE_SHARED, or else shared beside the package.
  package static var directory: URL {
    if let shared = ProcessInfo.processInfo.environment["SPINDLE_SHARED"] {
      return URL(fileURLWithPath: shared)
    }
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.appendingPathComponent("shared")
  }

  /// The Braille letters (Müller-Cleve 2022), `taxels` [1350, 76, 12] and `labels` [1350]; nil
  /// where they are not there.
  package static var braille: String? {
    let path = directory.appendingPathComponent("data/braille.safetensors").path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// The folder of event files made by others' software, with what must come out of them; nil where
  /// it is not there.
  package static var events: String? {
    let path = directory.appendingPathComponent("events").path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// Why a test of theirs is skipped.
  package static let eventsAbsence =
    "no folder events; set SPINDLE_SHARED to its parent directory"

  /// Graphs that others' software wrote, by path, of those names; none where they are
  /// not there.
  package static func graphs(where isWanted: (String) -> Bool) -> [String] {
    let folder = directory.appendingPathComponent("nir").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".nir") && isWanted($0) }.sorted()
      .map { "\(folder)/\($0)" }
  }

  /// Why a test of theirs is skipped.
  package static let brailleAbsence =
    "no data/braille.safetensors; set SPINDLE_SHARED to the parent directory of data"
}

/// The cross-check cases among them.
package enum SharedCases {
  package static var directory: URL { SharedFiles.directory.appendingPathComponent("cases") }

  /// The paths of all cases, in order; empty where there are none.
  package static var paths: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(".safetensors") }.sorted()
      .map { directory.appendingPathComponent($0).path }
  }

  /// The paths of the cases of surrogates with a peak or support, which hold what PyTorch computed
  /// in float64 too ("expected64"); empty where there are none.
  package static var sparsePaths: [String] {
    let golden = SharedFiles.directory.appendingPathComponent("golden")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: golden.path)) ?? []
    return names.filter { $0.hasPrefix("sparse-") && $0.hasSuffix(".safetensors") }.sorted()
      .map { golden.appendingPathComponent($0).path }
  }

  /// Why a suite of theirs is skipped.
  package static let absence = "no cases; set SPINDLE_SHARED to their parent directory"
}
