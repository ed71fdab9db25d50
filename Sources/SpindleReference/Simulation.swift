// Shape letters: B batch, T steps, I inputs, N neurons, S samples of one chunk,
// W blocks of 16 neurons in a row.

/// What forward keeps of one chunk.
struct ChunkTrace<Scalar: ReferenceScalar>: Sendable {
  let chunk: Chunk
  /// The input that is not zero [T S].
  let input: Events<Scalar>
  /// One for each stage.
  var layers: [NeuronTrace<Scalar>]
  var summary: LossSummary<Scalar>?
}

/// Sums over samples and steps, one for each stage.
struct StageGradient<Scalar: ReferenceScalar>: Sendable {
  /// dL/dW [I,W].
  var weight: [SIMD16<Scalar>]
  /// dL/db [W].
  var bias: [SIMD16<Scalar>]
  /// dL/dR [N,W]; empty for a feed-forward layer.
  var recurrentWeight: [SIMD16<Scalar>]
  var neurons: NeuronGradient<Scalar>

  init(_ stage: Stage<Scalar>, samples: Int) {
    weight = .zeros(rows: stage.inputs, columns: stage.neurons)
    bias = .zeros(rows: 1, columns: stage.neurons)
    recurrentWeight = stage.recurrentWeight.map { Array(repeating: .zero, count: $0.count) } ?? []
    neurons = NeuronGradient(samples: samples, neurons: stage.neurons)
  }

  /// Adds the sums of another chunk.
  mutating func add(_ other: StageGradient) {
    weight.add(other.weight)
    bias.add(other.bias)
    recurrentWeight.add(other.recurrentWeight)
    neurons.alpha.add(other.neurons.alpha)
    neurons.recurrent.add(other.neurons.recurrent)
    neurons.beta.add(other.neurons.beta)
    neurons.threshold.add(other.neurons.threshold)
    neurons.strength.add(other.neurons.strength)
    neurons.rho.add(other.neurons.rho)
  }
}

/// A validated network, input and rule: everything that a chunk needs.
struct Simulation<Scalar: ReferenceScalar>: Sendable {
  let stages: [Stage<Scalar>]
  /// [B,T,I].
  let input: [Scalar]
  let rule: ReferenceSpikeRule<Scalar>
  let loss: ReferenceLoss<Scalar>?

  /// Forward through time, from the input to the summary of the loss.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func forward(_ chunk: Chunk) -> ChunkTrace<Scalar> {
    let samples = chunk.samples.count
    let events = chunk.events(scaledInput, columns: stages[0].inputs)
    let factors = inputFactors(chunk)
    var layers = stages.indices.map { emptyTrace($0, chunk) }
    var states = stages.map { NeuronState<Scalar>(samples: samples, neurons: $0.neurons) }
    for step in 0..<chunk.steps {
      for (index, stage) in stages.enumerated() {
        stage.current(
          step: step, samples: samples, input: index == 0 ? events : layers[index - 1].output,
          own: layers[index].events, state: &states[index])
        stage.parameters.forward(
          step: step, samples: samples, rule: chunkRule(index), state: &states[index],
          trace: &layers[index])
        guard stage.keepsEvents else { continue }
        let above = index + 1 < stages.count ? factors[index + 1] : nil
        stage.collectEvents(step, samples, states[index], factors: above, &layers[index])
      }
    }
    var trace = ChunkTrace(chunk: chunk, input: events, layers: layers)
    if let last = stages.indices.last {
      trace.summary = loss?.summarize(chunk, stages[last], layers[last])
    }
    return trace
  }

  /// Backward through time, from the gradient of the loss to those of the parameters.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func backward(
    _ trace: ChunkTrace<Scalar>, _ lossGradient: LossGradient<Scalar>,
    rateGradients: [[SIMD16<Scalar>]] = []
  ) -> [StageGradient<Scalar>] {
    let samples = trace.chunk.samples.count
    let factors = inputFactors(trace.chunk)
    var gradients = stages.map { StageGradient($0, samples: samples) }
    for step in (0..<trace.chunk.steps).reversed() {
      for (index, stage) in stages.enumerated().reversed() {
        if index == stages.count - 1 {
          lossGradient.add(
            step: step, samples: samples, parameters: stage.parameters,
            trace: trace.layers[index], to: &gradients[index].neurons)
        }
        if index < rateGradients.count, !rateGradients[index].isEmpty {
          for row in gradients[index].neurons.spike.indices {
            gradients[index].neurons.spike[row] += rateGradients[index][row % stage.width]
          }
        }
        stage.parameters.backward(
          step: step, samples: samples, trace: trace.layers[index],
          gradient: &gradients[index].neurons)
        stage.addWeightGradients(
          step: step, samples: samples,
          input: index == 0 ? trace.input : trace.layers[index - 1].output,
          own: trace.layers[index].events, to: &gradients[index])
        if index > 0 {
          let delta = gradients[index].neurons.current
          if stages[index - 1].parameters.hasSpikes {
            stage.addInputGradient(
              delta, samples, factors: factors[index], to: &gradients[index - 1].neurons.spike)
          } else {
            stage.addInputGradient(
              delta, samples, factors: factors[index], to: &gradients[index - 1].neurons.membrane)
          }
        }
      }
    }
    return gradients
  }

  /// The input times the first layer's factors [B,T,I].
  private var scaledInput: [Scalar] {
    guard let factors = stages[0].inputFactors else { return input }
    let inputs = stages[0].inputs
    let steps = input.count / factors.count
    return input.enumerated().map { element, value in
      value * factors[element / (steps * inputs) * inputs + element % inputs]
    }
  }

  /// What each stage multiplies its input with [S, blocks of I].
  private func inputFactors(_ chunk: Chunk) -> [[SIMD16<Scalar>]?] {
    stages.map { stage in
      stage.inputFactors.map { chunk.packFactors($0, columns: stage.inputs) }
    }
  }

  private func chunkRule(_ index: Int) -> ChunkSpikeRule {
    switch rule {
    case .threshold: .threshold
    case .forced(let spikes): spikes[index] == nil ? .threshold : .forced
    case .smooth: .smooth
    }
  }

  /// The trace before the first step, with the spikes or resets that are given.
  private func emptyTrace(_ index: Int, _ chunk: Chunk) -> NeuronTrace<Scalar> {
    let stage = stages[index]
    let rows = chunk.steps * chunk.samples.count
    var trace = NeuronTrace<Scalar>(
      potential: .zeros(rows: rows, columns: stage.neurons), spikes: [],
      events: Events(rows: rows, count: stage.keepsEvents ? rows * stage.neurons / 8 : 0))
    if stage.parameters.learnsSynapticTau { trace.filtered = trace.potential }
    if stage.parameters.adaptation != nil { trace.adaptation = trace.potential }
    if stage.parameters.refractorySteps > 0 { trace.gate = trace.potential }
    switch rule {
    case .forced(let spikes):
      if let given = spikes[index] {
        trace.spikes = chunk.pack(given, columns: stage.neurons)
      }
    case .smooth(let resets):
      if index < resets.count, let given = resets[index] {
        trace.resets = chunk.pack(given, columns: stage.neurons)
      }
    case .threshold: break
    }
    if trace.spikes.isEmpty && stage.parameters.hasSpikes {
      trace.spikes = .zeros(rows: rows, columns: stage.neurons)
    }
    return trace
  }
}
