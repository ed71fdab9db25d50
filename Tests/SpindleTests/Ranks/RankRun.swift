import Spindle
import TestSupport
import Testing

/// A training whose every figure and number is kept, to compare ranks with one alone.
struct RankRun: Sendable {
  var bits = Bits()
  /// Of the training steps and of the evaluation that follows them.
  var metrics: [StepMetrics] = []
  var predictions: [Int32] = []
  var spikes: [[UInt64]] = []
  var rates: [[Double]] = []

  /// Trains on batches, and evaluates the last.
  init(
    _ trainer: consuming Trainer, _ batches: [(Input, Target)]
  ) throws {
    var trainer = trainer
    for (input, target) in batches {
      metrics.append(try trainer.step(input, target: target))
      rates.append(trainer.firingRates)
      try trainer.gatherGradients()
      for parameter in trainer.network.parameters {
        let gradient = try trainer.gradient(of: parameter.name)
        bits.add("gradient of \(parameter.name)", gradient.indices.map { gradient[$0] })
        bits.add(parameter.name, try trainer.network.floats(parameter.name))
      }
    }
    let state = try trainer.optimizerState
    bits.add("mean", state.mean)
    bits.add("variance", state.variance)
    guard let (input, target) = batches.last else { return }
    metrics.append(try trainer.evaluate(input, target: target))
    rates.append(trainer.firingRates + [try trainer.forward(input)])
    if trainer.loss.wantsClasses {
      metrics.append(try trainer.evaluate(input, target: target))
      predictions = try trainer.predictions
    }
    for layer in trainer.network.layers.indices {
      spikes.append(try trainer.spikeCounts(layer: layer))
    }
  }

  /// Expects the same of ranks; `context` says which.
  func expectSame(as one: RankRun, _ context: String) {
    bits.expectSame(as: one.bits, context)
    #expect(metrics == one.metrics, "\(context)")
    #expect(rates == one.rates, "\(context): the firing rates")
    #expect(predictions == one.predictions, "\(context): the predictions")
    #expect(spikes == one.spikes, "\(context): the counts of spikes")
  }
}

/// Expects that ranks do what one alone does, `train` being given its communicator.
func expectRanks(
  _ context: String, counts: ClosedRange<Int> = 2...4,
  _ train: @escaping @Sendable (_ communicator: (any Communicator)?) throws -> RankRun
) throws {
  let one = try train(nil)
  for ranks in counts {
    let runs = try withRanks(ranks) { try train($0) }
    for (rank, run) in runs.enumerated() {
      run.expectSame(as: one, "\(context), rank \(rank) of \(ranks)")
    }
  }
}
