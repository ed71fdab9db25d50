import Foundation

/// Where the ticks of an axis stand: few enough that no two labels touch.
enum Ticks {
  /// The smallest of 1, 2, 5 times a power of ten that cuts `span` into at most `count` parts.
  static func step(span: Double, atMost count: Int) -> Double {
    guard span > 0, span.isFinite else { return 1 }
    let rough = span / Double(count)
    let power = pow(10, floor(log10(rough)))
    for factor in [1.0, 2, 5] where factor * power >= rough * (1 - 1e-9) {
      return factor * power
    }
    return 10 * power
  }

  /// The step of an axis that counts things.
  static func step(counting things: Int, atMost count: Int) -> Double {
    max(1, step(span: Double(things), atMost: count))
  }

  /// Ticks of a logarithmic axis: decades, finer where the range spans few of them.
  static func logarithmic(_ range: ClosedRange<Double>) -> [Double] {
    guard range.lowerBound > 0, range.upperBound.isFinite else { return [] }
    // The quotient of the two could be infinite.
    let decades = log10(range.upperBound) - log10(range.lowerBound)
    if decades < 0.5 {
      let step = step(span: range.span, atMost: 5)
      let first = (range.lowerBound / step).rounded(.up)
      return (0...5).map { (first + Double($0)) * step }.filter(range.contains)
    }
    let factors: [Double] = decades < 2.5 ? [1, 2, 5] : [1]
    let stride = max(1, Int(decades / 8))
    let low = Int(floor(log10(range.lowerBound)))
    let high = Int(ceil(log10(range.upperBound)))
    return Swift.stride(from: low, through: high, by: stride).flatMap { exponent in
      factors.map { $0 * pow(10, Double(exponent)) }
    }.filter(range.contains)
  }
}
