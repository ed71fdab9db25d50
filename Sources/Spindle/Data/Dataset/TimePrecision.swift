/// How exactly the times of events were written, which decides which of them are at the edge of a
/// step.
public enum TimePrecision: Sendable, Equatable {
  /// float64, or decimals of as many digits.
  case float64
  /// float32, also where the numbers are kept in another type now.
  case float32
  /// float16.
  case float16
  /// bfloat16.
  case bfloat16
  /// Decimals of at most so many places behind the point, and so many significant digits.
  case decimals(places: Int, digits: Int)

  /// Bits of a significand, the leading one too, and the exponent of the smallest normal number.
  private var format: (bits: Int, least: Int) {
    switch self {
    case .float64, .decimals: (53, -1022)
    case .float32: (24, -126)
    case .float16: (11, -14)
    case .bfloat16: (8, -126)
    }
  }

  /// Whether fewer bits are kept than in Double.
  var isNarrow: Bool { format.bits < 53 }

  /// The distance between neighbours of the type around a finite number.
  func spacing(at value: Double) -> Double {
    let exponent = value == 0 ? format.least : max(Int(value.exponent), format.least)
    return Double(
      sign: .plus, exponent: max(exponent - format.bits + 1, -1074), significand: 1)
  }

  /// The neighbour that is nearest to a number.
  func rounded(_ value: Double) -> Double {
    let spacing = spacing(at: value)
    return (value / spacing).rounded(.toNearestOrEven) * spacing
  }

  /// Half a unit of the last decimal that times around a number were written with; 0 of binary
  /// types.
  func halfDecimal(at value: Double) -> Double {
    guard case .decimals(let places, let digits) = self, value.isFinite else { return 0 }
    // A writer has either so many places for all numbers, as "%.6f" has, or so many digits, as
    // "%.6e" has; no number shows more than it has of either.
    var unit = 1 / Mathematics.power(10, min(max(places, 0), 300))
    while unit * Mathematics.power(10, digits) <= value.magnitude { unit *= 10 }
    return unit / 2
  }
}
