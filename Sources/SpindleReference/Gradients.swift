import Spindle

extension Simulation {
  /// Backward through time: the gradients of all layers, and the adjoints of the initial states
  /// [B,N].
  ///
  /// - Parameters:
  ///   - loss: the derivatives by the last layer's spikes and membranes.
  ///   - penalty: by each spike of a neuron of each layer [N]; nil for none.
  ///   - final: the adjoints of the states after the last step [B,N] of each layer; empty for zero.
  func backward(
    _ trace: ReferenceTrace<Scalar>, _ loss: LossGradient<Scalar>, _ penalty: [[Scalar]?],
    _ final: [[NeuronAdjoint<Scalar>]]
  ) -> (layers: [LayerGradient<Scalar>], initial: [[NeuronAdjoint<Scalar>]]) {
    var gradients = layers.map { LayerGradient($0) }
    var initial = layers.map { _ in [NeuronAdjoint<Scalar>]() }
    for b in 0..<batch {
      // dL/d(state), of the state after step t, then of that before it.
      var adjoints = layers.enumerated().map { index, layer in
        let count = layer.neurons.count
        return final.isEmpty
          ? layer.neurons.map { _ in NeuronAdjoint<Scalar>() }
          : Array(final[index][b * count..<(b + 1) * count])
      }
      for t in (0..<steps).reversed() {
        for index in layers.indices.reversed() {
          let isLast = index == layers.count - 1
          if isLast { loss.add(row: b * steps + t, to: &adjoints[index]) }
          if let slopes = penalty[index] {
            for n in slopes.indices { adjoints[index][n].s += slopes[n] }
          }
          let byInput = backward(index, b, t, trace, &adjoints[index], &gradients[index])
          if index > 0 { add(byInput, ofLayer: index, b, to: &adjoints[index - 1]) }
        }
      }
      for index in layers.indices { initial[index] += adjoints[index] }
    }
    return (gradients, initial)
  }

  /// One layer, one step, one sample; returns dL/dx_t [I].
  private func backward(
    _ index: Int, _ b: Int, _ t: Int, _ trace: ReferenceTrace<Scalar>,
    _ adjoint: inout [NeuronAdjoint<Scalar>], _ gradient: inout LayerGradient<Scalar>
  ) -> [Scalar] {
    let layer = layers[index]
    let before = trace.layers[index].states(b, t)
    let now = trace.layers[index].states(b, t + 1)
    let delta = layer.neurons.indices.map { n in
      layer.neurons[n].backward(before[n], now[n], &adjoint[n], &gradient.neurons[n])
    }
    return layer.backward(
      delta, layerInput(index, b, t, trace.layers), before, &adjoint, &gradient,
      isFirst: index == 0)
  }

  /// Adds dL/dx_t [I] of a layer to the adjoint of the output that it reads.
  private func add(
    _ byInput: [Scalar], ofLayer index: Int, _ b: Int, to below: inout [NeuronAdjoint<Scalar>]
  ) {
    let factors = factors(index, b)
    for i in byInput.indices { below[i].s += byInput[i] * (factors?[i] ?? 1) }
  }
}

extension Reference {
  /// From sums over decays to gradients by name, each in its parameter's shape.
  func named(_ gradients: [LayerGradient<Scalar>]) -> [String: [Scalar]] {
    var result: [String: [Scalar]] = [:]
    for parameter in parameters {
      let gradient = gradients[parameter.layer]
      /// d exp(-dt/tau) / d tau = exp(-dt/tau) dt / tau^2.
      func byTau(
        _ sum: KeyPath<NeuronGradient<Scalar>, Scalar>, _ decay: KeyPath<Neuron<Scalar>, Scalar>
      ) -> [Scalar] {
        let taus = values[parameter.name] ?? []
        return taus.indices.map { n in
          gradient.neurons[n][keyPath: sum] * layers[parameter.layer].neurons[n][keyPath: decay]
            * Scalar(description.timeStep) / taus[n] / taus[n]
        }
      }
      result[parameter.name] =
        switch parameter.role {
        case .weight: gradient.weight
        case .bias: gradient.bias
        case .recurrentWeight: gradient.recurrentWeight
        case .tau: byTau(\.beta, \.beta)
        case .synapticTau: byTau(\.alpha, \.alpha)
        case .threshold: gradient.neurons.map(\.threshold)
        case .adaptationStrength: gradient.neurons.map(\.strength)
        case .adaptationTau: byTau(\.rho, \.rho)
        }
    }
    return result
  }
}
