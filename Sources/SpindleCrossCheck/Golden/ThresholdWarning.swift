import Foundation
import SpindleReference

/// Potentials of one layer so close to the threshold that float32 may decide their spikes
/// otherwise than the oracle.
public struct ThresholdWarning: Sendable, Equatable {
  /// The layer, counted from 0.
  public let layer: Int
  /// How many potentials.
  public let count: Int
  /// [b,t,n] of the one for which the distance is the smallest part of what rounding can do.
  public let closest: [Int]
  /// u - threshold there.
  public let distance: Double
  /// How far rounding can move the potential there; see `RoundingBound`.
  public let margin: Double
}

extension ThresholdWarning: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    let (distance, margin) = (self.distance, self.margin)
    return
      "layers[\(layer)]: \(count) \(count == 1 ? "potential lies" : "potentials lie") so close "
      + "to the threshold that float32 may decide otherwise; the closest is at [b, t, n] = "
      + "\(closest), potential - threshold \(String(format: "%.3g", distance)), rounding up to "
      + String(format: "%.3g", margin)
  }
}

extension CaseFile {
  /// What float32 may decide otherwise than the oracle's `trace`, one for each layer that has such
  /// potentials.
  func thresholdWarnings(
    _ network: Reference<Double>, _ trace: ReferenceTrace<Double>
  ) -> [ThresholdWarning] {
    zip(trace.layers, margins(network, trace)).compactMap { layer, margins in
      warning(layer, margins)
    }
  }

  private func warning(_ layer: LayerTrace<Double>, _ margins: [Double]) -> ThresholdWarning? {
    var (count, closest, part): (Int, Int?, Double) = (0, nil, .infinity)
    let distances = zip(layer.potential, layer.thresholds).map { $0 - $1 }
    let gates = layer.gates
    for (element, (distance, margin)) in zip(distances, margins).enumerated() {
      guard !(distance.magnitude > margin), gates[element] != 0 else { continue }
      count += 1
      guard closest == nil || distance.magnitude / margin < part else { continue }
      (closest, part) = (element, distance.magnitude / margin)
    }
    return closest.map {
      ThresholdWarning(
        layer: layer.index, count: count,
        closest: [batch, steps, layer.neurons].index($0),
        distance: distances[$0], margin: margins[$0])
    }
  }
}
