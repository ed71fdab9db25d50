// Shape letters: B batch, T steps, N neurons, S samples of one chunk, W blocks of 16 neurons.

/// What the loss needs to know of one chunk.
enum LossSummary<Scalar: ReferenceScalar>: Sendable {
  /// Spikes of each step and neuron, summed over the samples [T,W].
  case spikeSums([SIMD16<Scalar>])
  /// Logits [S,W] and, for maxima, the step of each [S,W].
  case logits([SIMD16<Scalar>], peakSteps: [SIMD16<Scalar>])
  /// Sum of (v - target)^2.
  case squaredError(Scalar)
  /// s - target [T,S,W].
  case errors([SIMD16<Scalar>])
}

/// dL/ds or dL/dv of the last layer, as little of it as says everything.
enum LossGradient<Scalar: ReferenceScalar>: Sendable {
  /// dL/ds, the same for every sample [T,W].
  case spikesByStep([SIMD16<Scalar>])
  /// dL/ds [T,S,W].
  case spikes([SIMD16<Scalar>])
  /// dL/ds, the same at every step [S,W].
  case spikesBySample([SIMD16<Scalar>])
  /// dL/dv [S,W], the same at every step from the first on and 0 before it.
  case membraneBySample([SIMD16<Scalar>], firstStep: Int)
  /// dL/dv [S,W], at one step of each sample and neuron [S,W] and 0 at the others.
  case membraneAtPeak([SIMD16<Scalar>], peakSteps: [SIMD16<Scalar>])
  /// dL/dv = factor x (v - target), target [T,S,W].
  case membraneError(target: [SIMD16<Scalar>], factor: Scalar)

  /// Adds dL/ds and dL/dv of one step.
  @inline(__always)
  func add(
    step: Int, samples: Int, parameters: NeuronParameters<Scalar>, trace: NeuronTrace<Scalar>,
    to gradient: inout NeuronGradient<Scalar>
  ) {
    let width = parameters.beta.count
    let now = Scalar(step)
    for row in 0..<samples * width {
      switch self {
      case .spikesByStep(let values):
        gradient.spike[row] += values[step * width + row % width]
      case .spikes(let values): gradient.spike[row] += values[step * samples * width + row]
      case .spikesBySample(let values): gradient.spike[row] += values[row]
      case .membraneBySample(let values, let firstStep):
        if step >= firstStep { gradient.membrane[row] += values[row] }
      case .membraneAtPeak(let values, let peakSteps):
        let isPeak = (1 / 2 - (peakSteps[row] - now).magnitudes).heaviside
        gradient.membrane[row] += values[row] * isPeak
      case .membraneError(let target, let factor):
        let element = step * samples * width + row
        let v = parameters.membrane(trace, element, row % width)
        gradient.membrane[row] += (v - target[element]) * factor
      }
    }
  }
}

extension ReferenceLoss {
  /// The first step whose membranes a cross-entropy of their mean reads.
  private var firstStep: Int {
    if case .recallCrossEntropy(_, let first) = self { first } else { 0 }
  }

