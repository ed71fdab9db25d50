import ArgumentParser
import Foundation
import Spindle
import SpindleJob

extension EvaluatedPart: ExpressibleByArgument {}

/// Which parameters of a checkpoint.
struct ChoiceOptions: ParsableArguments {
  @Flag(help: "Use the parameters of the last epoch, where those of the best were kept.")
  var last = false

  var choice: Checkpoint.Choice { last ? .last : .best }
}

/// `spindle eval`.
struct EvalCommand: ParsableCommand {
  /// Keys that may change.
  static let changeable = ["data", "baseline", "training.batch", "execution"]

  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measures the network of a checkpoint: loss, accuracy, confusion, activity.",
    discussion: """
      The checkpoint holds the configuration, which says where the data are and how they are split. \
      --set may change \(changeable.joined(separator: ", ")): --set data.file=PATH --part all \
      measures on other data. Where the configuration's own data are no longer those that the run was \
      trained on, a warning says so: samples of its training may then be among those measured.

      Exit status: 0 measured, 2 bad input.
      """)

  @Argument(help: "The run that was saved.")
  var checkpoint: String

  @Option(help: "The samples to measure on. (default: test, else validation, else train)")
  var part: EvaluatedPart?

  @Option(
    help: ArgumentHelp(
      "Measure on so many chips, which differ by hardware.mismatch: mean, standard deviation and "
        + "worst.", valueName: "count"))
  var chips: Int?

  @Option(help: "What the chips are drawn from.")
  var chipSeed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "How much all weights, time constants and thresholds of chips differ, instead of what the "
        + "configuration says.", valueName: "spread"))
  var mismatch: Double?

  @OptionGroup var options: JobOptions
  @OptionGroup var choice: ChoiceOptions

  @Flag(help: "Print one JSON document instead of lines.")
  var json = false

  func run() throws {
    try exiting {
      var overrides = try options.overrides()
      try Override.check(overrides, allowed: Self.changeable, by: "eval")
      if part == .all {
        overrides.append(Override(path: ["data", "split"], value: .object([:])))
      }
      let (saved, configuration) = try readCheckpoint(checkpoint, overrides: overrides)
      let job = try TrainingRun.job(configuration, isQuiet: json)
      for notice in job.notices { StandardError.print("warning: \(notice)") }
      // Who names other data on the command line knows that they are.
      if !options.namesData, let difference = job.difference(from: saved) {
        StandardError.print("warning: \(difference)")
      }
      if let chips { return try printChips(chips, of: saved, job) }
      guard mismatch == nil else { throw JobError.configuration("--mismatch needs --chips") }
      let evaluation = try job.evaluate(saved, choice.choice, on: part)
      guard !json else { return try StandardOutput.print(evaluation.json.prettyText) }
      let table = evaluation.confusionTable.map { "\n" + $0 } ?? ""
      try StandardOutput.print(evaluation.text + table)
    }
  }

  private func printChips(_ chips: Int, of saved: Checkpoint, _ job: Job) throws {
    let evaluation = try job.evaluate(
      saved, choice.choice, on: part, chips: chips, seed: chipSeed,
      mismatch: mismatch.map { Mismatch(weights: $0, tau: $0, synapticTau: $0, threshold: $0) })
    try StandardOutput.print(json ? evaluation.json.prettyText : evaluation.text)
  }
}
