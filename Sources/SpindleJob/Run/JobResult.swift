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
    return (lines + [evaluation.text]).joined(separator: "\n")
  }

  private static func words(_ loss: Double, _ accuracy: Double?) -> String {
    "loss \(Words.number(loss))" + (accuracy.map { ", accuracy \(Words.number($0))" } ?? "")
  }

  /// Everything, for programs.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "outcome": .string(outcome), "epochs": .number(Double(fit.history.count)),
      "training_seconds": .number(seconds), "run_seconds": .number(fit.times.total),
      "checkpoint_seconds": .number(fit.times.checkpoints),
      "seed": .number(Double(fit.checkpoint.seed)),
      "parameters": .number(Double(job.learnedCount)), "evaluation": evaluation.json,
      "history": .array(fit.history.map(\.summary)),
      "warnings": .array(fit.warnings.map { .string($0.description) }),
    ]
    members["message"] = ending.map { .string($0) }
    if let best = fit.checkpoint.best {
      members["best"] = .object([
        "epoch": .number(Double(best.epoch)), "monitor": .string(best.monitor.rawValue),
        "value": .number(best.value),
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
      "epoch": .number(Double(epoch)), "step": .number(Double(step)), "loss": .number(loss),
      "regularization": .number(regularization), "learning_rate": .number(Double(learningRate)),
      "gradient_norm": .number(gradientNorm), "seconds": .number(seconds),
      "firing_rates": .array(activity.layers.map { .number($0.firingRate) }),
    ]
    members["accuracy"] = accuracy.map { .number($0) }
    if let validation {
      var part: [String: JSONValue] = ["loss": .number(validation.loss)]
      part["accuracy"] = validation.accuracy.map { .number($0) }
      members["validation"] = .object(part)
    }
    return .object(members)
  }

  /// One line for people.
  public func line(of epochs: Int) -> String {
    var text = "epoch \(epoch)/\(epochs): loss \(Words.number(loss))"
    if let accuracy { text += ", accuracy \(String(format: "%.4f", accuracy))" }
    if let validation {
      text += "; validation: loss \(Words.number(validation.loss))"
      if let accuracy = validation.accuracy {
        text += ", accuracy \(String(format: "%.4f", accuracy))"
      }
    }
    return text + "; learning rate \(Words.number(Double(learningRate))), "
      + String(format: "%.3f s", seconds)
  }
}
