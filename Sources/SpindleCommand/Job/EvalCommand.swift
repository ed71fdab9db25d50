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
      measures on other data.

      Exit status: 0 measured, 2 bad input.
      """)

  @Argument(help: "The run that was saved.")
  var checkpoint: String

  @Option(help: "The samples to measure on. (default: test, else validation, else train)")
  var part: EvaluatedPart?

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
      let evaluation = try Job(configuration).evaluate(saved, choice.choice, on: part)
      print(json ? evaluation.json.prettyText : evaluation.text)
      if !json, let table = evaluation.confusionTable { print(table) }
    }
  }
}

/// `spindle predict`.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Runs the network of a checkpoint on samples without targets.",
    discussion: """
      Samples are transformed and encoded as in training. What comes out is a class for each sample \
      where the loss is of classes, else the last layer's spikes or membranes at each step.

      Exit status: 0 written, 2 bad input.
      """)

  @Argument(help: "The run that was saved.")
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "Samples [count, T, I]: a .npy, .safetensors or .csv file.", valueName: "file"))
  var input: String

  @Option(help: ArgumentHelp("The samples' tensor in a .safetensors file.", valueName: "name"))
  var tensor: String?

  @Option(
    help: ArgumentHelp(
      "A .csv, .npy or .safetensors file. (default: CSV on standard output)", valueName: "file"))
  var output: String?

  @OptionGroup var options: JobOptions
  @OptionGroup var choice: ChoiceOptions

  func run() throws {
    try exiting {
      if let output { try Prediction.check(output: output) }
      let overrides = try options.overrides()
      try Override.check(
        overrides, allowed: ["training.batch", "execution"], by: "predict")
      let (saved, configuration) = try readCheckpoint(checkpoint, overrides: overrides)
      let prediction = try Prediction(
        of: saved, choice.choice, configuration: configuration, path: input, tensor: tensor)
      guard let output else { return print(prediction.csv, terminator: "") }
      try prediction.write(to: output)
    }
  }
}
