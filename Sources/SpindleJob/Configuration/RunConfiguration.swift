import Spindle
import SpindleJSON

/// How long and on what training goes.
public struct TrainingConfiguration: Sendable {
  /// How many times training goes through the samples.
  var epochs = 1
  /// B.
  var batch = 32
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

  static let format = KeyTable(
    TrainingConfiguration(),
    [
      .init(
        "epochs", .count, "How many times training goes through the samples.", at: \.epochs,
        absence: .refused),
      .init("batch", .count, "Samples of a training step.", at: \.batch),
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
        "early_stopping", earlyStoppingFormat, "Ends training that no longer gets better.",
        absence: .nothing, write: { _ in nil },
        set: { training, stopping, _ in training.earlyStopping = stopping }),
      .init(
        "keep_best", .flag,
        "Whether the parameters of the best epoch are kept, for eval, predict and the report.",
        at: \.keepsBest),
    ]
  ).format()

  private static var earlyStoppingFormat: Format<EarlyStopping> {
    let patience = Key(
      "patience", Format<Int>.count, "Epochs without improvement after which training ends.",
      absence: .refused)
    let delta = Key(
      "minimum_delta", Format<Double>.number(.notNegative), "An improvement is more than this.",
      absence: .means(0))
    return .object([patience, delta]) { object throws(DescriptionError) in
      EarlyStopping(
        patience: try object.read(patience), minimumDelta: try object.read(delta))
    }
  }
}

/// What a network that follows a signal is compared with.
public struct BaselineConfiguration: Sendable {
  /// Steps of the input, the present one and those before.
  let lags: Int

  private static let lagsKey = Key(
    "lags", Format<Int>.integer(1...1024), "Steps of the input: the present one and those before.",
    absence: .means(20))

  static let format = Format.kinds([
    Kind(
      "linear_least_squares",
      "The best linear function of the input's last steps, fitted to the samples for training.",
      [lagsKey]
    ) { object throws(DescriptionError) in
      BaselineConfiguration(lags: try object.read(lagsKey))
    }
  ])
}

/// Where and how often a run is saved.
public struct CheckpointConfiguration: Sendable {
  /// A .safetensors file.
  let path: String
  /// Epochs from one to the next; nil: by time.
  let every: Int?

  private static let pathKey = Key(
    "path", Format<String>.text, "The file, replaced whole each time.", absence: .refused)
  private static let everyKey = Key(
    "every", Format<Int>.count,
    "Epochs from one checkpoint to the next; the last epoch has one. Without it they come so often "
      + "that writing them takes a twentieth of the time.")

  static let format = Format.object([pathKey, everyKey]) { object throws(DescriptionError) in
    CheckpointConfiguration(path: try object.read(pathKey), every: try object.optional(everyKey))
  }
}

/// Where the report goes.
public struct ReportConfiguration: Sendable {
  let folder: String

  private static let folderKey = Key(
    "folder", Format<String>.text, "The folder of report.html and its figures.",
    absence: .refused)

  static let format = Format.object([folderKey]) { object throws(DescriptionError) in
    ReportConfiguration(folder: try object.read(folderKey))
  }
}

extension Format where Value == Execution {
  /// Where and how the engine runs; changes no bit of the results.
  static var execution: Format {
    let threads = Key(
      "threads", Format<Int>.integer(1...Execution.maximumThreads),
      "Threads; without it as many as pay.")
    let isa = Key(
      "isa", Format<ISA>.choice, "Instruction set.", absence: .means("automatic"))
    return .object([threads, isa]) { object throws(DescriptionError) in
      Execution(threads: try object.optional(threads), isa: try object.read(isa))
    }
  }
}

extension Monitor: JSONWritable {}