  /// Reads one chunk of the last layer, in the chunk's task.
  func summarize(
    _ chunk: Chunk, _ stage: Stage<Scalar>, _ trace: NeuronTrace<Scalar>
  ) -> LossSummary<Scalar> {
    let (steps, samples, width) = (chunk.steps, chunk.samples.count, stage.width)
    switch self {
    case .meanRateMSE:
      var sums: [SIMD16<Scalar>] = .zeros(rows: steps, columns: stage.neurons)
      for step in 0..<steps {
        for row in 0..<samples * width {
          sums[step * width + row % width] += trace.spikes[step * samples * width + row]
        }
      }
      return .spikeSums(sums)
    case .rateCrossEntropy, .spikeCountMSE, .firingRateMSE:
      var counts: [SIMD16<Scalar>] = .zeros(rows: samples, columns: stage.neurons)
      for step in 0..<steps {
        for row in counts.indices { counts[row] += trace.spikes[step * counts.count + row] }
      }
      return .logits(counts, peakSteps: [])
    case .maxMembraneCrossEntropy:
      var peaks = (0..<samples * width).map { stage.parameters.membrane(trace, $0, $0 % width) }
      var peakSteps = peaks.map { _ in SIMD16<Scalar>.zero }
      for step in 1..<max(1, steps) {
        for row in peaks.indices {
          let v = stage.parameters.membrane(trace, step * peaks.count + row, row % width)
          // Only a greater value replaces the peak: of equal maxima the first stays.
          let isGreater = Scalar._isPositive(v - peaks[row])
          peaks[row].replace(with: v, where: isGreater)
          peakSteps[row].replace(with: Scalar(step), where: isGreater)
        }
      }
      return .logits(peaks, peakSteps: peakSteps)
    case .meanMembraneCrossEntropy, .recallCrossEntropy:
      var means: [SIMD16<Scalar>] = .zeros(rows: samples, columns: stage.neurons)
      for step in firstStep..<steps {
        for row in means.indices {
          means[row] += stage.parameters.membrane(trace, step * means.count + row, row % width)
        }
      }
      return .logits(means.map { $0 / Scalar(steps - firstStep) }, peakSteps: [])
    case .membraneMSE(let target):
      let packed = chunk.pack(target, columns: stage.neurons)
      // In smooth mode the padding spikes too; it is no part of the loss.
      let isNeuron: [SIMD16<Scalar>] = Array(rows: 1, columns: stage.neurons) { _, _ in 1 }
      var sum = Scalar.zero
      for row in 0..<steps * samples {
        var squares = SIMD16<Scalar>.zero
        for block in 0..<width {
          let element = row * width + block
          let error = stage.parameters.membrane(trace, element, block) - packed[element]
          squares += error * error * isNeuron[block]
        }
        sum += squares.sum()
      }
      return .squaredError(sum)
    case .vanRossum(let target, _):
      let packed = chunk.pack(target, columns: stage.neurons)
      return .errors(zip(trace.spikes, packed).map { $0 - $1 })
    }
  }

