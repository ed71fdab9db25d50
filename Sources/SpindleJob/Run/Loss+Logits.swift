import Spindle

extension Loss {
  /// The logits [B, N] that the loss reads, of what the last layer did; nil where it has none. Sums
  /// are float32 in the order of the steps, as the engine's.
  ///
  /// - Parameters:
  ///   - recording: what the last layer did.
  ///   - lengths: the steps of each sample; nil where all have T.
  func logits(of recording: Recording, lengths: [Int]?) -> [Float]? {
    switch self {
    case .rateCrossEntropy: recording.spikes.overTime(lengths) { $0 + $1 }
    case .maxMembraneCrossEntropy: recording.membrane.overTime(lengths, max)
    case .meanMembraneCrossEntropy: recording.membrane.mean(lengths, from: 0)
    case .recallCrossEntropy(let firstStep, _): recording.membrane.mean(lengths, from: firstStep)
    case .meanRateMSE, .membraneMSE, .spikeCountMSE, .firingRateMSE, .vanRossum, .custom: nil
    }
  }
}

extension Tensor {
  /// [B, T, N] joined over each sample's steps from `first` on: [B, N].
  fileprivate func overTime(
    _ lengths: [Int]?, from first: Int = 0, _ join: (Float, Float) -> Float
  ) -> [Float] {
    let (batch, steps, neurons) = (shape[0], shape[1], shape[2])
    var joined: [Float] = []
    joined.reserveCapacity(batch * neurons)
    for sample in 0..<batch {
      for neuron in 0..<neurons {
        var value = values[(sample * steps + first) * neurons + neuron]
        for step in (first + 1)..<max(first + 1, lengths?[sample] ?? steps) {
          value = join(value, values[(sample * steps + step) * neurons + neuron])
        }
        joined.append(value)
      }
    }
    return joined
  }

  fileprivate func mean(_ lengths: [Int]?, from first: Int) -> [Float] {
    overTime(lengths, from: first) { $0 + $1 }.enumerated().map { place, sum in
      sum / Float((lengths?[place / shape[2]] ?? shape[1]) - first)
    }
  }
}
