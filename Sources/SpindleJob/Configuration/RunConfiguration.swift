import Spindle
import SpindleJSON

/// How long and on what training goes.
public struct TrainingConfiguration: Sendable {
  /// How many times training goes through the samples.
  var epochs = 1
  /// B.
  var batch = 32
  /// Parts of a batch; nil: by its size.
  var parts: Int?
  /// Of weights, shuffling, encoders and dropout.
  var seed: UInt64 = 0
  /// Whether the samples are gone through in a new order in each epoch.
  var shuffles = true
  /// What early stopping and the best parameters go by.
  var monitor = Monitor.loss
  /// nil for none.
  var earlyStopping: EarlyStopping?
  /// Whether the parameters of the best epoch are kept beside the last ones.
  var keepsBest = false
  /// nil where a sample is one step.
  var window: WindowConfiguration?

  static let format = KeyTable(
    TrainingConfiguration(),
    [
      .init(
        "epochs", .count, "How many times training goes through the samples.", at: \.epochs,
        absence: .refused),
      .init("batch", .count, "Samples of a training step.", at: \.batch),
      .init(
        "parts", .integer(1...Execution.maximumParts),
        "Parts of a batch whose gradients are summed apart and then added, which decides their bits; "
          + "as many processes can train together. Without it by the size of the batch.",
        at: \.parts),
      .init(
        "seed", .seed,
        "Seed of weights, shuffling, encoders and dropout; the same seed gives the same bits.",
        at: \.seed),
      .init("shuffle", .flag, "Whether each epoch has an order of its own.", at: \.shuffles),
      .init(
        "monitor", .choice,
        "What early stopping and the best parameters go by: of the validation part, or without one "
          + "of the training part.", at: \.monitor),
      .init(
        reading: "early_stopping", earlyStopping.format().map { $0 },
        "Ends training that no longer gets better.", at: \.earlyStopping),
      .init(
        "keep_best", .flag,
        "Whether the parameters of the best epoch are kept, for eval, predict and the report.",
        at: \.keepsBest),
      .init(
        reading: "window", WindowConfiguration.format.map { $0 },
        "Cuts samples into windows, a training step each; without it a sample is one step.",
        at: \.window),
    ]
  ).format()

  private static let earlyStopping = KeyTable(
    EarlyStopping(patience: 1),
    [
      .init(
        "patience", .count, "Epochs without improvement after which training ends.",
        at: \.patience, absence: .refused),
      .init(
        "minimum_delta", .number(.notNegative), "An improvement is more than this.",
        at: \.minimumDelta),
    ])
}

/// How samples are cut into windows of truncated backpropagation through time.
public struct WindowConfiguration: Sendable {
  var steps = 1
  var windows = Windows()

  static let format = KeyTable(
    WindowConfiguration(),
    [
      .init(
        "steps", .count, "Steps of a window; the last of a sample may have fewer.", at: \.steps,
        absence: .refused),
      .init(
        "update_every", .count,
        "Windows whose gradients are summed for an update; the end of a sample updates in any case.",
        at: \.windows.updateEvery),
      .init(
        "carry", .choice,
        "How far the network's state goes on: none (each window begins from zero), sample, or run "
          + "(from epoch to epoch too, of samples that fit in one batch).", at: \.windows.carry),
    ]
  ).format()
}

extension Windows.Carry: JSONWritable {}

/// What a network that follows a signal is compared with.
public struct BaselineConfiguration: Sendable {
  /// Steps of the input, the present one and those before.
  var lags = 20

  static let format = Format.kinds([
    KindRow(
      "linear_least_squares",
      "The best linear function of the input's last steps, fitted to the samples for training.",
      BaselineConfiguration(),
      [
        .init(
          "lags", .integer(1...1024), "Steps of the input: the present one and those before.",
          at: \.lags)
      ]
    ) { $0 }
  ])
}

/// Where and how often a run is saved.
public struct CheckpointConfiguration: Sendable {
  /// A .safetensors file.
  var path = ""
  /// Epochs from one to the next; nil: by time.
  var every: Int?

  static let format = KeyTable(
    CheckpointConfiguration(),
    [
      .init(
        "path", .text, "The file, replaced whole each time.", at: \.path, absence: .refused),
      .init(
        "every", .count,
        "Epochs from one checkpoint to the next; the last epoch has one. Without it they come so "
          + "often that writing them takes a twentieth of the time.", at: \.every),
    ]
  ).format()
}

/// Where the report goes.
public struct ReportConfiguration: Sendable {
  var folder = ""

  static let format = KeyTable(
    ReportConfiguration(),
    [
      .init(
        "folder", .text, "The folder of report.html and its figures.", at: \.folder,
        absence: .refused)
    ]
  ).format()
}

extension Format where Value == Execution {
  /// Where and how the engine runs; changes no bit of the results.
  static var execution: Format {
    KeyTable(
      Execution(),
      [
        .init(
          "threads", .integer(1...Execution.maximumThreads),
          "Threads; without it as many as pay.", at: \.threads),
        .init("isa", .choice, "Instruction set.", at: \.isa),
        .init(
          "memory", .choice,
          "What training keeps for backward: all, or segments of 256 steps, which are run again; "
            + "automatic is all where it fits the limit.", at: \.memory),
        .init(
          "memory_limit", .integer(1...1 << 53),
          "Bytes up to which automatic memory is all; without it half of what is available.",
          at: \.memoryLimit),
      ]
    ).format()
  }
}

extension ISA: JSONWritable {}
extension Memory: JSONWritable {}
