import Spindle

extension Loss {
  /// The logits [B, N] that the loss reads, of what the last layer did; nil where it has none. Sums
  /// are float32 in the order of the steps, as the engine's.
  func logits(of recording: Recording) -> [Float]? {
    switch self {
    case .rateCrossEntropy: recording.spikes.overTime { $0 + $1 }
    case .maxMembraneCrossEntropy: recording.membrane.overTime(max)
    case .meanMembraneCrossEntropy: recording.membrane.mean(from: 0)
    case .recallCrossEntropy(let firstStep, _): recording.membrane.mean(from: firstStep)
    case .meanRateMSE, .membraneMSE, .spikeCountMSE, .firingRateMSE, .vanRossum, .custom: nil
    }
  }
}

extension Tensor {
  /// [B, T, N] joined over the steps from `first` on: [B, N].
  fileprivate func overTime(from first: Int = 0, _ join: (Float, Float) -> Float) -> [Float] {
    let (batch, steps, neurons) = (shape[0], shape[1], shape[2])
    var joined: [Float] = []
    joined.reserveCapacity(batch * neurons)
    for sample in 0..<batch {
      for neuron in 0..<neurons {
        var value = values[(sample * steps + first) * neurons + neuron]
        for step in (first + 1)..<max(first + 1, steps) {
          value = join(value, values[(sample * steps + step) * neurons + neuron])
        }
        joined.append(value)
      }
    }
    return joined
  }

  fileprivate func mean(from first: Int) -> [Float] {
    let count = Float(shape[1] - first)
    return overTime(from: first) { $0 + $1 }.map { $0 / count }
  }
}
