import ArgumentParser
import Foundation
import SpindleFiles
import SpindleJob

/// `spindle init`: writes an example.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes an example to begin with: configurations for spindle train and a README.",
    discussion: """
      The examples:

      \(Template.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

      Exit status: 0 written, 2 bad input.
      """)

  @Argument(help: "The example.")
  var name: String?

  @Argument(help: "The folder to write to; it is made if need be.")
  var folder: String?

  @Flag(help: "Replace files that are there already.")
  var force = false

  @Flag(help: "List the examples.")
  var list = false

  func validate() throws {
    if list { return }
    guard name != nil, folder != nil else {
      throw ValidationError("expected the name of an example and a folder; --list prints the names")
    }
  }

  func run() throws {
    guard !list, let name, let folder else {
      return try StandardOutput.print(
        Template.all.map { "\($0.name): \($0.summary)" }.joined(separator: "\n"))
    }
    try exiting {
      let template = try Template.named(name)
      try StandardOutput.print(try write(template, to: folder).joined(separator: "\n"))
    }
  }

  /// Writes all files or, where one is there already, none.
  private func write(_ template: Template, to folder: String) throws -> [String] {
    let paths = template.files.map { folder + "/" + $0.name }
    if !force, let path = paths.first(where: FileManager.default.fileExists) {
      throw JobError.configuration("\(path): the file exists already; --force replaces it")
    }
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      for (path, file) in zip(paths, template.files) { try AtomicFile.write(file.text, to: path) }
    } catch {
      throw JobError.configuration("cannot write to \(folder): \(Self.reason(error))")
    }
    return paths
  }

  private static func reason(_ error: any Error) -> String {
    (error as? FileError)?.reason ?? error.localizedDescription
  }
}
