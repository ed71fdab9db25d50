import Foundation
import Spindle
import SpindleJSON

/// What a run of training left.
public struct JobResult: Sendable {
  let job: Job
  /// How training ended, and every epoch.
  public let fit: FitResult
  /// The network that results are told of: the best where it was kept, else the last.
  public let network: Network
  /// Of that network.
  public let evaluation: PartEvaluation
  /// Of that network on chips; nil where no layer has a mismatch.
  public let chips: ChipEvaluation?

  /// Wall time of all epochs' training steps, in seconds; without validation and checkpoints.
  public var seconds: Double { fit.history.reduce(0) { $0 + $1.seconds } }

  /// How training ended, for people; nil after the last epoch.
  public var ending: String? {
    switch fit.outcome {
    case .completed: nil
    case .stoppedEarly:
      "ended after \(fit.history.count) epochs, which had ceased to get better"
    case .stopped: "ended early after \(fit.history.count) of \(job.epochs) epochs"
    case .diverged(let error):
      "training diverged and went back to epoch \(fit.history.count): \(error)"
    }
  }

  /// Whether training went wrong.
  public var isDiverged: Bool {
    if case .diverged = fit.outcome { true } else { false }
  }

  /// Lines for people.
  public var text: String {
    var lines = ending.map { [$0] } ?? []
    let rate = seconds > 0 ? Double(fit.history.count) / seconds : 0
    lines.append(
      String(
        format: "trained %d epochs in %.3f s of training steps (%.4g epochs/s)", fit.history.count,
        seconds, rate))
    lines.append(
      String(
        format: "this run took %.3f s, validation and %.3f s of checkpoints included",
        fit.times.total, fit.times.checkpoints))
    if let last = fit.history.last {
      lines.append("training: " + Self.words(last.loss, last.accuracy))
      if let validation = last.validation {
        lines.append("validation: " + Self.words(validation.loss, validation.accuracy))
      }
    }
    if let best = fit.checkpoint.best {
      lines.append(
        "best \(best.monitor.rawValue): \(Words.number(best.value)), of epoch \(best.epoch); the "
          + "rest is of its parameters")
    }
    lines.append(evaluation.text)
    return (lines + [chips?.text].compactMap(\.self)).joined(separator: "\n")
  }

  private static func words(_ loss: Double, _ accuracy: Double?) -> String {
    "loss \(Words.number(loss))" + (accuracy.map { ", accuracy \(Words.number($0))" } ?? "")
  }

  /// Everything, for programs.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "outcome": outcome.json, "epochs": fit.history.count.json,
      "training_seconds": seconds.json, "run_seconds": fit.times.total.json,
      "checkpoint_seconds": fit.times.checkpoints.json, "seed": fit.checkpoint.seed.json,
      "parameters": job.learnedCount.json, "evaluation": evaluation.json,
      "history": .array(fit.history.map(\.summary)),
      "warnings": fit.warnings.map(\.description).json,
    ]
    members["message"] = ending?.json
    members["chips"] = chips?.json
    members["best"] = fit.checkpoint.best.map {
      .object([
        "epoch": $0.epoch.json, "monitor": $0.monitor.rawValue.json, "value": $0.value.json,
      ])
    }
    return .object(members)
  }

  private var outcome: String {
    switch fit.outcome {
    case .completed: "completed"
    case .stoppedEarly: "stopped_early"
    case .stopped: "stopped"
    case .diverged: "diverged"
    }
  }
}

extension EpochRecord {
  /// The epoch's figures, for programs.
  fileprivate var summary: JSONValue {
    var members: [String: JSONValue] = [
      "epoch": epoch.json, "step": step.json, "loss": loss.json,
      "regularization": regularization.json, "learning_rate": .number(Double(learningRate)),
      "gradient_norm": gradientNorm.json, "seconds": seconds.json,
      "firing_rates": activity.layers.map(\.firingRate).json,
    ]
    members["accuracy"] = accuracy?.json
    if let validation {
      var part = ["loss": validation.loss.json]
      part["accuracy"] = validation.accuracy?.json
      members["validation"] = .object(part)
    }
    return .object(members)
  }

  /// One line for people.
  public func line(of epochs: Int) -> String {
    func words(_ loss: Double, _ accuracy: Double?) -> String {
      "loss \(Words.number(loss))"
        + (accuracy.map { ", accuracy " + String(format: "%.4f", $0) } ?? "")
    }
    return "epoch \(epoch)/\(epochs): " + words(loss, accuracy)
      + (validation.map { "; validation: " + words($0.loss, $0.accuracy) } ?? "")
      + "; learning rate \(Words.number(Double(learningRate))), "
      + String(format: "%.3f s", seconds)
  }
}
