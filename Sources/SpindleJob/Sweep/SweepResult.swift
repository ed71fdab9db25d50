import Spindle
import SpindleJSON

/// A figure of a run that a sweep compares.
public enum SweepMetric: String, Sendable, CaseIterable {
  /// Fraction of the evaluated part's samples put in their class: of the test part, else of the
  /// validation part, else of the samples for training.
  case accuracy
  /// Mean loss of the evaluated part.
  case loss
  /// Fraction of the validation part's samples put in their class, after the last epoch.
  case validationAccuracy = "validation_accuracy"
  /// Mean loss of the validation part, after the last epoch.
  case validationLoss = "validation_loss"
  /// Fraction of the samples for training put in their class, in the last epoch.
  case trainingAccuracy = "training_accuracy"
  /// Mean loss of the last epoch's training steps.
  case trainingLoss = "training_loss"
  /// The same over the last 50 epochs, or all where there are fewer.
  case recentTrainingLoss = "recent_training_loss"

  /// Epochs of `recentTrainingLoss`.
  static let recentEpochs = 50

  /// Whether more is better.
  public var isLargerBetter: Bool {
    switch self {
    case .accuracy, .validationAccuracy, .trainingAccuracy: true
    case .loss, .validationLoss, .trainingLoss, .recentTrainingLoss: false
    }
  }
}

/// What a run of a sweep left: its `result.json`.
public struct SweepResult: Sendable, Equatable {
  /// How it ended; nil where it ended as its configuration says.
  public let failure: String?
  /// Epochs that were trained.
  public let epochs: Int
  /// Wall time of the training steps, in seconds.
  public let seconds: Double
  /// The figures that the run has; one that is not finite is left out.
  public let metrics: [SweepMetric: Double]

  /// Of a run that could not be trained.
  init(failure: String) {
    self.failure = failure
    epochs = 0
    seconds = 0
    metrics = [:]
  }

  init(_ result: JobResult) {
    failure = result.isDiverged ? result.ending ?? "training diverged" : nil
    epochs = result.fit.history.count
    seconds = result.seconds
    let last = result.fit.history.last
    let recent = result.fit.history.suffix(SweepMetric.recentEpochs).map(\.loss)
    let all: [SweepMetric: Double?] = [
      .accuracy: result.evaluation.measurement.accuracy,
      .loss: result.evaluation.measurement.loss,
      .validationAccuracy: last?.validation?.accuracy,
      .validationLoss: last?.validation?.loss,
      .trainingAccuracy: last?.accuracy,
      .trainingLoss: last?.loss,
      .recentTrainingLoss: recent.isEmpty ? nil : recent.reduce(0, +) / Double(recent.count),
    ]
    metrics = all.compactMapValues { $0 }.filter(\.value.isFinite)
  }

  /// Reads what `json` wrote.
  init(_ value: DescriptionValue) throws(DescriptionError) {
    let object = try value.object(allowing: ["failure", "epochs", "seconds", "metrics"])
    failure = try object.optional("failure")?.text()
    epochs = try object.value("epochs").integer(0...Format<Int>.largestCount)
    seconds = try object.value("seconds").number(.notNegative)
    let figures = try object.value("metrics").object(
      allowing: SweepMetric.allCases.map(\.rawValue))
    var metrics: [SweepMetric: Double] = [:]
    for metric in SweepMetric.allCases {
      guard let figure = figures.optional(metric.rawValue) else { continue }
      guard case .number(let number) = figure.value else {
        throw figure.refused(expected: "a number")
      }
      metrics[metric] = number
    }
    self.metrics = metrics
  }

  var json: JSONValue {
    var members: [String: JSONValue] = [
      "epochs": epochs.json, "seconds": seconds.json,
      "metrics": .object(
        Dictionary(uniqueKeysWithValues: metrics.map { ($0.rawValue, $1.json) })),
    ]
    members["failure"] = failure?.json
    return .object(members)
  }
}
