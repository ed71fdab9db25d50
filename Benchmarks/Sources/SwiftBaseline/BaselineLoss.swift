import Foundation

/// The losses of the workloads.
public enum BaselineLoss: Sendable {
  /// Mean over (t,n) of (mean over the batch of s - target)^2; target [T,N].
  case meanRateMSE(target: [Float])
  /// Cross-entropy of the maximum of v over time, mean over the batch; labels [B].
  case maxMembraneCrossEntropy(labels: [Int])
}

/// What the loss needs to know of one chunk of S samples.
enum LossSummary: Sendable {
  /// Spikes of each step and neuron, summed over the samples [T,W].
  case spikeSums([Block])
  /// The maximum of v and the step of each [S,W].
  case peaks([Block], steps: [Block])
}

/// dL/ds or dL/dv of the last layer, as little of it as says everything.
enum LossGradient: Sendable {
  /// dL/ds, the same for every sample [T,W].
  case spikesByStep([Block])
  /// dL/dv [S,W], at one step of each sample and neuron [S,W] and 0 at the others.
  case membraneAtPeak([Block], steps: [Block])

  /// Adds dL/ds or dL/dv of one step.
  @inline(__always)
  func add(step: Int, width: Int, to gradient: inout LayerGradient) {
    switch self {
    case .spikesByStep(let values):
      for row in gradient.spike.indices {
        gradient.spike[row] += values[step * width + row % width]
      }
    case .membraneAtPeak(let values, let steps):
      let now = Block(repeating: Float(step))
      for row in gradient.membrane.indices {
        gradient.membrane[row] += Block.zero.replacing(with: values[row], where: steps[row] .== now)
      }
    }
  }
}

extension BaselineLoss {
  /// Reads one chunk of the last layer, in the chunk's task.
  func summarize(_ layer: BaselineLayer, _ trace: LayerTrace, samples: Int) -> LossSummary {
    let row = samples * layer.width
    let steps = trace.potential.count / row
    switch self {
    case .meanRateMSE:
      var sums: [Block] = .zeros(rows: steps, columns: layer.neurons)
      for element in trace.spikes.indices {
        sums[element / row * layer.width + element % layer.width] += trace.spikes[element]
      }
      return .spikeSums(sums)
    case .maxMembraneCrossEntropy:
      var peaks = (0..<row).map { layer.membrane(trace, $0) }
      var peakSteps = peaks.map { _ in Block.zero }
      for element in row..<max(row, trace.potential.count) {
        let v = layer.membrane(trace, element)
        // Only a greater value replaces the peak: of equal maxima the first stays.
        let isGreater = v .> peaks[element % row]
        peaks[element % row].replace(with: v, where: isGreater)
        peakSteps[element % row].replace(with: Float(element / row), where: isGreater)
      }
      return .peaks(peaks, steps: peakSteps)
    }
  }

  /// The loss, and its gradient for each chunk.
  func evaluate(
    _ summaries: [LossSummary], samples chunks: [Range<Int>], neurons: Int
  ) -> (value: Float, gradients: [LossGradient]) {
    let batch = Float(chunks.last?.upperBound ?? 0)
    switch self {
    case .meanRateMSE(let target):
      let rows = target.count / neurons
      var rates: [Block] = .zeros(rows: rows, columns: neurons)
      for case .spikeSums(let sums) in summaries { rates.add(sums) }
      let errors = zip(rates.unpadded(columns: neurons), target).map { $0 / batch - $1 }
      let count = Float(errors.count)
      let gradient = [Block](rows: rows, columns: neurons) {
        2 * errors[$0 * neurons + $1] / (count * batch)
      }
      return (
        errors.reduce(0) { $0 + $1 * $1 } / count, chunks.map { _ in .spikesByStep(gradient) }
      )
    case .maxMembraneCrossEntropy(let labels):
      var (value, gradients): (Float, [LossGradient]) = (0, [])
      for (samples, summary) in zip(chunks, summaries) {
        guard case .peaks(let peaks, let steps) = summary else { continue }
        let (loss, gradient) = Self.crossEntropy(
          peaks.unpadded(columns: neurons), labels[samples], batch: batch)
        value += loss / batch
        let padded = [Block](rows: samples.count, columns: neurons) {
          gradient[$0 * neurons + $1]
        }
        gradients.append(.membraneAtPeak(padded, steps: steps))
      }
      return (value, gradients)
    }
  }

  /// Sum over the samples of -log softmax(logits)[label], and its gradient / batch; [S,N].
  private static func crossEntropy(
    _ logits: [Float], _ labels: ArraySlice<Int>, batch: Float
  ) -> (loss: Float, gradient: [Float]) {
    let neurons = logits.count / labels.count
    var (loss, gradient): (Float, [Float]) = (0, [])
    for (sample, label) in labels.enumerated() {
      let row = logits[sample * neurons..<(sample + 1) * neurons]
      // Less the maximum, no exponential overflows.
      let maximum = row.max() ?? 0
      let exponentials = row.map { exp($0 - maximum) }
      let sum = exponentials.reduce(0, +)
      loss += log(sum) + maximum - row[row.startIndex + label]
      for (neuron, e) in exponentials.enumerated() {
        gradient.append((e / sum - (neuron == label ? 1 : 0)) / batch)
      }
    }
    return (loss, gradient)
  }
}
