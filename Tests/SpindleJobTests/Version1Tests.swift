import Foundation
import Spindle
import Testing

@testable import SpindleJob

/// A run that version 0.1.0 saved: three epochs of the tuned tutorial with 40 steps.
struct Version1Tests {
  private static let path = Bundle.module.bundleURL
    .appendingPathComponent("Golden/run-1.safetensors").path

  private func saved() throws -> (checkpoint: Checkpoint, configuration: JobConfiguration) {
    let checkpoint = try Checkpoint(contentsOf: Self.path)
    return (checkpoint, try JobConfiguration(parsing: checkpoint.configuration))
  }

  @Test func itIsMeasuredAsBefore() throws {
    let (checkpoint, configuration) = try saved()
    let evaluation = try Job(configuration).evaluate(checkpoint, .last)
    #expect(abs(evaluation.measurement.loss - 0.12484424283295911) < 1e-5)
  }

  /// The same configuration trains the same network now, but for rounding.
  @Test func itIsTrainedAsBefore() throws {
    let (checkpoint, configuration) = try saved()
    let result = try Job(configuration.changed(by: [Override("checkpoint=null")])).train()
    for (now, then) in zip(result.fit.history, checkpoint.history) {
      #expect(abs(now.loss - then.loss) < 1e-5)
      #expect(now.activity.layers.map(\.layer) == then.activity.layers.map(\.layer))
    }
    #expect(result.fit.history.count == 3 && checkpoint.history.count == 3)
  }

  @Test func itGoesOn() throws {
    let (checkpoint, configuration) = try saved()
    let more = try configuration.changed(by: [
      Override("checkpoint=null"), Override("training.epochs=5"),
    ])
    let result = try Job(more).train(resuming: checkpoint)
    #expect(result.fit.history.count == 5)
    #expect(Array(result.fit.history[..<3]) == checkpoint.history)
  }
}
