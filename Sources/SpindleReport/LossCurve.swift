/// The loss by epoch, thinned to what a figure can show.
struct LossCurve {
  /// Points above which the raw curve is thinned.
  static let mostPoints = 1500

  /// Epochs in the running mean.
  let window: Int
  /// (epoch from 1, loss): of each run of epochs the smallest and the largest, so that no spike is
  /// lost in thinning.
  let raw: [(epoch: Int, loss: Double)]
  /// (epoch from 1, mean of the finite losses in the window centred on it).
  let mean: [(epoch: Int, loss: Double)]

  init(_ losses: [Double]) {
    window = min(max(losses.count / 40, 1), 200)
    raw = Self.thinned(losses)
    mean = Self.runningMean(losses, window: window)
  }

  private static func thinned(_ losses: [Double]) -> [(epoch: Int, loss: Double)] {
    guard losses.count > mostPoints else {
      return losses.enumerated().map { ($0.offset + 1, $0.element) }
    }
    let bucket = (2 * losses.count + mostPoints - 1) / mostPoints
    return stride(from: 0, to: losses.count, by: bucket).flatMap { start in
      let epochs = (start..<min(start + bucket, losses.count)).filter { losses[$0].isFinite }
      guard let low = epochs.min(by: { losses[$0] < losses[$1] }),
        let high = epochs.max(by: { losses[$0] < losses[$1] })
      else { return [(start + 1, Double.nan)] }
      return (low == high ? [low] : [min(low, high), max(low, high)]).map { ($0 + 1, losses[$0]) }
    }
  }

  private static func runningMean(
    _ losses: [Double], window: Int
  ) -> [(epoch: Int, loss: Double)] {
    guard window > 1 else { return [] }
    var sums = [0.0]
    var counts = [0]
    for loss in losses {
      sums.append((sums.last ?? 0) + (loss.isFinite ? loss : 0))
      counts.append((counts.last ?? 0) + (loss.isFinite ? 1 : 0))
    }
    let every = max(1, losses.count / (mostPoints / 2))
    return stride(from: 0, to: losses.count, by: every).map { index in
      let start = max(0, index - window / 2)
      let end = min(losses.count, start + window)
      let count = counts[end] - counts[start]
      return (index + 1, count == 0 ? .nan : (sums[end] - sums[start]) / Double(count))
    }
  }
}
