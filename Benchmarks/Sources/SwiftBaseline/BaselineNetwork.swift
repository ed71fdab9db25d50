/// The workloads' networks in plain Swift with SIMD16, what clean Swift can do for speed: the baseline
/// of the benchmarks. It has no more options than they need, and checks nothing; `SpindleReference`
/// is the definition.
///
/// Shape letters: B batch, T steps, I inputs, N neurons, S samples of one chunk, W blocks of 16
/// neurons in a row. Tasks compute chunks of 16 samples; no result depends on their number.
public struct BaselineNetwork: Sendable {
  let layers: [BaselineLayer]
  /// Enough samples to share a weight's way from memory, few enough to stay in cache.
  private static let chunkSize = 16

  /// Layers from the input on; integrators last alone.
  public init(_ layers: [BaselineLayer]) { self.layers = layers }

  /// What a run leaves of the first layer [B,T,N], and what training does besides.
  public struct Result: Sendable {
    /// s of the first layer.
    public var spikes: [Float] = []
    /// u of the first layer.
    public var potential: [Float] = []
    /// The loss; 0 without.
    public var loss: Float = 0
    /// By name, as in "0.weight" and "0.recurrent_weight".
    public var gradients: [String: [Float]] = [:]
  }

  /// Forward through time of x [B,T,I] and, with a loss, backward. `recordsFirst` says whether the
  /// result holds the first layer's spikes and potentials.
  public func run(
    input: [Float], batch: Int, steps: Int, loss: BaselineLoss? = nil, recordsFirst: Bool = false,
    tasks: Int = 1
  ) async -> Result {
    let chunks = stride(from: 0, to: batch, by: Self.chunkSize).map {
      $0..<min($0 + Self.chunkSize, batch)
    }
    let traces = await chunks.map(tasks: tasks) {
      forward(input, $0, batch: batch, steps: steps, loss: loss)
    }
    var result = Result()
    if recordsFirst { record(traces, chunks, steps: steps, to: &result) }
    guard let loss else { return result }
    let (value, lossGradients) = loss.evaluate(
      traces.compactMap(\.summary), samples: chunks, neurons: layers[layers.count - 1].neurons)
    let gradients = await chunks.indices.map(tasks: tasks) {
      backward(traces[$0], lossGradients[$0], samples: chunks[$0].count, steps: steps)
    }
    result.loss = value
    for (index, layer) in layers.enumerated() {
      var sum = gradients[0][index]
      for gradient in gradients.dropFirst() {
        sum.weight.add(gradient[index].weight)
        sum.recurrentWeight.add(gradient[index].recurrentWeight)
      }
      result.gradients["\(index).weight"] = sum.weight.unpadded(columns: layer.neurons)
      if layer.recurrentWeight != nil {
        result.gradients["\(index).recurrent_weight"] = sum.recurrentWeight.unpadded(
          columns: layer.neurons)
      }
    }
    return result
  }

  /// What forward keeps of one chunk.
  private struct ChunkTrace: Sendable {
    /// The input that is not zero [T S].
    let input: Events
    var layers: [LayerTrace]
    var summary: LossSummary?
  }

  private func forward(
    _ input: [Float], _ samples: Range<Int>, batch: Int, steps: Int, loss: BaselineLoss?
  ) -> ChunkTrace {
    let rows = steps * samples.count
    let inputs = layers[0].inputs
    var events = Events(rows: rows, count: rows * inputs / 16)
    for step in 0..<steps {
      for sample in samples {
        let start = (sample * steps + step) * inputs
        events.appendRow(input.span.extracting(start..<start + inputs))
      }
    }
    var traces = layers.map { layer in
      LayerTrace(
        potential: .zeros(rows: rows, columns: layer.neurons),
        spikes: layer.threshold == nil ? [] : .zeros(rows: rows, columns: layer.neurons),
        events: Events(rows: rows, count: rows * layer.neurons / 8))
    }
    var membranes = layers.map { [Block].zeros(rows: samples.count, columns: $0.neurons) }
    for step in 0..<steps {
      for (index, layer) in layers.enumerated() {
        layer.forward(
          step: step, samples: samples.count, input: index == 0 ? events : traces[index - 1].events,
          membrane: &membranes[index], trace: &traces[index])
      }
    }
    let last = layers.count - 1
    return ChunkTrace(
      input: events, layers: traces,
      summary: loss?.summarize(layers[last], traces[last], samples: samples.count))
  }

  private func backward(
    _ trace: ChunkTrace, _ lossGradient: LossGradient, samples: Int, steps: Int
  ) -> [LayerGradient] {
    var gradients = layers.map { LayerGradient($0, samples: samples) }
    for step in (0..<steps).reversed() {
      for (index, layer) in layers.enumerated().reversed() {
        if index == layers.count - 1 {
          lossGradient.add(step: step, width: layer.width, to: &gradients[index])
        }
        layer.backward(
          step: step, samples: samples,
          input: index == 0 ? trace.input : trace.layers[index - 1].events,
          trace: trace.layers[index], gradient: &gradients[index])
        guard index > 0 else { continue }
        addProduct(
          gradients[index].current, layer.weightTransposed, to: &gradients[index - 1].spike,
          samples: samples, width: layer.width, targetWidth: layers[index - 1].width)
      }
    }
    return gradients
  }

  /// The first layer's trace from [T,S,N] in padded blocks of each chunk to [B,T,N].
  private func record(
    _ traces: [ChunkTrace], _ chunks: [Range<Int>], steps: Int, to result: inout Result
  ) {
    for (trace, samples) in zip(traces, chunks) {
      for sample in 0..<samples.count {
        for step in 0..<steps {
          let start = (step * samples.count + sample) * layers[0].width
          let row = start..<start + layers[0].width
          let neurons = layers[0].neurons
          result.spikes += Array(trace.layers[0].spikes[row]).unpadded(columns: neurons)
          result.potential += Array(trace.layers[0].potential[row]).unpadded(columns: neurons)
        }
      }
    }
  }
}

extension Sequence where Self: Sendable, Element: Sendable {
  /// `transform` of every element, in order, computed by at most `tasks` tasks at a time.
  func map<Result: Sendable>(
    tasks: Int, _ transform: @escaping @Sendable (Element) -> Result
  ) async -> [Result] {
    guard tasks > 1 else { return map(transform) }
    return await withTaskGroup(of: (Int, Result).self) { group in
      var results: [(Int, Result)] = []
      for (index, element) in enumerated() {
        if index >= tasks, let result = await group.next() { results.append(result) }
        group.addTask { (index, transform(element)) }
      }
      for await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map { $0.1 }
    }
  }
}
