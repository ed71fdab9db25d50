import Spindle

/// A spiking network in scalar loops over samples, steps and neurons: the definition of what Spindle
/// computes, to be read beside the equations. It shares nothing with the engine but the description
/// of the network.
///
/// In `Double` it judges the engine; in `Float` it shows what float32 makes of the same network.
/// Shape letters: B batch, T steps, I inputs, N neurons; all arrays are row by row. Neuron.swift has
/// the equations of a neuron, Layers.swift the sums over weights, Simulation.swift and
/// Gradients.swift the loops over time.
public struct Reference<Scalar: ReferenceScalar>: Sendable {
  /// The network.
  public let description: NetworkDescription
  /// What its parameters are.
  public let parameters: [Parameter]
  /// The numbers of each parameter, by name.
  public let values: [String: [Scalar]]
  let layers: [ReferenceLayer<Scalar>]

  /// A network with the numbers of its parameters by name, as in "0.weight"; numbers of neurons
  /// that are left out are the description's.
  ///
  /// - Throws: what `NetworkDescription.check` refuses; parameters that are missing or unknown,
  ///   have another number of numbers, are not finite or, where they must be, not positive.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    _ description: NetworkDescription, parameters given: [String: [Scalar]] = [:]
  ) throws(SpindleError) {
    try description.check()
    self.description = description
    parameters = try description.parameters
    values = try Self.check(given, description, parameters)
    let values = values
    layers = description.layers.enumerated().map { index, layer in
      ReferenceLayer(
        layer, inputs: description.inputs(of: index), timeStep: description.timeStep
      ) { values["\(index).\($0.rawValue)"] }
    }
  }

  /// Forward through time.
  ///
  /// - Parameters:
  ///   - input: x [B,T,I].
  ///   - batch: B.
  ///   - steps: T.
  ///   - spikes: when a neuron fires.
  ///   - initial: the states before the first step, [B,N] of each layer; nil for zero.
  ///   - inputFactors: what the input of each layer is multiplied with at all steps [B,I], 0 or
  ///     1 / (1 - p) for a dropout with probability p; nil for 1. Empty for 1 everywhere.
  /// - Throws: `SpindleError` where a size or a given spike is wrong.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func run(
    input: [Scalar], batch: Int, steps: Int, spikes: SpikeRule<Scalar> = .threshold,
    initial: [[NeuronState<Scalar>]]? = nil, inputFactors: [[Scalar]?] = []
  ) throws(SpindleError) -> ReferenceTrace<Scalar> {
    let simulation = Simulation(
      layers: layers, batch: batch, steps: steps, input: input, rule: spikes,
      initial: initial ?? [], inputFactors: inputFactors)
    try simulation.check()
    return simulation.forward()
  }

  /// Forward and backward through time: the loss and the gradient of every parameter.
  ///
  /// - Parameters:
  ///   - input: x [B,T,I].
  ///   - batch: B.
  ///   - steps: T.
  ///   - loss: what is computed of the last layer, and derived; any but a custom one.
  ///   - target: what the loss compares with.
  ///   - penalties: of firing rates, added to the loss whose gradient is computed.
  ///   - spikes: when a neuron fires.
  ///   - initial: the states before the first step, [B,N] of each layer; nil for zero.
  ///   - finalAdjoints: the derivatives of what follows by the states after the last step, [B,N] of
  ///     each layer; nil for zero.
  ///   - inputFactors: see `run`.
  /// - Throws: `SpindleError` where a size, a class or a given spike is wrong, or the loss reads
  ///   spikes that the last layer does not have.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func step(
    input: [Scalar], batch: Int, steps: Int, loss: Loss, target: Target,
    penalties: [RatePenalty] = [], spikes: SpikeRule<Scalar> = .threshold,
    initial: [[NeuronState<Scalar>]]? = nil, finalAdjoints: [[NeuronAdjoint<Scalar>]]? = nil,
    inputFactors: [[Scalar]?] = []
  ) throws(SpindleError) -> ReferenceStep<Scalar> {
    let simulation = Simulation(
      layers: layers, batch: batch, steps: steps, input: input, rule: spikes,
      initial: initial ?? [], inputFactors: inputFactors)
    try simulation.check()
    try simulation.check(loss, target)
    try simulation.check(finalAdjoints ?? [], "the final adjoints")
    let trace = simulation.forward()
    let lossGradient = simulation.lossInput(trace, target, timeStep: description.timeStep)
      .evaluate(loss)
    let penalty = trace.penalize(penalties)
    let gradients = simulation.backward(trace, lossGradient, penalty.slopes, finalAdjoints ?? [])
    return ReferenceStep(
      loss: lossGradient.value, penalty: penalty.value, gradients: named(gradients.layers),
      initialAdjoints: gradients.initial, trace: trace)
  }
}

/// What one training step returns.
public struct ReferenceStep<Scalar: ReferenceScalar>: Sendable {
  /// The loss, before any update and without the penalties.
  public let loss: Scalar
  /// The sum of the penalties of firing rates.
  public let penalty: Scalar
  /// The gradient of every parameter by name, as in "0.weight", learned or not, each in its
  /// parameter's shape; a time constant's in 1/second.
  public let gradients: [String: [Scalar]]
  /// The derivatives by the states before the first step, [B,N] of each layer.
  public let initialAdjoints: [[NeuronAdjoint<Scalar>]]
  /// What forward left.
  public let trace: ReferenceTrace<Scalar>
}
