import Foundation

/// How long steps took: counts in classes whose bounds lie a thirty-second apart in proportion, so
/// that its memory does not grow with their number.
struct Latencies {
  private static let classesOfOctave = 32
  private var counts = [Int](repeating: 0, count: 44 * classesOfOctave)
  private(set) var count = 0
  private var worst = 0.0

  /// Takes the time of a step in, in seconds.
  mutating func add(_ seconds: Double) {
    count += 1
    worst = max(worst, seconds)
    let place = log2(max(seconds * 1e9, 1)) * Double(Self.classesOfOctave)
    counts[min(Int(place), counts.count - 1)] += 1
  }

  /// The time that a fraction of the steps did not exceed, in seconds, up to 3 % too large.
  func quantile(_ fraction: Double) -> Double {
    var left = Int((fraction * Double(count)).rounded(.up))
    for (place, counted) in counts.enumerated() {
      left -= counted
      if left <= 0 {
        return min(worst, exp2(Double(place + 1) / Double(Self.classesOfOctave)) * 1e-9)
      }
    }
    return worst
  }

  /// A line for people.
  var text: String {
    guard count > 0 else { return "latency: no step was taken" }
    func microseconds(_ seconds: Double) -> String { String(format: "%.4g us", seconds * 1e6) }
    return "latency of \(count) steps: median \(microseconds(quantile(0.5))), "
      + "p99 \(microseconds(quantile(0.99))), worst \(microseconds(worst))"
  }
}
