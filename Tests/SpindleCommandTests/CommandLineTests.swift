import Foundation
import SpindleJSON
import TestSupport
import Testing

/// The command lines of the documents, and what completions and manual pages are made of.
struct CommandLineTests {
  /// The parser's description of a command and those within it.
  private struct Described {
    let name: String
    let abstract: String?
    /// "--set", "-o".
    var options: Set<String> = []
    var withoutHelp: [String] = []
    var subcommands: [Described] = []

    init(_ command: JSONValue) throws {
      name = try #require(command["commandName"]?.string)
      abstract = command["abstract"]?.string
      for argument in command["arguments"]?.elements ?? [] {
        let names = (argument["names"]?.elements ?? []).map {
          ($0["kind"]?.string == "long" ? "--" : "-") + ($0["name"]?.string ?? "")
        }
        options.formUnion(names)
        if argument["abstract"]?.string?.isEmpty != false {
          withoutHelp.append(names.first ?? argument["valueName"]?.string ?? "?")
        }
      }
      subcommands = try (command["subcommands"]?.elements ?? []).map(Described.init)
    }
  }

  private static func described() throws -> Described {
    let dump = try Command(["--experimental-dump-help"])
    dump.expectSuccess()
    return try Described(try #require(try JSONValue(parsing: dump.output)["command"]))
  }

  /// Manual pages and completions show it.
  @Test func everythingHasHelp() throws {
    let command = try Self.described()
    #expect(command.subcommands.count > 13)
    // The parser's own, "help", has none for its words.
    for each in [command] + command.subcommands where each.name != "help" {
      #expect(each.abstract?.isEmpty == false, "\(each.name) has no abstract")
      #expect(each.withoutHelp.isEmpty, "\(each.name): no help for \(each.withoutHelp)")
    }
  }

  /// Commands of `spindle` in the blocks of code and between the backticks of a document, by words;
  /// a line that ends in a backslash goes on.
  private static func commands(_ document: String) throws -> [[Substring]] {
    let text = try Repository.text(document).replacing(/\\\n\s*/, with: " ")
    return text.split { "`\n".contains($0) }.flatMap { $0.split(separator: "&&") }
      .flatMap { $0.split(separator: "|") }.compactMap { line in
        let words = line.split(separator: " ")
        guard
          let first = words.firstIndex(where: { $0 == "spindle" || $0.hasSuffix("/spindle") }),
          first == 0 || words[first - 1] == "release" || words[0] == "$"
        else { return nil }
        return Array(words[(first + 1)...])
      }
  }

  @Test func documentsUseWhatThereIs() throws {
    let command = try Self.described()
    let general: Set = ["--help", "--version", "--generate-completion-script"]
    let documents =
      Repository.documents + ["Benchmarks/README.md"]
      + Repository.files(in: "Sources", ending: ".md")
    var count = 0
    for document in documents {
      for words in try Self.commands(document) where !words.isEmpty {
        count += 1
        let line = "\(document): spindle \(words.joined(separator: " "))"
        let name = words[0].filter { $0.isLetter }
        let known = command.subcommands.first { $0.name == name }
        guard let known else {
          #expect(words[0].hasPrefix("-") && general.contains(String(words[0])), "\(line)")
          continue
        }
        for word in words.dropFirst() where word.wholeMatch(of: /--?[a-z][a-z-]*\W*/) != nil {
          let option = word.prefix { $0.isLetter || $0 == "-" }
          let isThere = known.options.contains(String(option))
          #expect(isThere, "\(line): no option \(option)")
        }
      }
    }
    #expect(count > 40, "only \(count) commands found")
  }

  /// What `Scripts/install.sh` installs; each shell that is there must be able to read its own.
  @Test(arguments: [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])])
  func completes(shell: String, options: [String]) throws {
    let script = try Command(["--generate-completion-script", shell])
    script.expectSuccess()
    for word in ["tutorial", "crosscheck", "--learning-rate"] {
      #expect(script.output.contains(shell == "fish" ? word.drop { $0 == "-" } : word[...]))
    }
    guard Programs.has(shell) else { return }
    let scratch = try Scratch()
    try script.output.write(
      toFile: scratch.path("completion"), atomically: false, encoding: .utf8)
    let run = try Programs.run(shell, options + [scratch.path("completion")])
    #expect(run.status == 0 && run.output.isEmpty, "\(run.output)")
  }
}

extension JSONValue {
  fileprivate subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }
  fileprivate var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }
  fileprivate var string: String? { if case .string(let text) = self { text } else { nil } }
}
