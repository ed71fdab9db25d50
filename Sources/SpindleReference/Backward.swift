import Spindle

extension ReferenceTrace {
  /// Backward through time: a loss, and the gradient of every parameter.
  ///
  /// - Parameters:
  ///   - loss: what is computed of the last layer, and derived; any but a custom one.
  ///   - target: what the loss compares with.
  ///   - classWeights: factors of samples in a cross-entropy, by their class [N]; nil for 1.
  ///   - penalties: of firing rates, added to the loss whose gradient is computed.
  ///   - finalAdjoints: the derivatives of what follows by the states after the last step, [B,N] of
  ///     each layer; empty for zero.
  /// - Throws: `SpindleError` where a size, a class or a penalty is wrong, or the loss reads spikes
  ///   that the last layer does not have.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func step(
    loss: Loss, target: Target, classWeights: [Scalar]? = nil, penalties: [RatePenalty] = [],
    finalAdjoints: [[NeuronAdjoint<Scalar>]] = []
  ) throws(SpindleError) -> ReferenceStep<Scalar> {
    try check(loss, target, penalties, finalAdjoints)
    if let classWeights {
      try checkCount(classWeights, [network.description.outputs], "the class weights")
    }
    let (value, slopes) = layers[layers.count - 1].evaluate(
      loss, target, classWeights, timeStep: Scalar(network.description.timeStep))
    let penalty = penalize(penalties)
    var gradients = network.description.layers.enumerated().map { index, layer in
      ReferenceLayer<Scalar>(layer, inputs: network.description.inputs(of: index))
    }
    var initial = layers.map { _ in [NeuronAdjoint<Scalar>]() }
    for b in 0..<batch {
      // dL/d(state), of the state after step t, then of that before it [N].
      var adjoints = layers.map { layer in
        let row = b * layer.neurons..<(b + 1) * layer.neurons
        return finalAdjoints.isEmpty
          ? row.map { _ in NeuronAdjoint() } : Array(finalAdjoints[layer.index][row])
      }
      for t in (0..<ends[b]).reversed() {
        for index in layers.indices.reversed() {
          let isLast = index == layers.count - 1
          for n in adjoints[index].indices where isLast {
            let slope = slopes[(b * steps + t) * adjoints[index].count + n]
            adjoints[index][n].s += loss.readsSpikes ? slope : 0
            adjoints[index][n].v += loss.readsSpikes ? 0 : slope
          }
          for (n, slope) in penalty.bySpike[index].enumerated() { adjoints[index][n].s += slope }
          backward(index, b, t, &adjoints, &gradients[index])
        }
      }
      for index in layers.indices { initial[index] += adjoints[index] }
    }
    return ReferenceStep(
      loss: value, penalty: penalty.value, gradients: network.named(gradients),
      initialAdjoints: initial, trace: self)
  }

  /// One layer, one step, one sample.
  private func backward(
    _ index: Int, _ b: Int, _ t: Int, _ adjoints: inout [[NeuronAdjoint<Scalar>]],
    _ gradient: inout ReferenceLayer<Scalar>
  ) {
    let layer = layers[index].layer
    let (before, now) = (layers[index].states(b, t), layers[index].states(b, t + 1))
    var delta = [Scalar](repeating: 0, count: layer.neurons)
    for n in delta.indices {
      delta[n] = layer.backward(n, before[n], now[n], &adjoints[index][n], &gradient)
    }
    layer.backward(delta, x(index, b, t), before, &adjoints[index], &gradient)
    guard index > 0 else { return }
    // x_t is the spikes of the layer below, times the factors.
    let factors = factors(index)
    for i in 0..<layer.inputs {
      let byX = layer.product(delta, row: i, of: layer.weight)
      adjoints[index - 1][i].s += byX * (factors?[b * layer.inputs + i] ?? 1)
    }
  }
}

extension Reference {
  /// Gradients by name, those of decays turned into those of time constants:
  /// d exp(-dt / tau) / d tau = exp(-dt / tau) dt / tau^2.
  fileprivate func named(_ gradients: [ReferenceLayer<Scalar>]) -> [String: [Scalar]] {
    let dt = Scalar(description.timeStep)
    var result: [String: [Scalar]] = [:]
    for parameter in parameters {
      let place = ReferenceLayer<Scalar>.place(of: parameter.role)
      var gradient = gradients[parameter.layer][keyPath: place]
      guard let made = effective[parameter.name] else { continue }
      let taus = made.values
      if parameter.role.isTau {
        let decays = layers[parameter.layer][keyPath: place]
        for n in taus.indices { gradient[n] *= decays[n] * dt / taus[n] / taus[n] }
      }
      result[parameter.name] = zip(gradient, made.slopes).map { $0 * $1 }
    }
    return result
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
