/// A layer of the workloads: weights, recurrent weights or none, and neurons with one time constant:
/// LIF with reset by subtraction and a fast sigmoid, or leaky integrators.
public struct BaselineLayer: Sendable {
  let inputs: Int
  let neurons: Int
  /// W, blocks in a row of neurons.
  let width: Int
  /// [I,W].
  let weight: [Block]
  /// W^T in panels [blocks of I, 16 W].
  let weightTransposed: [Block]
  /// R [N,W], row: source, column: target.
  let recurrentWeight: [Block]?
  /// R^T in panels [W, 16 W].
  let recurrentTransposed: [Block]
  let beta: Float
  /// nil for integrators.
  let threshold: Float?
  /// Of the surrogate 1 / (slope |x| + 1)^2.
  let slope: Float

  /// A layer of W [I,N] and R [N,N], beta = exp(-dt / tau) and a positive threshold, nil for
  /// integrators.
  public init(
    inputs: Int, neurons: Int, weight: [Float], recurrentWeight: [Float]? = nil, beta: Float,
    threshold: Float? = nil, slope: Float = 1
  ) {
    self.inputs = inputs
    self.neurons = neurons
    self.beta = beta
    self.threshold = threshold
    self.slope = slope
    width = blockCount(neurons)
    self.weight = Array(rows: inputs, columns: neurons) { weight[$0 * neurons + $1] }
    weightTransposed = Self.transposedPanels(of: weight, rows: inputs, columns: neurons)
    self.recurrentWeight = recurrentWeight.map { weight in
      Array(rows: neurons, columns: neurons) { weight[$0 * neurons + $1] }
    }
    recurrentTransposed =
      recurrentWeight.map { Self.transposedPanels(of: $0, rows: neurons, columns: neurons) } ?? []
  }

  /// The transpose of `matrix` [rows,columns], cut into panels of 16 of its columns, one after the
  /// other: [blocks of rows, columns padded to blocks]. A product walks along a panel.
  private static func transposedPanels(of matrix: [Float], rows: Int, columns: Int) -> [Block] {
    let length = blockCount(columns) * 16
    var panels: [Block] = .zeros(rows: blockCount(rows) * length, columns: 16)
    for row in 0..<rows {
      for column in 0..<columns {
        panels[row / 16 * length + column][row % 16] = matrix[row * columns + column]
      }
    }
    return panels
  }
}

/// What forward keeps of one layer and one chunk of S samples.
struct LayerTrace: Sendable {
  /// u [T,S,W].
  var potential: [Block]
  /// s [T,S,W]; empty for integrators, whose membrane is u.
  var spikes: [Block]
  /// The spikes, a row for each step and sample [T S].
  var events: Events
}

/// What backward carries from step to step in one layer, and sums over the steps.
struct LayerGradient: Sendable {
  /// dL/ds, dL/dv and delta = dL/di of this step [S,W].
  var spike: [Block]
  var membrane: [Block]
  var current: [Block]
  /// dL/dW [I,W] and dL/dR [N,W].
  var weight: [Block]
  var recurrentWeight: [Block]

  init(_ layer: BaselineLayer, samples: Int) {
    spike = .zeros(rows: samples, columns: layer.neurons)
    membrane = spike
    current = spike
    weight = .zeros(rows: layer.inputs, columns: layer.neurons)
    recurrentWeight = layer.recurrentWeight.map { Array(repeating: .zero, count: $0.count) } ?? []
  }
}

extension BaselineLayer {
  /// v of an element of a trace.
  @inline(__always)
  func membrane(_ trace: LayerTrace, _ element: Int) -> Block {
    guard let threshold else { return trace.potential[element] }
    return trace.potential[element] - trace.spikes[element] * threshold
  }

  /// One step of all samples: u = beta v + x W + s R, s = 1 where u > threshold, v = u - s threshold.
  @inline(__always)
  func forward(
    step: Int, samples: Int, input: borrowing Events, membrane: inout [Block],
    trace: inout LayerTrace
  ) {
    for row in membrane.indices { membrane[row] *= beta }
    for sample in 0..<samples {
      gather(
        input, row: step * samples + sample, from: weight, into: &membrane, at: sample * width,
        width: width)
      guard let recurrentWeight, step > 0 else { continue }
      gather(
        trace.events, row: (step - 1) * samples + sample, from: recurrentWeight, into: &membrane,
        at: sample * width, width: width)
    }
    let first = step * samples * width
    for row in membrane.indices { trace.potential[first + row] = membrane[row] }
    guard let threshold else { return }
    for row in membrane.indices {
      let spike = (membrane[row] - threshold).heaviside
      trace.spikes[first + row] = spike
      membrane[row] -= spike * threshold
    }
    let spikes = trace.spikes
    for sample in 0..<samples {
      let start = first + sample * width
      trace.events.appendRow(
        spikes.span.extracting(start..<start + width), columns: neurons)
    }
  }

  /// One step of all samples, downwards in time: dL/ds and dL/dv to delta, and the weights'
  /// gradients; leaves the gradients of the step before.
  @inline(__always)
  func backward(
    step: Int, samples: Int, input: borrowing Events, trace: borrowing LayerTrace,
    gradient: inout LayerGradient
  ) {
    for row in 0..<samples * width {
      var delta = gradient.membrane[row]
      if let threshold {
        let x = trace.potential[step * samples * width + row] - threshold
        let d = x.magnitudes * slope + 1
        delta += (gradient.spike[row] - delta * threshold) / (d * d)
        gradient.spike[row] = .zero
      }
      gradient.current[row] = delta
      gradient.membrane[row] = delta * beta
    }
    for sample in 0..<samples {
      scatter(
        input, row: step * samples + sample, delta: gradient.current, at: sample * width,
        into: &gradient.weight, width: width)
      guard recurrentWeight != nil, step > 0 else { continue }
      scatter(
        trace.events, row: (step - 1) * samples + sample, delta: gradient.current,
        at: sample * width, into: &gradient.recurrentWeight, width: width)
    }
    guard recurrentWeight != nil, step > 0 else { return }
    addProduct(
      gradient.current, recurrentTransposed, to: &gradient.spike, samples: samples, width: width,
      targetWidth: width)
  }
}
