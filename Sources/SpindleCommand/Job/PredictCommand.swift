import ArgumentParser
import Spindle
import SpindleJob

/// `spindle predict`.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Runs the network of a checkpoint or of a network file on samples without targets.",
    discussion: """
      With a checkpoint, samples are transformed and encoded as in training, and what comes out is \
      a class for each sample where the loss is of classes, else the last layer's spikes or \
      membranes at each step. A network file takes samples as they are; what comes out is the last \
      layer's spikes, or its membranes where it does not fire.

      Samples must have the units and the steps of training; --any-steps takes other steps. Of \
      events, --samples says how many samples there are, or the tensor samples of the file does; \
      else there are as many as in training, or more where more have events.

      --outputs names what is wanted instead, of the layer of --layer: spikes, potential (before \
      the reset) and membrane (after it), each [count, T, N], and logits [count, N] as the \
      checkpoint's loss reads them of the last layer. A .safetensors file has one tensor for each; \
      .npy and CSV hold one alone.

      Exit status: 0 written, 1 what was computed could not be written, 2 bad input.
      """)

  @Argument(help: ArgumentHelp("A run that was saved, or a network file.", valueName: "file"))
  var network: String

  @Option(
    help: ArgumentHelp(
      "Samples [count, T, I]: a .npy, .safetensors or .csv file.", valueName: "file"))
  var input: String

  @Option(help: ArgumentHelp("The samples' tensor in a .safetensors file.", valueName: "name"))
  var tensor: String?

  @Option(help: "The number of samples, of which the last may have no events.")
  var samples: Int?

  @Flag(help: "Take samples of other steps than those of training.")
  var anySteps = false

  @Option(
    help: ArgumentHelp(
      "Any of \(PredictedOutput.allCases.map(\.rawValue).joined(separator: ", ")), with commas "
        + "between them.", valueName: "names"))
  var outputs: String?

  @Option(help: "Whose outputs, counted from 0 as in the configuration. (default: the last)")
  var layer: Int?

  @Option(
    help: ArgumentHelp(
      "A .csv, .npy or .safetensors file. (default: CSV on standard output)", valueName: "file"))
  var output: String?

  @OptionGroup var options: JobOptions
  @OptionGroup var choice: ChoiceOptions

  func run() throws {
    try exiting {
      let wanted = try outputs.map(PredictedOutput.list)
      try Prediction.check(output: output, arrays: wanted?.count ?? 1)
      if let samples, samples < 1 {
        throw JobError.configuration("--samples must be from 1 on, got \(samples)")
      }
      if let output { try checkWritable(output) }
      let predictor = try predictor()
      for notice in predictor.notices { StandardError.print("warning: \(notice)") }
      let prediction = try predictor.predict(wanted, layer: layer)
      guard let output else { return try StandardOutput.print(prediction.csv, terminator: "") }
      try prediction.write(to: output)
    }
  }

  private func predictor() throws(JobError) -> Predictor {
    let overrides = try options.overrides()
    try Override.check(overrides, allowed: ["training.batch", "execution"], by: "predict")
    switch try NetworkSource(contentsOf: network, choice.choice) {
    case .checkpoint(let saved):
      return try Predictor(
        of: saved, choice.choice,
        configuration: try readConfiguration(of: saved, at: network, overrides: overrides),
        path: input, tensor: tensor, samples: samples, takesAnySteps: anySteps)
    case .network(let network):
      guard options.changes.isEmpty else {
        throw .configuration("--set changes a configuration, which a network file does not have")
      }
      return try Predictor(
        network, path: input, tensor: tensor, samples: samples,
        execution: Execution(threads: options.threads, isa: options.isa ?? .automatic))
    }
  }
}

/// What a file holds that a network can be had from.
private enum NetworkSource {
  /// A run with its configuration.
  case checkpoint(Checkpoint)
  /// A network alone.
  case network(Network)

  init(contentsOf path: String, _ choice: Checkpoint.Choice) throws(JobError) {
    do throws(SpindleError) {
      do throws(SpindleError) {
        let saved = try Checkpoint(contentsOf: path)
        if !saved.configuration.isEmpty {
          self = .checkpoint(saved)
          return
        }
      } catch .invalidFile(_, .notCheckpoint) {
        // Then it is a network file, or the next line says what it is not.
      }
      self = .network(try Network(contentsOf: path, choice))
    } catch {
      throw .configuration(error.description)
    }
  }
}
