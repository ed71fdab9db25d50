import Spindle

/// A workload on the C engine, ready to be timed.
final class EngineRun {
  private var trainer: Trainer
  private let material: Material

  /// With a learning rate of zero every step does all of Adam's arithmetic on weights that stay
  /// those of the workload, so that all steps do the work of its firing rate.
  init(
    _ material: Material, _ execution: Execution, learningRate: Float = 0, ranks: Ranks = .alone
  ) throws {
    let shape = material.batches[0].input.shape
    trainer = try Trainer(
      material.network, batch: shape[0], steps: shape[1], loss: material.loss,
      optimizer: .adam(learningRate: learningRate), execution: execution,
      communicator: ranks.communicator)
    self.material = material
  }

  /// Forward alone on a batch, in turn; the firing rate of the last spiking layer.
  @discardableResult
  func forward(_ run: Int) throws -> Double { try trainer.forward(input(run)) }

  /// A whole training step on a batch, in turn.
  @discardableResult
  func step(_ run: Int) throws -> StepMetrics {
    try trainer.step(input(run), target: material.target)
  }

  var plan: Plan { trainer.plan }

  private func input(_ run: Int) -> Input {
    material.batches[run % material.batches.count].input
  }

  /// Times forward and the whole step.
  static func measure(
    _ material: Material, _ execution: Execution, learningRate: Float, seconds: Double,
    ranks: Ranks = .alone
  ) throws -> Measurement {
    let run = try EngineRun(material, execution, learningRate: learningRate, ranks: ranks)
    let rate = try run.forward(0)
    let forward = try Timing(atLeast: 0.4 * seconds, ranks: ranks) { try run.forward($0) }
    let before = try ranks.bytesSent()
    try run.step(0)
    let bytes = try ranks.bytesSent() - before
    let step = try Timing(atLeast: seconds, ranks: ranks) { try run.step($0) }
    let plan = run.plan
    return Measurement(
      forward: forward, step: step, rate: rate, threads: plan.threads, isa: plan.isa, plan: plan,
      bytesSent: bytes)
  }
}

/// What was measured of a workload.
struct Measurement {
  let forward: Timing
  let step: Timing
  /// Fraction of the hidden layer's neurons and steps that fired, before training.
  let rate: Double
  let threads: Int
  /// Nil for the baseline in plain Swift, which runs what the compiler was told to use.
  let isa: ISA?
  /// Nil for the baseline in plain Swift.
  let plan: Plan?
  /// By all ranks to others in a step.
  var bytesSent = 0
}
