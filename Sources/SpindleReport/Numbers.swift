import Foundation

/// Numbers as text, and ranges of numbers that may hold NaN.
enum Numbers {
  /// Six significant digits, for people.
  static func significant(_ value: Double) -> String {
    String(format: "%.6g", value)
  }

  /// A number for gnuplot, which knows no infinity in an image.
  static func plotted(_ value: Double) -> String {
    value.isFinite ? value.description : "NaN"
  }

  static func plotted(_ value: Float) -> String {
    value.isFinite ? value.description : "NaN"
  }

  /// Time at the start of a step in milliseconds, without the noise of binary fractions.
  static func milliseconds(_ step: Int, of timeStep: Double) -> String {
    String(format: "%.12g", Double(step) * timeStep * 1000)
  }

  /// The smallest range that holds all finite values, never empty.
  static func range(of values: [Float]...) -> ClosedRange<Double> {
    var low = Double.infinity
    var high = -Double.infinity
    for part in values {
      for value in part where value.isFinite {
        low = min(low, Double(value))
        high = max(high, Double(value))
      }
    }
    guard low <= high else { return 0...1 }
    if low < high { return low...high }
    let margin = low == 0 ? 1 : abs(low) / 2
    return (low - margin)...(high + margin)
  }

  /// A range centred on zero that holds all finite values.
  static func symmetricRange(of values: [Float]) -> ClosedRange<Double> {
    let range = range(of: values)
    let limit = max(abs(range.lowerBound), abs(range.upperBound))
    return -limit...limit
  }
}

extension ClosedRange<Double> {
  var span: Double { upperBound - lowerBound }

  /// The range with a margin on both sides, as a fraction of its span.
  func padded(_ fraction: Double) -> ClosedRange<Double> {
    (lowerBound - fraction * span)...(upperBound + fraction * span)
  }
}
