/// Trains a network on batches. Everything is allocated at the start: a step allocates nothing, but
/// for the first with a batch smaller than the trainer's.
public struct Trainer: ~Copyable {
  /// The network as trained so far.
  public internal(set) var network: Network
  /// B, samples of a step; the last batch of an epoch may have fewer.
  public let batch: Int
  /// T, time steps of a sequence.
  public let steps: Int
  /// The loss.
  public let loss: Loss
  /// Factors of samples in a cross-entropy, by their class [N]; nil for 1.
  public let classWeights: [Float]?
  /// The optimizer; its numbers may change between steps, its kind may not.
  public var optimizer: Optimizer
  /// What is added to the loss for the neurons' rates.
  public let regularization: [RatePenalty]
  /// What is done to large gradients; may change between steps.
  public var clipping: Clipping
  /// What everything random in training is drawn from.
  public let seed: UInt64
  /// Where and how the engine runs.
  public let execution: Execution
  /// Steps taken.
  public internal(set) var stepCount = 0
  /// To the other ranks; nil for one alone.
  let link: RankLink?

  var arrays: TrainingArrays
  var gradients: [Float] { arrays.gradients }
  /// Whether `gradients` are those of all parameters; of several ranks each has a slice.
  var hasGradients = true
  /// For batches of `batch` samples.
  let workspace: SharedWorkspace
  /// For the last batches that were smaller, made when the first came.
  var smallWorkspace: SharedWorkspace?
  /// Which of the two was used last.
  var current: SharedWorkspace
  /// The layer whose firing rate is told, or nil where none fires.
  let spikingLayer: Int?
  private let kind: Optimizer.Kind
  let penalties: CorePenalties
  /// Whether the workspace holds potentials: after forward, not after backward.
  var canRecord = false
  /// The input of what can be recorded, where it is run again for that.
  var recordedInput: Input?
  /// What windows of long sequences carry; nil before the first.
  var windows: WindowMemory?

  /// Prepares to train. A custom loss allocates in each step what it is given.
  ///
  /// - Parameters:
  ///   - network: what to train, from its present parameters on.
  ///   - batch: B, samples of a step.
  ///   - steps: T, time steps of a sequence.
  ///   - loss: what training makes small.
  ///   - classWeights: factors of samples in a cross-entropy, by their class [N], not negative; see
  ///     `ClassWeights`. Nil for 1.
  ///   - optimizer: how parameters follow their gradients.
  ///   - regularization: what is added to the loss.
  ///   - clipping: what keeps large gradients small.
  ///   - seed: what everything random in training is drawn from, together with the step's number.
  ///   - execution: where and how the engine runs.
  ///   - communicator: of processes that train this network together; nil for one alone. Each makes
  ///     the same trainer and the same calls; parameters, losses and all figures have the bits of one
  ///     with the same `Execution.parts`. A custom loss is for one alone. See `Communicator`.
  public init(
    _ network: Network, batch: Int, steps: Int, loss: Loss, classWeights: [Float]? = nil,
    optimizer: Optimizer = .adam(),
    regularization: [RatePenalty] = [], clipping: Clipping = .none, seed: UInt64 = 0,
    execution: Execution = .init(), communicator: (any Communicator)? = nil
  ) throws(SpindleError) {
    try network.checkParameters()
    try optimizer.check()
    try clipping.check()
    try loss.check(outputOf: network.description)
    try loss.check(classWeights, classes: network.outputs)
    let penalties = try CorePenalties(regularization, for: network)
    let constraints = try network.description.constraints(of: network.parameters)
    let link = try RankLink(communicator)
    if let link {
      try execution.check()
      try network.checkRanks(link, loss, batch: batch, steps: steps, execution)
    }
    let count = network.parameterCount
    try checkMemory(3 * count * MemoryLayout<Float>.size)
    // Not copies of one another, which would be made in the first step.
    let gradients = [Float](repeating: 0, count: count)
    let mean = [Float](repeating: 0, count: count)
    let variance = [Float](repeating: 0, count: count)
    // After them, so that it sees how much memory is left.
    workspace = try SharedWorkspace(
      network, batch: batch, steps: steps, loss: loss, execution: execution, link: link)
    current = workspace
    self.link = link
    self.network = network
    self.network.project(constraints)
    self.batch = batch
    self.steps = steps
    self.loss = loss
    self.classWeights = classWeights
    self.optimizer = optimizer
    self.regularization = regularization
    self.clipping = clipping
    self.seed = seed
    self.execution = execution
    arrays = TrainingArrays(
      gradients: gradients, mean: mean, variance: variance, constraints: constraints)
    self.penalties = penalties
    kind = optimizer.kind
    spikingLayer = network.description.spikingLayers.last
  }

  /// One training step: forward, loss, backward, update.
  ///
  /// - Parameters:
  ///   - input: [B, T, I], or with fewer samples, as the last batch of an epoch has them. Of several
  ///     ranks each is given the same, and takes its share.
  ///   - target: as the loss says, for as many samples.
  /// - Throws: where a shape or value is wrong; and `SpindleError.diverged` where the loss or a
  ///   gradient is not finite. The parameters and the optimizer's state then are those from before
  ///   the step.
  public mutating func step(_ input: Input, target: Target) throws(SpindleError) -> StepMetrics {
    try select(input)
    let (input, target) = try share(input, target)
    var none: WindowMemory?
    return try step(input, target, &none, waits: false)
  }

