import ArgumentParser
import Foundation
import Spindle
import SpindleJSON
import SpindleJob

/// `spindle train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains the network that a configuration describes.",
    discussion: """
      The configuration is one JSON object: network, data, loss, optimizer, schedule, clipping, \
      regularization, training, baseline, checkpoint, report, execution. --schema prints its JSON \
      Schema, spindle init writes examples. Keys that are left out have the schema's defaults.

      --set changes any key: --set training.epochs=50 --set network.layers.0.neurons=64 --set \
      'optimizer={"kind": "sgd", "momentum": 0.9}'. A value is read as JSON, or else as a text; \
      null takes a key away.

      One line an epoch, the progress and warnings go to standard error; what became of training \
      to standard output. Control-C ends training with the last complete epoch, which the \
      checkpoint holds; spindle resume goes on from there, with the same bits as if it had never \
      stopped.

      mpirun -np 4 spindle train CONFIG trains in four processes with the bits of one, where \
      spindle was built with the trait MPI (article "Many processes").

      Exit status: 0 trained, 1 training failed or diverged, 2 bad input.
      """)

  @Argument(help: ArgumentHelp("The configuration.", valueName: "config.json"))
  var file: String?

  @Option(
    help: ArgumentHelp("Save the run here, instead of checkpoint.path.", valueName: "path"))
  var checkpoint: String?

  @Flag(help: "Replace the run that is saved at the checkpoint's path already.")
  var overwrite = false

  @OptionGroup var options: JobOptions
  @OptionGroup var output: RunOptions

  @Flag(help: "Print the JSON Schema of configurations.")
  var schema = false

  func validate() throws {
    guard schema || file != nil else {
      throw ValidationError("expected a configuration; spindle init writes examples")
    }
  }

  func run() throws {
    guard !schema, let file else {
      return try StandardOutput.print(JobConfiguration.schema.prettyText)
    }
    try Ranks.run { ranks in
      var overrides = try options.overrides() + output.overrides()
      if let checkpoint {
        overrides.append(Override(path: ["checkpoint", "path"], value: .string(checkpoint)))
      }
      let configuration = try JobConfiguration(
        parsing: try readText(file), file: file, overrides: overrides)
      let place = ranks.isFirst ? configuration.checkpointPath : nil
      let lock = try place.map(lockCheckpoint)
      defer { withExtendedLifetime(lock) {} }
      try checkPlace(place)
      let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
      try TrainingRun(title: name, options: output, ranks: ranks).train(
        configuration, reportFolder: configuration.reportFolder)
    }
  }
}

extension TrainCommand {
  /// A run is not lost because its command was typed again.
  private func checkPlace(_ path: String?) throws(JobError) {
    guard !overwrite, let path, FileManager.default.fileExists(atPath: path) else { return }
    throw .configuration(
      "\(path) exists; spindle resume goes on with a saved run, --overwrite replaces it")
  }
}

/// `spindle resume`.
struct ResumeCommand: ParsableCommand {
  /// Keys that may change without making another run of it.
  static let changeable = [
    "training.epochs", "training.early_stopping", "data.file", "data.target_file",
    "data.validation_file", "data.test_file",
    "checkpoint.every", "report", "execution",
  ]

  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Goes on with a run that was saved.",
    discussion: """
      The checkpoint holds the configuration; the run goes on to its last epoch and is saved to the \
      same file. What comes out has the bits of a run that never stopped.

      --set may change \(changeable.joined(separator: ", ")) and nothing else. More epochs make \
      the run longer; under a schedule other than constant, the learning rates from here on are \
      those of a run of that length.

      Samples or targets other than those that the run began with are refused, unless --other-data \
      says that they are meant. A report is written where --report or --set report.folder says: a \
      checkpoint may come from elsewhere, and does not decide where files are written.

      Exit status: 0 trained, 1 training failed or diverged, 2 bad input.
      """)

  @Argument(help: "The run that was saved.")
  var checkpoint: String

  @OptionGroup var options: JobOptions
  @OptionGroup var output: RunOptions

  @Flag(help: "Go on even where the samples or targets are not those that the run began with.")
  var otherData = false

  func run() throws {
    try Ranks.run { ranks in
      let lock = ranks.isFirst ? try lockCheckpoint(checkpoint) : nil
      defer { withExtendedLifetime(lock) {} }
      let overrides = try options.overrides() + output.overrides()
      try Override.check(overrides, allowed: Self.changeable, by: "resume")
      let (saved, configuration) = try readCheckpoint(checkpoint, overrides: overrides)
      let name = URL(fileURLWithPath: checkpoint).deletingPathExtension().lastPathComponent
      let isReportAsked =
        output.report != nil || options.changes.contains { $0.hasPrefix("report") }
      if !isReportAsked, configuration.reportFolder != nil, !output.quiet, ranks.isFirst {
        StandardError.print("no report is written; --report FOLDER asks for one")
      }
      try TrainingRun(title: name, options: output, ranks: ranks).train(
        configuration, reportFolder: isReportAsked ? configuration.reportFolder : nil,
        resuming: saved, at: checkpoint, onOtherData: otherData)
    }
  }
}
