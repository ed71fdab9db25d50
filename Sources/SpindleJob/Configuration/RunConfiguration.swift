import Spindle
import SpindleJSON

/// How long and on what training goes.
public struct TrainingConfiguration: Sendable {
  /// How many times training goes through the samples.
  let epochs: Int
  /// B.
  let batch: Int
  /// Of weights, shuffling, encoders and dropout.
  let seed: UInt64
  /// Whether the samples are gone through in a new order in each epoch.
  let shuffles: Bool
  /// What early stopping and the best parameters go by.
  let monitor: Monitor
  /// nil for none.
  let earlyStopping: EarlyStopping?
  /// Whether the parameters of the best epoch are kept beside the last ones.
  let keepsBest: Bool

  private static let epochsKey = Key(
    "epochs", Format<Int>.count, "How many times training goes through the samples.",
    absence: .refused)
  private static let batchKey = Key(
    "batch", Format<Int>.count, "Samples of a training step.", absence: .means(32))
  private static let seedKey = Key(
    "seed", Format<UInt64>.seed,
    "Seed of weights, shuffling, encoders and dropout; the same seed gives the same bits.",
    absence: .means(0))
  private static let shuffleKey = Key(
    "shuffle", .flag, "Whether each epoch has an order of its own.", absence: .means(true))
  private static let monitorKey = Key(
    "monitor", Format<Monitor>.choice,
    "What early stopping and the best parameters go by: of the validation part, or without one of "
      + "the training part.", absence: .means("loss"))
  private static let stoppingKey = Key(
    "early_stopping", earlyStoppingFormat, "Ends training that no longer gets better.")
  private static let bestKey = Key(
    "keep_best", .flag,
    "Whether the parameters of the best epoch are kept, for eval, predict and the report.",
    absence: .means(false))

  static let format = Format.object([
    epochsKey, batchKey, seedKey, shuffleKey, monitorKey, stoppingKey, bestKey,
  ]) { object throws(DescriptionError) in
    TrainingConfiguration(
      epochs: try object.read(epochsKey), batch: try object.read(batchKey),
      seed: try object.read(seedKey), shuffles: try object.read(shuffleKey),
      monitor: try object.read(monitorKey), earlyStopping: try object.optional(stoppingKey),
      keepsBest: try object.read(bestKey))
  }

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
  /// Epochs from one to the next.
  let every: Int

  private static let pathKey = Key(
    "path", Format<String>.text, "The file, replaced whole each time.", absence: .refused)
  private static let everyKey = Key(
    "every", Format<Int>.count, "Epochs from one checkpoint to the next; the last epoch has one.",
    absence: .means(1))

  static let format = Format.object([pathKey, everyKey]) { object throws(DescriptionError) in
    CheckpointConfiguration(path: try object.read(pathKey), every: try object.read(everyKey))
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
