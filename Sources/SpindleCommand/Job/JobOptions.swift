import ArgumentParser
import Foundation
import Spindle
import SpindleFiles
import SpindleJob

/// Options of every command that has a configuration.
struct JobOptions: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Change a key of the configuration.", valueName: "key.path=value"))
  var changes: [String] = []

  @Option(help: "The most threads; changes no bit of the results. (default: as many as pay)")
  var threads: Int?

  @Option(help: "Instruction set; changes no bit of the results.")
  var isa: ISA?

  /// All changes of the configuration.
  func overrides() throws(JobError) -> [Override] {
    var overrides: [Override] = []
    for change in changes { overrides.append(try Override(change)) }
    if let threads {
      overrides.append(
        Override(path: ["execution", "threads"], value: .number(Double(threads))))
    }
    if let isa {
      overrides.append(Override(path: ["execution", "isa"], value: .string(isa.rawValue)))
    }
    return overrides
  }

  /// Whether --set names another source of samples.
  var namesData: Bool {
    changes.contains { change in
      ["file", "target", "input", "generator", "events", "steps"].contains {
        change.hasPrefix("data.\($0)")
      }
        || change.hasPrefix("data=")
    }
  }
}

/// Options of the commands that train.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write report.html and its figures to this folder (drawn by gnuplot), instead of "
        + "report.folder.", valueName: "folder"))
  var report: String?

  @Flag(
    help: ArgumentHelp(
      "Print nothing but errors, warnings of how the data were read and, with --json, the results.")
  )
  var quiet = false

  @Flag(help: "Print one JSON document instead of lines.")
  var json = false

  func overrides() -> [Override] {
    report.map { [Override(path: ["report", "folder"], value: .string($0))] } ?? []
  }
}

/// The text of a file of the user's.
func readText(_ path: String) throws(JobError) -> String {
  do throws(SpindleError) { try checkFile(path) } catch { throw .configuration(error.description) }
  guard let data = FileManager.default.contents(atPath: path) else {
    throw .configuration("\(path): the file is not there or cannot be read")
  }
  guard let text = String(bytes: data, encoding: .utf8) else {
    throw .configuration("\(path): expected text in UTF-8")
  }
  return text
}

/// A checkpoint and the configuration in it.
func readCheckpoint(
  _ path: String, overrides: [Override]
) throws(JobError) -> (checkpoint: Checkpoint, configuration: JobConfiguration) {
  let checkpoint = try rethrowing(try Checkpoint(contentsOf: path), as: JobError.refused)
  return (checkpoint, try readConfiguration(of: checkpoint, at: path, overrides: overrides))
}

/// The configuration in a checkpoint.
func readConfiguration(
  of checkpoint: Checkpoint, at path: String, overrides: [Override]
) throws(JobError) -> JobConfiguration {
  guard !checkpoint.configuration.isEmpty else {
    throw .configuration("\(path): the checkpoint holds no configuration of spindle train")
  }
  return try JobConfiguration(parsing: checkpoint.configuration, overrides: overrides)
}
