import CSpindle

/// The functions of mathematics that decide bits: the C core's own, which give the same bits on
/// every processor, where those of the system's libm depend on what the processor has. Errors are
/// below 1 unit in the last place.
package enum Mathematics {
  /// e^x.
  package static func exp(_ x: Double) -> Double { spindle_exp(x) }

  /// ln(1 + x), exact in proportion near 0 too.
  package static func log1p(_ x: Double) -> Double { spindle_log1p(x) }

  /// sin(x), x in radians; NaN beyond a magnitude of 2^20.
  package static func sin(_ x: Double) -> Double { spindle_sin(x) }

  /// cos(x), x in radians; NaN beyond a magnitude of 2^20.
  package static func cos(_ x: Double) -> Double { spindle_cos(x) }

  /// base^exponent by repeated squaring, for an exponent from 0 on; 1 for 0. The error is below
  /// `exponent` units in the last place. In O(log exponent).
  package static func power(_ base: Double, _ exponent: Int) -> Double {
    precondition(exponent >= 0, "a power of a negative exponent")
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