  /// The loss, and its gradient for each chunk.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func evaluate(
    _ summaries: [LossSummary<Scalar>], chunks: [Chunk], neurons: Int, timeStep: Scalar
  ) -> (value: Scalar, gradients: [LossGradient<Scalar>]) {
    let batch = Scalar(chunks.last?.samples.upperBound ?? 0)
    let steps = Scalar(chunks.first?.steps ?? 0)
    var value = Scalar.zero
    switch self {
    case .meanRateMSE(let target):
      var errors: [SIMD16<Scalar>] = Array(rows: target.count / neurons, columns: neurons) {
        -target[$0 * neurons + $1]
      }
      for case .spikeSums(let sums) in summaries {
        for index in errors.indices { errors[index] += sums[index] / batch }
      }
      // As above, without the padding.
      let unpadded = errors.unpadded(columns: neurons)
      let count = Scalar(unpadded.count)
      for row in stride(from: 0, to: unpadded.count, by: neurons) {
        value += unpadded[row..<row + neurons].reduce(0) { $0 + $1 * $1 }
      }
      let factor = 2 / (count * batch)
      let gradient: [SIMD16<Scalar>] = Array(rows: target.count / neurons, columns: neurons) {
        unpadded[$0 * neurons + $1] * factor
      }
      return (value / count, chunks.map { _ in .spikesByStep(gradient) })
    case .rateCrossEntropy(let labels), .maxMembraneCrossEntropy(let labels),
      .meanMembraneCrossEntropy(let labels), .recallCrossEntropy(let labels, _):
      var gradients: [LossGradient<Scalar>] = []
      for (chunk, summary) in zip(chunks, summaries) {
        guard case .logits(let logits, let peakSteps) = summary else { continue }
        let (loss, gradient) = Self.crossEntropy(
          logits.unpadded(columns: neurons), labels[chunk.samples], batch: batch)
        value += loss
        let packed: [SIMD16<Scalar>] = Array(rows: chunk.samples.count, columns: neurons) {
          gradient[$0 * neurons + $1]
        }
        switch self {
        case .rateCrossEntropy: gradients.append(.spikesBySample(packed))
        case .maxMembraneCrossEntropy:
          gradients.append(.membraneAtPeak(packed, peakSteps: peakSteps))
        default:
          let count = steps - Scalar(firstStep)
          gradients.append(.membraneBySample(packed.map { $0 / count }, firstStep: firstStep))
        }
      }
      return (value / batch, gradients)
    case .membraneMSE(let target):
      for case .squaredError(let sum) in summaries { value += sum }
      let count = Scalar(target.count)
      return (
        value / count,
        chunks.map {
          .membraneError(target: $0.pack(target, columns: neurons), factor: 2 / count)
        }
      )
    case .spikeCountMSE(let target):
      return Self.countError(summaries, chunks: chunks, target, scale: 1)
    case .firingRateMSE(let target):
      return Self.countError(summaries, chunks: chunks, target, scale: 1 / steps)
    case .vanRossum(_, let tau):
      return Self.vanRossum(summaries, chunks: chunks, neurons: neurons, share: timeStep / tau)
    }
  }

  /// Van Rossum's distance: what each later e owes to a spike is the filter run backward.
  private static func vanRossum(
    _ summaries: [LossSummary<Scalar>], chunks: [Chunk], neurons: Int, share: Scalar
  ) -> (value: Scalar, gradients: [LossGradient<Scalar>]) {
    let keep = Scalar.exponential(-share)
    let factor = share / Scalar((chunks.last?.samples.upperBound ?? 1) * neurons)
    var value = Scalar.zero
    var gradients: [LossGradient<Scalar>] = []
    for (chunk, summary) in zip(chunks, summaries) {
      guard case .errors(var errors) = summary else { continue }
      let row = errors.count / chunk.steps
      for element in row..<errors.count { errors[element] += errors[element - row] * keep }
      value += errors.unpadded(columns: neurons).reduce(0) { $0 + $1 * $1 } * factor
      var owed = errors
      for element in (0..<errors.count - row).reversed() {
        owed[element] += owed[element + row] * keep
      }
      gradients.append(.spikes(owed.map { $0 * (2 * factor) }))
    }
    return (value, gradients)
  }

  /// Mean over the samples and neurons of (scale x count - target)^2.
  private static func countError(
    _ summaries: [LossSummary<Scalar>], chunks: [Chunk], _ target: [Scalar], scale: Scalar
  ) -> (value: Scalar, gradients: [LossGradient<Scalar>]) {
    let terms = Scalar(target.count)
    let neurons = target.count / (chunks.last?.samples.upperBound ?? 1)
    var value = Scalar.zero
    var gradients: [LossGradient<Scalar>] = []
    for (chunk, summary) in zip(chunks, summaries) {
      guard case .logits(let counts, _) = summary else { continue }
      let first = chunk.samples.lowerBound * neurons
      let errors = counts.unpadded(columns: neurons).enumerated().map {
        $1 * scale - target[first + $0]
      }
      value += errors.reduce(0) { $0 + $1 * $1 } / terms
      gradients.append(
        .spikesBySample(
          Array(rows: chunk.samples.count, columns: neurons) {
            2 * scale * errors[$0 * neurons + $1] / terms
          }))
    }
    return (value, gradients)
  }

  /// Sum over the samples of -log softmax(logits)[label], and its gradient / batch; [S,N].
  private static func crossEntropy(
    _ logits: [Scalar], _ labels: ArraySlice<Int>, batch: Scalar
  ) -> (loss: Scalar, gradient: [Scalar]) {
    let neurons = logits.count / labels.count
    var loss = Scalar.zero
    var gradient: [Scalar] = []
    for (sample, label) in labels.enumerated() {
      let row = logits[sample * neurons..<(sample + 1) * neurons]
      // Less the maximum, no exponential overflows.
      let maximum = row.max() ?? 0
      let exponentials = row.map { Scalar.exponential($0 - maximum) }
      let sum = exponentials.reduce(0, +)
      loss += Scalar.logarithm(sum) + maximum - row[row.startIndex + label]
      for (neuron, e) in exponentials.enumerated() {
        gradient.append((e / sum - (neuron == label ? 1 : 0)) / batch)
      }
    }
    return (loss, gradient)
  }
}
