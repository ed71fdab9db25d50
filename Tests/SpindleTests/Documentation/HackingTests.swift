import Foundation
import TestSupport
import Testing

/// What the documents for developers name exists: each file, and each word of the sources.
struct HackingTests {
  private static let documents =
    Repository.documents + ["CSources/CSpindle/README.md"]
    + Repository.files(in: "Sources", ending: "README.md")

  /// What stands between backticks, outside of blocks of code.
  private static func quoted(_ document: String) throws -> [String] {
    let blocks = try Repository.text(document).components(separatedBy: "```")
    return stride(from: 0, to: blocks.count, by: 2).flatMap { index in
      blocks[index].split(separator: "`", omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
  }

  /// Folders from which paths are given: the document's own, those of the core, the repository.
  private static func exists(_ path: String, from document: String) -> Bool {
    let own = document.split(separator: "/").dropLast().joined(separator: "/")
    let manager = FileManager.default
    return [own, "CSources/CSpindle", "CSources/CSpindle/include", "Sources", ""].contains {
      folder in
      let whole = Repository.path(folder.isEmpty ? path : "\(folder)/\(path)")
      guard path.contains("*") else { return manager.fileExists(atPath: whole) }
      let (parent, pattern) = (
        URL(fileURLWithPath: whole).deletingLastPathComponent().path,
        URL(fileURLWithPath: whole).lastPathComponent.split(separator: "*").map(String.init)
      )
      let names = (try? manager.contentsOfDirectory(atPath: parent)) ?? []
      return names.contains { name in
        name.hasPrefix(pattern.first ?? "") && name.hasSuffix(pattern.last ?? "")
      }
    }
  }

  /// A path, such as `core/plan.c`, but not one with a part to be filled in, such as `isa/NAME.c`.
  private static func isPath(_ text: String) -> Bool {
    guard text.wholeMatch(of: /[\w.+*\/-]+/) != nil, !text.contains("NAME") else { return false }
    let endings = [
      ".c", ".h", ".def", ".swift", ".md", ".sh", ".py", ".json", ".docc", ".modulemap",
    ]
    return endings.contains { text.hasSuffix($0) }
      || text.wholeMatch(
        of: /(Sources|CSources|Tests|Scripts|Benchmarks|Documentation)\/[\w.+\/-]+/)
        != nil
  }

  /// Of README.md, whose examples name files of their readers, paths into this repository alone.
  @Test func filesExist() throws {
    var count = 0
    for document in Self.documents {
      for name in try Self.quoted(document) where Self.isPath(name) {
        if document == "README.md",
          name.wholeMatch(of: /(C?Sources|Tests|Scripts|Benchmarks|core|kernels)\/.*/) == nil
        {
          continue
        }
        count += 1
        #expect(Self.exists(name, from: document), "\(document) names \(name), which is not there")
      }
    }
    #expect(count > 80)
  }

  @Test func namesExist() throws {
    let folders = ["CSources", "Sources", "Tests"]
    let endings = [".swift", ".c", ".h", ".def"]
    var words: Set<Substring> = []
    for folder in folders {
      for ending in endings {
        for file in Repository.files(in: folder, ending: ending) {
          let text = try Repository.text(file)
          words.formUnion(text.split { !($0.isLetter || $0.isNumber || $0 == "_") })
        }
      }
    }
    var count = 0
    for document in ["HACKING.md", "CONTRIBUTING.md", "CSources/CSpindle/README.md"] {
      for name in try Self.quoted(document)
      where name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?/) != nil
        && !Self.isPath(name)
      {
        count += 1
        for part in name.split(separator: ".") where !Self.exists(name, from: document) {
          let isThere = words.contains(part)
          #expect(isThere, "\(document) names \(name), which no source has")
        }
      }
    }
    #expect(count > 60)
  }
}
