/// A straight line through points whose errors are in proportion to their height: the squares of
/// the relative deviations are least.
struct LinearFit {
  let offset: Double
  let slope: Double
  /// Largest |y / line - 1|.
  let largestDeviation: Double

  init(_ points: [(x: Double, y: Double)]) {
    var sums = (w: 0.0, x: 0.0, y: 0.0, xx: 0.0, xy: 0.0)
    for (x, y) in points {
      let w = 1 / (y * y)
      sums.w += w
      sums.x += w * x
      sums.y += w * y
      sums.xx += w * x * x
      sums.xy += w * x * y
    }
    let slope = (sums.w * sums.xy - sums.x * sums.y) / (sums.w * sums.xx - sums.x * sums.x)
    let offset = (sums.y - slope * sums.x) / sums.w
    self.slope = slope
    self.offset = offset
    largestDeviation = points.map { abs($0.y / (offset + slope * $0.x) - 1) }.max() ?? 0
  }
}
