/// A spiking network in plain Swift: the definition of the semantics, written to be read.
///
/// In `Double` it judges faster engines; in `Float` it is what clean Swift can do for speed.
/// Shape letters: B batch, T steps, I inputs, N neurons. All state is zero before the first step.
/// No result depends on the number of tasks.
public struct ReferenceNetwork<Scalar: ReferenceScalar>: Sendable {
  /// dt, seconds.
  public let timeStep: Scalar
  /// Synapse and neuron layers in turn.
  public let layers: [ReferenceLayer<Scalar>]
  let stages: [Stage<Scalar>]

  /// A network of at least one synapse layer and one neuron layer, taking turns.
  ///
  /// - Throws: ``ReferenceError`` where a shape, a constant or the order of the layers is wrong.
  public init(timeStep: Scalar, layers: [ReferenceLayer<Scalar>]) throws(ReferenceError) {
    try Self.validate(timeStep: timeStep, layers: layers)
    self.timeStep = timeStep
    self.layers = layers
    var stages: [Stage<Scalar>] = []
    for index in stride(from: 1, to: layers.count, by: 2) {
      guard case .synapse(let synapse) = layers[index - 1] else { continue }
      let (isFirst, isLast) = (index == 1, index == layers.count - 1)
      switch layers[index] {
      case .synapse: continue
      case .lif(let lif):
        stages.append(
          Stage(
            synapse, NeuronParameters(lif, timeStep: timeStep),
            recurrentWeight: lif.isOneToOne ? nil : lif.recurrentWeight, isFirst: isFirst,
            isLast: isLast))
      case .li(let li):
        stages.append(
          Stage(
            synapse, NeuronParameters(li, timeStep: timeStep), recurrentWeight: nil,
            isFirst: isFirst, isLast: isLast))
      }
    }
    self.stages = stages
  }

  /// Forward through time.
  ///
  /// - Parameters:
  ///   - input: x [B,T,I].
  ///   - batch: B.
  ///   - steps: T.
  ///   - rule: when a neuron fires.
  ///   - tasks: how many tasks may compute at the same time; no result depends on it.
  /// - Throws: ``ReferenceError`` where a shape is wrong.
  public func run(
    input: [Scalar], batch: Int, steps: Int, spikes rule: ReferenceSpikeRule<Scalar> = .threshold,
    tasks: Int = 1
  ) async throws(ReferenceError) -> ReferenceTrace<Scalar> {
    try validate(input: input, batch: batch, steps: steps, rule: rule)
    let simulation = Simulation(stages: stages, input: input, rule: rule, loss: nil)
    let chunks = Chunk.cut(batch: batch, steps: steps)
    return trace(await chunks.map(tasks: tasks) { simulation.forward($0) }, steps: steps)
  }

  /// Forward and backward through time: the loss and the gradient of every parameter.
  ///
  /// - Parameters:
  ///   - input: x [B,T,I].
  ///   - batch: B.
  ///   - steps: T.
  ///   - loss: what is computed of the last layer, and derived.
  ///   - rule: when a neuron fires.
  ///   - penalties: of firing rates, added to the loss whose gradient is computed.
  ///   - tasks: how many tasks may compute at the same time; no result depends on it.
  /// - Throws: ``ReferenceError`` where a shape or a label is wrong, or the loss reads spikes
  ///   that the last layer does not have.
  public func step(
    input: [Scalar], batch: Int, steps: Int, loss: ReferenceLoss<Scalar>,
    penalties: [ReferencePenalty<Scalar>] = [],
    spikes rule: ReferenceSpikeRule<Scalar> = .threshold, tasks: Int = 1
  ) async throws(ReferenceError) -> ReferenceStep<Scalar> {
    try validate(input: input, batch: batch, steps: steps, rule: rule)
    try validate(loss: loss, batch: batch, steps: steps)
    let simulation = Simulation(stages: stages, input: input, rule: rule, loss: loss)
    let chunks = Chunk.cut(batch: batch, steps: steps)
    let traces = await chunks.map(tasks: tasks) { simulation.forward($0) }
    let (value, lossGradients) = loss.evaluate(
      traces.compactMap(\.summary), chunks: chunks, neurons: stages[stages.count - 1].neurons,
      timeStep: timeStep)
    let (penalty, rateGradients) = simulation.penalize(
      penalties, traces, batch: batch, steps: steps)
    let gradients = await chunks.indices.map(tasks: tasks) {
      simulation.backward(traces[$0], lossGradients[$0], rateGradients: rateGradients)
    }
    return ReferenceStep(
      loss: value, penalty: penalty, gradients: named(sum(gradients)),
      trace: trace(traces, steps: steps))
  }

  /// Adds the chunks' gradients in order.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func sum(_ gradients: [[StageGradient<Scalar>]]) -> [StageGradient<Scalar>] {
    var total = gradients[0]
    for gradient in gradients.dropFirst() {
      for index in total.indices { total[index].add(gradient[index]) }
    }
    return total
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func named(_ gradients: [StageGradient<Scalar>]) -> [String: [Scalar]] {
    var result: [String: [Scalar]] = [:]
    for (index, (stage, gradient)) in zip(stages, gradients).enumerated() {
      let (synapse, neuron, count) = (2 * index, 2 * index + 1, stage.neurons)
      result["\(synapse).weight"] = gradient.weight.unpadded(columns: count)
      if stage.bias != nil {
        result["\(synapse).bias"] = gradient.bias.unpadded(columns: count)
      }
      if stage.recurrentWeight != nil {
        result["\(neuron).recurrent_weight"] = gradient.recurrentWeight.unpadded(columns: count)
      }
      if stage.parameters.oneToOne != nil {
        result["\(neuron).recurrent_weight"] = gradient.neurons.recurrent.unpadded(columns: count)
      }
      if stage.parameters.learnsTau {
        let byTau = zip(gradient.neurons.beta, stage.parameters.betaByTau).map { $0 * $1 }
        result["\(neuron).tau"] = byTau.unpadded(columns: count)
      }
      if stage.parameters.learnsSynapticTau {
        let byTau = zip(gradient.neurons.alpha, stage.parameters.alphaByTau).map { $0 * $1 }
        result["\(neuron).synaptic_tau"] = byTau.unpadded(columns: count)
      }
      if stage.parameters.learnsThreshold {
        result["\(neuron).threshold"] = gradient.neurons.threshold.unpadded(columns: count)
      }
      guard let adaptation = stage.parameters.adaptation else { continue }
      if adaptation.learnsStrength {
        let strength = gradient.neurons.strength
        result["\(neuron).adaptation_strength"] = strength.unpadded(columns: count)
      }
      if adaptation.learnsTau {
        let byTau = zip(gradient.neurons.rho, adaptation.rhoByTau).map { $0 * $1 }
        result["\(neuron).adaptation_tau"] = byTau.unpadded(columns: count)
      }
    }
    return result
  }

  private func trace(_ traces: [ChunkTrace<Scalar>], steps: Int) -> ReferenceTrace<Scalar> {
    ReferenceTrace(
      layers: stages.indices.map { index in
        ReferenceLayerTrace(
          index: 2 * index + 1, neurons: stages[index].neurons,
          parameters: stages[index].parameters, steps: steps,
          chunks: traces.map { ($0.chunk.samples, $0.layers[index]) })
      })
  }
}
