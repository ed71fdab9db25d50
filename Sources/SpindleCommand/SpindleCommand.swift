import ArgumentParser
import Spindle

/// The command line tool.
@main
struct SpindleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spindle",
    abstract: "Trains recurrent spiking neural networks on CPUs, with the same bits on every run.",
    version: versionText,
    subcommands: [
      InitCommand.self, TrainCommand.self, ResumeCommand.self, SweepCommand.self,
      EvalCommand.self, PredictCommand.self, StreamCommand.self, QuantizeCommand.self,
      TutorialCommand.self, CrossCheckCommand.self, GoldenCommand.self, ImportCommand.self,
      ExportCommand.self,
      InfoCommand.self,
    ])

  /// The version and, where it is known, the commit.
  static var versionText: String {
    recordedCommit.map { "\(spindleVersion) (\($0))" } ?? spindleVersion
  }
}
