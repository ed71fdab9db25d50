import Spindle

/// A dataset's numbers and its batches, to compare with arrays.
extension Dataset {
  /// All numbers [count, T, I].
  var values: [Float] { (0..<count).flatMap { self[$0] } }
}

extension Input {
  /// The number of a sample, step and unit, as the engine reads it.
  func value(_ b: Int, _ t: Int, _ i: Int) -> Float {
    switch self {
    case .spikes(let train): train[b, t, i] ? 1 : 0
    case .signal(let signal): signal[b, t, i]
    }
  }

  /// All numbers [B, T, I] in row-major order.
  var numbers: [Float] {
    (0..<batch).flatMap { b in
      (0..<steps).flatMap { t in (0..<units).map { value(b, t, $0) } }
    }
  }

  var isSpiking: Bool { if case .spikes = self { true } else { false } }
}

/// Samples of random numbers: spikes of a probability, or analog.
func randomDataset(
  _ random: inout SplitMix, count: Int, steps: Int, units: Int, probability: Double? = nil,
  targets: Targets = .none
) throws -> (values: [Float], dataset: Dataset) {
  let values = (0..<count * steps * units).map { _ -> Float in
    if let probability { return random.flag(probability) ? 1 : 0 }
    return random.float(-2...2)
  }
  let dataset = try Dataset(
    values, count: count, steps: steps, units: units, targets: targets)
  return (values, dataset)
}
