import Spindle

/// A job of the generator "pattern" at the engine's own pace. An epoch is one training step on noise
/// that is drawn in place, all epochs from one stream, and nothing else: no samples are kept, no
/// records, and training allocates nothing. `Job` runs the same configuration with all that training
/// of data has, which takes several times as long as the step of a network as small as this.
public struct PatternRun: Sendable {
  /// The stream of the seed that noise is drawn from; the network's parameters take the first ones.
  private static let stream: UInt64 = 1 << 32

  private let configuration: JobConfiguration
  private let probability: Double
  /// Before training.
  public let network: Network
  /// Probabilities [T, N].
  public let target: Tensor

  /// Draws the network's weights and makes the pattern.
  ///
  /// - Throws: `JobError.configuration` for a configuration of another generator or loss, or with a
  ///   schedule, and where something does not fit.
  public init(_ configuration: JobConfiguration) throws(JobError) {
    guard case .generator(.pattern(let task)) = configuration.data.source,
      configuration.loss == .meanRateMSE, configuration.schedule == .constant
    else {
      throw .configuration(
        "expected data.generator \"pattern\", loss \"mean_rate_mse\" and a constant schedule")
    }
    do throws(SpindleError) {
      network = try configuration.network(inputs: 1)
      // Before the pattern, which can be as large.
      _ = try network.plan(
        batch: configuration.training.batch, steps: try task.steps,
        execution: configuration.engine)
      target = try task.targets(neurons: network.outputs)
    } catch {
      throw .configuration(error.description)
    }
    probability = Double(task.probability)
    self.configuration = configuration
  }

  /// Epochs in all.
  public var epochs: Int { configuration.training.epochs }
  /// B.
  public var batch: Int { configuration.training.batch }
  /// Of weights and noise.
  public var seed: UInt64 { configuration.training.seed }
  /// Of the optimizer.
  public var learningRate: Float { configuration.optimizer.learningRate }

  /// Trains, then runs the network on new noise.
  ///
  /// - Parameter goesOn: called after each epoch with its number, from 1, and its loss; false ends
  ///   training.
  /// - Throws: `JobError.failed`.
  public func train(
    goesOn: (_ epoch: Int, _ loss: Double) -> Bool
  ) throws(JobError) -> PatternResult {
    do throws(SpindleError) {
      let steps = target.shape[0]
      var trainer = try configuration.trainer(network, steps: steps, classWeights: nil)
      var input = try SpikeTrain(batch: batch, steps: steps, units: 1)
      var random = RandomStream(seed: seed, stream: Self.stream)
      var losses: [Double] = []
      // So that an epoch allocates nothing; more than a million may.
      losses.reserveCapacity(min(epochs, 1 << 20))
      let start = ContinuousClock.now
      while losses.count < epochs {
        try input.fill(probability: probability, from: &random)
        let loss = try trainer.step(.spikes(input), target: .values(target)).loss
        losses.append(loss)
        guard goesOn(losses.count, loss) else { break }
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      try input.fill(probability: probability, from: &random)
      _ = try trainer.evaluate(.spikes(input), target: .values(target))
      return PatternResult(
        losses: losses, seconds: seconds, spikes: try trainer.record().spikes,
        network: trainer.network, plan: trainer.plan)
    } catch {
      throw .failed(error.description)
    }
  }
}

/// What a run of pattern generation left.
public struct PatternResult: Sendable {
  /// Of each epoch, before its update.
  public let losses: [Double]
  /// Wall time of the epochs.
  public let seconds: Double
  /// The last layer's on new noise: [B, T, N].
  public let spikes: Tensor
  /// As trained.
  public let network: Network
  /// What the engine chose.
  public let plan: Plan
}
