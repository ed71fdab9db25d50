import CSpindle

/// Adam (Kingma and Ba 2015).
public struct Adam: Sendable, Equatable {
  /// Step size.
  public var learningRate: Float
  /// Decay of the gradient's mean.
  public var beta1: Float
  /// Decay of the squared gradient's mean.
  public var beta2: Float
  /// Added to the root of the squared gradient's mean.
  public var epsilon: Float

  /// The defaults are those of the paper.
  public init(
    learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  fileprivate func check() throws(SpindleError) {
    guard learningRate.isFinite, learningRate >= 0 else {
      throw .invalidValue(
        what: "the learning rate", expected: "finite and not negative", got: "\(learningRate)")
    }
    guard (0..<1).contains(beta1), (0..<1).contains(beta2), epsilon > 0, epsilon.isFinite else {
      throw .invalidValue(
        what: "Adam's numbers", expected: "beta1 and beta2 from 0 to below 1, epsilon positive",
        got: "beta1 \(beta1), beta2 \(beta2), epsilon \(epsilon)")
    }
  }
}

/// What a training step tells.
public struct StepMetrics: Sendable, Equatable {
  /// The loss before the update.
  public let loss: Double
  /// Fraction of the last spiking layer's neurons and steps that fired.
  public let firingRate: Double
}

/// Trains a network on batches of one shape. Everything is allocated at the start: a step allocates
/// nothing.
public struct Trainer: ~Copyable {
  /// The network as trained so far.
  public private(set) var network: Network
  /// The loss.
  public let loss: Loss
  /// The optimizer; its numbers may change between steps.
  public var optimizer: Adam
  /// Steps taken.
  public private(set) var stepCount = 0

  private var workspace: Workspace
  private var gradients: [Float]
  private var mean: [Float]
  private var variance: [Float]
  /// The layer whose firing rate is told, or nil where none fires.
  private let spikingLayer: Int?
  /// Time constants that training changes, and might drive to zero.
  private let learnedTaus: [Network.Parameter]
  /// Whether the workspace holds potentials: after forward, not after backward.
  private var canRecord = false

  /// Prepares to train.
  ///
  /// - Parameters:
  ///   - batch: B, samples of a step.
  ///   - steps: T, time steps of a sequence.
  public init(
    _ network: Network, batch: Int, steps: Int, loss: Loss, optimizer: Adam = .init(),
    execution: Execution = .init()
  ) throws(SpindleError) {
    try network.checkParameters()
    try optimizer.check()
    try loss.check(outputOf: network)
    let count = network.parameterCount
    try checkMemory(3 * count * MemoryLayout<Float>.size)
    // Not copies of one another, which would be made in the first step.
    let gradients = [Float](repeating: 0, count: count)
    let mean = [Float](repeating: 0, count: count)
    let variance = [Float](repeating: 0, count: count)
    // After them, so that it sees how much memory is left.
    workspace = try Workspace(network, batch: batch, steps: steps, execution: execution)
    self.network = network
    self.loss = loss
    self.optimizer = optimizer
    self.gradients = gradients
    self.mean = mean
    self.variance = variance
    spikingLayer = network.rawLayers.lastIndex { $0.neuron == SPINDLE_LIF }
    learnedTaus = network.parameters.filter { $0.isLearned && $0.isTau }
  }

  /// One training step: forward, loss, backward, update.
  ///
  /// - Parameters:
  ///   - input: [B, T, I].
  ///   - target: as the loss says.
  /// - Throws: where a shape or value is wrong, and where training diverged: a loss that is not
  ///   finite, or a learned tau that the update made zero or negative.
  public mutating func step(_ input: Input, target: Target) throws(SpindleError) -> StepMetrics {
    try optimizer.check()
    canRecord = false
    let value = try update(input, target)
    for tau in learnedTaus { try tau.checkPositive(network.values[tau.range]) }
    return StepMetrics(loss: value, firingRate: firingRate)
  }

  /// Runs a batch forward: no loss, no update.
  ///
  /// - Parameter input: [B, T, I].
  /// - Returns: fraction of the last spiking layer's neurons and steps that fired.
  @discardableResult
  public mutating func forward(_ input: Input) throws(SpindleError) -> Double {
    try workspace.forward(network.values, input)
    canRecord = true
    return firingRate
  }

  private var firingRate: Double {
    if let spikingLayer { workspace.firingRate(layer: spikingLayer) } else { 0 }
  }

  /// The loss of a batch, without an update.
  ///
  /// Refuses parameters that training drove to NaN, infinity or a time constant of zero.
  public mutating func evaluate(
    _ input: Input, target: Target
  ) throws(SpindleError) -> StepMetrics {
    try network.checkParameters()
    return try forwardAndLoss(input, target)
  }

  private mutating func forwardAndLoss(
    _ input: Input, _ target: Target
  ) throws(SpindleError) -> StepMetrics {
    let rate = try forward(input)
    let value = try workspace.loss(loss, target)
    return StepMetrics(loss: value, firingRate: rate)
  }

  /// Spikes, potential and membrane of the last layer in the last `evaluate` or `forward`; an error
  /// where none was called since the last `step`, which keeps no potentials.
  public func record() throws(SpindleError) -> Recording {
    guard canRecord else { throw .nothingRecorded }
    return try workspace.record(layer: network.neuronCounts.count - 1)
  }

  /// What the engine decided, and saw in the last step.
  public var plan: Plan { workspace.plan }

  /// A parameter's gradient in the last step, without a copy; zero before the first, and for a
  /// parameter that is not learned.
  @_lifetime(borrow self)
  public func gradient(of name: String) throws(SpindleError) -> Span<Float> {
    let range = try network.parameter(name).range
    return gradients.span.extracting(range)
  }

  /// Forward, loss, backward and update in one call of the core; the loss before the update.
  private mutating func update(_ input: Input, _ target: Target) throws(SpindleError) -> Double {
    try workspace.checkShape(input)
    try workspace.checkTarget(loss, target)
    var training = unsafe spindle_training()
    unsafe training.options = spindle_adam_options(
      learning_rate: optimizer.learningRate, beta1: optimizer.beta1, beta2: optimizer.beta2,
      epsilon: optimizer.epsilon)
    let handle = unsafe workspace.handle
    let loss = loss
    let step = UInt64(stepCount + 1)
    var value = 0.0
    let status = unsafe gradients.withUnsafeMutableBufferPointer { gradients in
      unsafe mean.withUnsafeMutableBufferPointer { mean in
        unsafe variance.withUnsafeMutableBufferPointer { variance in
          unsafe network.values.withUnsafeMutableBufferPointer { parameters in
            unsafe training.parameters = parameters.baseAddress
            unsafe training.gradients = gradients.baseAddress
            unsafe training.mean = mean.baseAddress
            unsafe training.variance = variance.baseAddress
            return unsafe input.withRaw { input in
              unsafe target.withRaw(loss) { target in
                unsafe spindle_train_step(handle, &training, input, target, step, &value)
              }
            }
          }
        }
      }
    }
    guard status != SPINDLE_NOT_FINITE else {
      throw .notFinite(what: "the loss of step \(stepCount)", index: 0, got: Float(value))
    }
    try check(status)
    stepCount += 1
    return value
  }
}
