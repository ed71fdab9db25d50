/// A matrix of values at places of a regular grid: row i, column j stands at
/// (x0 + j dx, y0 + i dy).
struct HeatMap {
  /// [rows][columns]
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
  /// Draws a heat map as an image, which stays small whatever the number of cells.
  mutating func draw(_ map: HeatMap, as suffix: String, in panel: Panel) {
    // gnuplot draws no image of one row or column: such a one is drawn twice, at half size.
    let timesX = map.columns == 1 ? 2 : 1
    let timesY = map.rows == 1 ? 2 : 1
    let rows = (0..<(map.rows * timesY)).map { row in
      let start = row / timesY * map.columns
      return map.values[start..<(start + map.columns)].map { value in
        let text = Numbers.plotted(value)
        return timesX == 1 ? text : text + " " + text
      }.joined(separator: " ")
    }
    let block = define(suffix, rows)
    begin(panel)
    drawing += map.palette.rawValue
    if map.hasColourBar {
      drawing += panel.colourBar(map.range, width: width, height: height)
    } else {
      drawing += "set cbrange [\(map.range.lowerBound):\(map.range.upperBound)]\n"
    }
    let x = Self.place("$1", origin: map.x0, step: map.dx, times: timesX)
    let y = Self.place("$2", origin: map.y0, step: map.dy, times: timesY)
    drawing += "plot \(block) matrix using (\(x)):(\(y)):3 with image\n"
  }

  /// Where cell number `column` stands if each cell is drawn `times` times.
  private static func place(
    _ column: String, origin: Double, step: Double, times: Int
  ) -> String {
    times == 1
      ? "\(origin) + \(step) * \(column)"
      : "\(origin - step / 4) + \(step / 2) * \(column)"
  }
}
