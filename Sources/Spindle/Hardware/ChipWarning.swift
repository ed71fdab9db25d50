/// A sign that a chip computes something else than the network that was trained.
public struct ChipWarning: Sendable, Equatable {
  /// What is wrong.
  public enum Kind: Sendable, Equatable {
    /// Neurons' thresholds are less than `ChipWarning.leastThreshold` steps of their grid; how many,
    /// and the least threshold in steps.
    case coarseThreshold(neurons: Int, least: Double)
    /// No neuron of the layer fires, where the network's own do.
    case silent
    /// Potentials were cut to what their bits hold, so many times.
    case saturation(times: Int)
    /// So large a part of the weights lies beyond the grid's range.
    case clipped(fraction: Double)
    /// So large a part of the layer's spikes and silences differs from the network's own.
    case differs(fraction: Double)
  }

  /// The layer, counted from 0.
  public let layer: Int
  /// What is wrong.
  public let kind: Kind

  /// Steps of a grid below which a threshold is coarse: one weight more or less then decides.
  public static let leastThreshold = 8.0
  /// A part of spikes that differ which is worth telling.
  static let tolerated = 0.01
}

extension ChipWarning: CustomStringConvertible {
  /// A sentence in plain words, and what may help.
  public var description: String { "network.layers[\(layer)]: \(words)" }

  private var words: String {
    switch kind {
    case .coarseThreshold(let neurons, let least):
      "the threshold of \(neurons) \(neurons == 1 ? "neuron" : "neurons") is less than "
        + "\(Int(Self.leastThreshold)) steps of the weights' grid (the least: "
        + "\(Self.rounded(least))); use more bits, a step for each neuron, or smaller weights"
    case .silent:
      "no neuron fires on the chip, though they do with the weights as they were trained; train "
        + "with the grid, use more bits, or a step for each neuron"
    case .saturation(let times):
      "potentials were cut \(times) \(times == 1 ? "time" : "times") to what their bits hold; use "
        + "more bits of a potential, or fewer fraction bits"
    case .clipped(let fraction):
      "\(Self.percent(fraction)) of the weights lie beyond the grid's range and are cut; add a "
        + "penalty of magnitude in training, or widen the range"
    case .differs(let fraction):
      "\(Self.percent(fraction)) of the spikes differ from those of the same weights in floats; "
        + "use more fraction bits"
    }
  }

  private static func rounded(_ value: Double) -> String {
    "\((value * 100).rounded() / 100)"
  }

  private static func percent(_ fraction: Double) -> String { "\(rounded(100 * fraction)) %" }
}

extension Network {
  /// What the grids of the layers make of thresholds and weights that may be too little.
  public func gridWarnings() throws(SpindleError) -> [ChipWarning] {
    let (_, steps) = try gridded()
    var warnings: [ChipWarning] = []
    for (index, layer) in layers.enumerated() where layer.hardware.quantization != nil {
      if layer.neurons.spiking != nil {
        let thresholds = values[try parameter(layer: index, role: .threshold).range]
        let inSteps = zip(thresholds, steps[index]).map { Double($0) / Double($1) }
        let coarse = inSteps.filter { $0 < ChipWarning.leastThreshold }
        if let least = coarse.min() {
          warnings.append(
            ChipWarning(layer: index, kind: .coarseThreshold(neurons: coarse.count, least: least)))
        }
      }
      if let fraction = try clippedFraction(index, steps[index]), fraction > 0 {
        warnings.append(ChipWarning(layer: index, kind: .clipped(fraction: fraction)))
      }
    }
    return warnings
  }

  /// The part of a layer's weights that lie beyond the last half step of their grid.
  private func clippedFraction(
    _ index: Int, _ steps: [Float]
  ) throws(SpindleError) -> Double? {
    guard let grid = layers[index].hardware.quantization, case .range = grid.scale else {
      return nil
    }
    var (clipped, count) = (0, 0)
    for parameter in parameters where parameter.layer == index && parameter.role.isWeight {
      for (offset, place) in parameter.range.enumerated() {
        let step = steps[offset % steps.count]
        count += 1
        if values[place].magnitude > step * (Float(grid.largest) + 0.5) { clipped += 1 }
      }
    }
    return Double(clipped) / Double(max(count, 1))
  }
}

/// How a network of integers does beside the network of floats that it was made from.
public struct IntegerComparison: Sendable, Equatable {
  /// The part of spikes and silences that are equal, of each layer; 1 for leaky integrators.
  public let agreement: [Double]
  /// What went wrong.
  public let warnings: [ChipWarning]
}

extension IntegerNetwork {
  /// Runs both on an input.
  ///
  /// - Parameters:
  ///   - network: what this network was made from.
  ///   - input: spikes [B, T, I].
  public func compare(
    with network: Network, on input: Input
  ) throws(SpindleError) -> IntegerComparison {
    let recordings = try run(input)
    let plain = try network.quantized(nil)
    var agreement: [Double] = []
    var warnings = try network.gridWarnings()
    for (index, recording) in recordings.enumerated() {
      let own = try network.run(input, recording: index).spikes.values
      let equal = zip(own, recording.spikes).count { $0 == Float($1) }
      agreement.append(Double(equal) / Double(own.count))
      if recording.saturations > 0 {
        warnings.append(
          ChipWarning(layer: index, kind: .saturation(times: recording.saturations)))
      }
      guard layers[index].fires else { continue }
      if recording.spikes.allSatisfy({ $0 == 0 }),
        try plain.run(input, recording: index).spikes.values.contains(1)
      {
        warnings.append(ChipWarning(layer: index, kind: .silent))
      }
      if 1 - agreement[index] > ChipWarning.tolerated {
        warnings.append(ChipWarning(layer: index, kind: .differs(fraction: 1 - agreement[index])))
      }
    }
    return IntegerComparison(agreement: agreement, warnings: warnings)
  }
}