  /// A step of a sequence by itself, or of a window; the workspace is selected.
  mutating func step(
    _ input: Input, _ target: Target, _ windows: inout WindowMemory?, waits: Bool
  ) throws(SpindleError) -> StepMetrics {
    try optimizer.check()
    try clipping.check()
    try require(
      optimizer.kind == kind, "the optimizer's kind", "\(kind.rawValue) as at the start",
      optimizer.kind.rawValue)
    forgetRecording()
    hasGradients = link == nil
    let result = try update(input, target, &windows, waits: waits)
    return StepMetrics(
      loss: result.loss, regularization: result.regularization, firingRate: firingRate,
      gradientNorm: result.gradientNorm, correct: loss.wantsClasses ? result.correct : nil)
  }

  /// Runs a batch forward: no loss, no update.
  ///
  /// - Parameters:
  ///   - input: [B, T, I], or with fewer samples.
  ///   - chip: which chip of those that mismatch makes; nil for one without.
  /// - Returns: fraction of the last spiking layer's neurons and steps that fired.
  @discardableResult
  public mutating func forward(_ input: Input, on chip: Chip? = nil) throws(SpindleError) -> Double
  {
    try select(input)
    var none: WindowMemory?
    try forward(share(input), on: chip, &none)
    if link != nil { try current.workspace.gatherRates() }
    return firingRate
  }

  /// Runs a sequence by itself, or a window; the workspace is selected.
  mutating func forward(
    _ input: Input, on chip: Chip? = nil, _ windows: inout WindowMemory?
  ) throws(SpindleError) {
    forgetRecording()
    try current.workspace.forward(network.values, input, on: chip, &windows)
    canRecord = true
    if current.workspace.isSegmented { recordedInput = input }
  }

  mutating func forgetRecording() {
    canRecord = false
    recordedInput = nil
  }

  /// The loss of a batch, without an update; on a chip, or on one without mismatch.
  ///
  /// Refuses parameters that are not finite.
  public mutating func evaluate(
    _ input: Input, target: Target, on chip: Chip? = nil
  ) throws(SpindleError) -> StepMetrics {
    try select(input)
    let (input, target) = try share(input, target)
    var none: WindowMemory?
    return try evaluate(input, target, on: chip, &none)
  }

  /// The loss of a sequence by itself, or of a window; the workspace is selected.
  mutating func evaluate(
    _ input: Input, _ target: Target, on chip: Chip? = nil, _ windows: inout WindowMemory?
  ) throws(SpindleError) -> StepMetrics {
    try network.checkParameters()
    try forward(input, on: chip, &windows)
    let call = try current.workspace.lossCall(
      loss, target, of: input, classWeights: classWeights)
    let value = try current.workspace.loss(input, call)
    let ofRates = penalties.raw.isEmpty ? 0 : try current.workspace.regularize(penalties)
    let penalty = try ofRates + current.workspace.weightPenalty(network.values)
    return StepMetrics(
      loss: value, regularization: penalty, firingRate: firingRate, gradientNorm: nil,
      correct: loss.wantsClasses ? current.workspace.correct : nil)
  }

  /// Uses the workspace for as many samples as the input has, and for as many steps where it may have
  /// fewer; `total` are the samples of all ranks, where the input is this one's share.
  mutating func select(
    _ input: Input, total: Int? = nil, mayBeShort: Bool = false
  ) throws(SpindleError) {
    let isShort = mayBeShort && input.steps < steps
    let total = total ?? input.batch
    // Larger batches are refused by the workspace's own check.
    guard total < batch || isShort && total == batch, input.steps == steps || isShort,
      input.units == network.inputs
    else {
      current = workspace
      return try workspace.workspace.checkShape(input, total: total)
    }
    if isShort { try checkShare(of: total, steps: input.steps) }
    if let small = smallWorkspace, small.workspace.share.total == total,
      small.workspace.steps == input.steps
    {
      current = small
      return
    }
    // Freed before the next is made.
    smallWorkspace = nil
    current = workspace
    current = try SharedWorkspace(
      network, batch: total, steps: input.steps, loss: loss, execution: execution, link: link)
    smallWorkspace = current
  }

  /// Forward, loss, backward and update in one call of the core; for a custom loss, which needs the
  /// output, the rest after forward.
  private mutating func update(
    _ input: Input, _ target: Target, _ windows: inout WindowMemory?, waits: Bool
  ) throws(SpindleError) -> StepResult {
    try current.workspace.checkTarget(loss, target, of: input)
    let dropout = Dropout(seed: seed, step: UInt64(stepCount + 1))
    try current.workspace.checkDropout(input, dropout)
    var isForwardDone = false
    if case .custom = loss {
      try current.workspace.forward(
        network.values, input, dropout: dropout, on: Chip(seed: dropout.seed, step: dropout.step),
        &windows)
      isForwardDone = true
    }
    let call = try current.workspace.lossCall(
      loss, target, of: input, classWeights: classWeights)
    let result = try current.workspace.trainStep(
      &network.values, &arrays,
      UpdateRule(optimizer: optimizer, clipping: clipping, penalties: penalties, waits: waits),
      input, call, dropout: dropout, isForwardDone: isForwardDone, &windows)
    guard result.isFinite else { throw try divergence(result, input) }
    windows?.advance(waits: waits)
    if !waits { stepCount += 1 }
    return result
  }
}
