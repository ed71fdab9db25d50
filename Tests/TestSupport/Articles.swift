import Foundation

/// The code in the documentation's articles, which tests hold against code that compiles and runs.
package enum Articles {
  /// Something about an article or a test is not as it should be.
  package struct Problem: Error, CustomStringConvertible {
    package let description: String
  }

  private static func lines(_ path: String) throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The lines of an article of a module.
  package static func text(of article: String, module: String = "Spindle") throws -> [String] {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return try lines(
      url.appendingPathComponent("Sources/\(module)/\(module).docc/\(article).md").path)
  }

  /// The Swift code of an article, block by block, without imports.
  package static func code(of article: String, module: String = "Spindle") throws -> [String] {
    try blocks(of: article, module: module, language: "swift").map { block in
      text(block.filter { !$0.hasPrefix("import ") })
    }
  }

  /// Holds the Swift code of an article to what a test's file marks as its own, and throws where a
  /// block differs.
  package static func holdCode(
    of article: String, module: String = "Spindle", to file: String
  ) throws {
    let code = try code(of: article, module: module)
    let tested = try tested(article, in: file)
    guard code.count == tested.count else {
      throw Problem(
        description: "\(article) has \(code.count) blocks of code, \(tested.count) are tested")
    }
    for (number, (block, part)) in zip(code, tested).enumerated() where block != part {
      throw Problem(
        description: "block \(number + 1) of \(article) is\n\(block)and tested is\n\(part)")
    }
  }

  /// The code of an article in another language, block by block.
  package static func code(
    of article: String, module: String = "Spindle", language: String
  ) throws -> [String] {
    try blocks(of: article, module: module, language: language).map {
      $0.joined(separator: "\n") + "\n"
    }
  }

  /// The blocks of a document between lines of three backticks, the first with the language.
  package static func blocks(in document: [String], language: String) -> [[String]] {
    var blocks: [[String]] = []
    var isCode = false
    for line in document {
      if line.hasPrefix("```") {
        isCode = line == "```" + language
        if isCode { blocks.append([]) }
      } else if isCode {
        blocks[blocks.count - 1].append(line)
      }
    }
    return blocks
  }

  private static func blocks(
    of article: String, module: String, language: String
  ) throws -> [[String]] {
    let found = blocks(in: try text(of: article, module: module), language: language)
    guard !found.isEmpty else {
      throw Problem(description: "\(article) has no code in \(language)")
    }
    return found
  }

  /// The parts of a test file between lines "// Article: NAME" and "// End of article code", in
  /// their order. Files, which are in a directory of the test's own, have in the article plain names.
  package static func tested(_ article: String, in file: String) throws -> [String] {
    var blocks: [[String]] = []
    var isCode = false
    for line in try lines(file) {
      switch line.drop(while: { $0 == " " }) {
      case "// Article: \(article)":
        isCode = true
        blocks.append([])
      case "// End of article code": isCode = false
      default: if isCode { blocks[blocks.count - 1].append(line) }
      }
    }
    return blocks.map { text($0).replacingOccurrences(of: "directory + \"/", with: "\"") }
  }

  /// Lines without the indentation that all share, and without empty ones around.
  private static func text(_ lines: [String]) -> String {
    let indentation =
      lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { String($0.dropFirst(indentation)) }.joined(separator: "\n")
      .trimmingCharacters(in: .newlines)
  }
}
