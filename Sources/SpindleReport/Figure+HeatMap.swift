/// A matrix of values at places of a regular grid: row i, column j stands at
/// (x0 + j dx, y0 + i dy).
struct HeatMap {
  /// The cells, [rows][columns].
  let values: [Float]
  let rows: Int
  let columns: Int
  var x0 = 0.0
  var dx = 1.0
  var y0 = 0.0
  var dy = 1.0
  let palette: Palette
  let range: ClosedRange<Double>
  var hasColourBar = true
}

extension Figure {
  /// Draws a heat map as an image, which stays small whatever the number of cells. `settings` are
  /// commands of the panel's own.
  mutating func draw(
    _ map: HeatMap, as suffix: String, in panel: Panel, settings: String = ""
  ) {
    // gnuplot draws no image of one row or column: such a one is drawn twice, at half size.
    let timesX = map.columns == 1 ? 2 : 1
    let timesY = map.rows == 1 ? 2 : 1
    var values: [Float] = []
    values.reserveCapacity(map.values.count * timesX * timesY)
    for row in 0..<(map.rows * timesY) {
      let start = row / timesY * map.columns
      for value in map.values[start..<(start + map.columns)] {
        for _ in 0..<timesX { values.append(value.isFinite ? value : .nan) }
      }
    }
    let file = "\(name)_\(suffix).bin"
    images.append((file, values))
    begin(panel)
    drawing += settings
    drawing += map.palette.rawValue
    if map.hasColourBar {
      drawing += panel.colourBar(map.range, width: width, height: height)
    } else {
      drawing += "set cbrange [\(map.range.lowerBound):\(map.range.upperBound)]\n"
    }
    let (x, dx) = Self.place(origin: map.x0, step: map.dx, times: timesX)
    let (y, dy) = Self.place(origin: map.y0, step: map.dy, times: timesY)
    let size = "(\(map.columns * timesX), \(map.rows * timesY))"
    drawing += "plot '\(file)' binary array=\(size) format='%float32' endian=little"
    drawing += " origin=(\(x), \(y)) dx=\(dx) dy=\(dy) with image\n"
  }

  /// Where the first cell stands, and the next, if each cell is drawn `times` times.
  private static func place(
    origin: Double, step: Double, times: Int
  ) -> (origin: Double, step: Double) {
    times == 1 ? (origin, step) : (origin - step / 4, step / 2)
  }
}
