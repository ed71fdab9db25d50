// Shape letters: S samples of one chunk, W blocks of 16 neurons in a row.

extension Stage {
  /// Forward: i_t = x_t W + b + s_{t-1} R for all samples.
  ///
  /// The two products are summed apart and then added, as in the definition.
  @inline(__always)
  func current(
    step: Int, samples: Int, input: borrowing Events<Scalar>, own: borrowing Events<Scalar>,
    state: inout NeuronState<Scalar>
  ) {
    for row in 0..<samples * width { state.current[row] = bias?[row % width] ?? .zero }
    for sample in 0..<samples {
      gather(
        input, row: step * samples + sample, from: weight, into: &state.current,
        at: sample * width, width: width)
    }
    guard let recurrentWeight, step > 0 else { return }
    for sample in 0..<samples {
      gather(
        own, row: (step - 1) * samples + sample, from: recurrentWeight,
        into: &state.current, at: sample * width, width: width)
    }
  }

  /// Forward: the step's output, s or v, as events for the layer above and for the next step.
  /// `factors` [S,W] are those of the layer above.
  @inline(__always)
  func collectEvents(
    _ step: Int, _ samples: Int, _ state: borrowing NeuronState<Scalar>,
    factors: [SIMD16<Scalar>]?, _ trace: inout NeuronTrace<Scalar>
  ) {
    let first = step * samples
    if parameters.hasSpikes {
      collectEvents(trace.spikes, first, samples, &trace.events)
    } else {
      collectEvents(state.membrane, 0, samples, &trace.events)
    }
    guard let factors else { return }
    let scaled = factors.indices.map {
      factors[$0] * (parameters.hasSpikes ? trace.spikes[first * width + $0] : state.membrane[$0])
    }
    var events = trace.scaledEvents ?? Events(rows: trace.potential.count / width, count: 0)
    trace.scaledEvents = nil
    collectEvents(scaled, 0, samples, &events)
    trace.scaledEvents = events
  }

  /// Adds `samples` rows of `output`, from row `first` on.
  @inline(__always)
  private func collectEvents(
    _ output: [SIMD16<Scalar>], _ first: Int, _ samples: Int, _ events: inout Events<Scalar>
  ) {
    for row in first..<first + samples {
      events.appendRow(
        output.span.extracting(row * width..<(row + 1) * width), columns: neurons)
    }
  }

  /// Backward: dL/dW += x_t^T delta, dL/db += delta, dL/dR += s_{t-1}^T delta, and
  /// dL/ds_{t-1} = delta R^T.
  @inline(__always)
  func addWeightGradients(
    step: Int, samples: Int, input: borrowing Events<Scalar>, own: borrowing Events<Scalar>,
    to gradient: inout StageGradient<Scalar>
  ) {
    for sample in 0..<samples {
      scatter(
        input, row: step * samples + sample, delta: gradient.neurons.current, at: sample * width,
        into: &gradient.weight, width: width)
    }
    if bias != nil {
      for row in 0..<samples * width {
        gradient.bias[row % width] += gradient.neurons.current[row]
      }
    }
    guard recurrentWeight != nil, step > 0 else { return }
    for sample in 0..<samples {
      scatter(
        own, row: (step - 1) * samples + sample, delta: gradient.neurons.current,
        at: sample * width, into: &gradient.recurrentWeight, width: width)
    }
    addProduct(
      gradient.neurons.current, recurrentTransposed, to: &gradient.neurons.spike, samples: samples,
      width: width,
      targetWidth: width)
  }

  /// Backward: dL/dx += delta W^T, the gradient of the output of the layer below; times the input's
  /// factors [S, blocks of I].
  @inline(__always)
  func addInputGradient(
    _ delta: [SIMD16<Scalar>], _ samples: Int, factors: [SIMD16<Scalar>]?,
    to gradient: inout [SIMD16<Scalar>]
  ) {
    let below = blockCount(inputs)
    guard let factors else {
      return addProduct(
        delta, weightTransposed, to: &gradient, samples: samples, width: width, targetWidth: below)
    }
    var product: [SIMD16<Scalar>] = .zeros(rows: samples, columns: inputs)
    addProduct(
      delta, weightTransposed, to: &product, samples: samples, width: width, targetWidth: below)
    for row in product.indices { gradient[row] += product[row] * factors[row] }
  }
}
