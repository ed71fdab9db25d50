import Foundation

/// Files of the repository that tests read: documents, scripts, sources.
package enum Repository {
  /// The documents of the repository's own folder that name commands, files and words of sources.
  package static let documents = ["README.md", "CONTRIBUTING.md", "HACKING.md", "RELEASE.md"]

  /// The path of a file or folder.
  package static func path(_ name: String) -> String {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.appendingPathComponent(name).path
  }

  /// The text of a file.
  package static func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  /// The names of all files in a folder and those within it, in order, from the repository on.
  package static func files(in folder: String, ending: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: path(folder))?.compactMap { $0 as? String }
    return (names ?? []).filter { $0.hasSuffix(ending) }.sorted().map { "\(folder)/\($0)" }
  }
}
