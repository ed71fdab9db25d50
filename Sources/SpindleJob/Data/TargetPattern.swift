import Spindle

/// What neurons that generate a pattern are to learn: a firing probability for each step and neuron [T, N].
public enum TargetPattern: String, Sendable, CaseIterable {
  /// 0.5 + 0.4 sin(theta_t + 2 pi n / N), theta from 0 to 4 pi, both ends included.
  case sine
  /// 0.9 in the upper half of each sine's period, 0.1 in the lower.
  case square
  /// Evenly spread beats: neuron n fires (0.9) on 2 + n mod 7 of 16 beats, else rests (0.1); two
  /// bars.
  case rhythm

  /// The pattern's values [T, N], row by row.
  public func values(steps: Int, neurons: Int) -> [Float] {
    (0..<steps).flatMap { step in
      (0..<neurons).map { Float(value(step, $0, steps: steps, neurons: neurons)) }
    }
  }

  private func value(_ step: Int, _ neuron: Int, steps: Int, neurons: Int) -> Double {
    let theta = steps > 1 ? 4 * Double.pi * Double(step) / Double(steps - 1) : 0
    let phase = theta + 2 * Double.pi * Double(neuron) / Double(neurons)
    switch self {
    case .sine: return 0.5 + 0.4 * Mathematics.sin(phase)
    case .square: return Mathematics.sin(phase) >= 0 ? 0.9 : 0.1
    case .rhythm:
      let beats = 2 + neuron % 7
      let beat = (32 * step / steps + neuron) % 16
      // Bjorklund's even spread: a beat falls where the running share passes a whole number.
      return beat * beats % 16 < beats ? 0.9 : 0.1
    }
  }
}
