extension TrainingReport {
  /// Parameters above which the rest are left to the CSV file.
  private static let mostMatrices = 8
  private static let rowHeight = 330

  /// Each parameter as a heat map, or as bars where it has one row, and its histogram.
  func weightsFigure() -> Figure? {
    guard !weights.isEmpty else { return nil }
    let shown = weights.prefix(Self.mostMatrices)
    let rest =
      shown.count < weights.count
      ? " The first \(shown.count) of \(weights.count) parameters are shown." : ""
    var figure = Figure(
      name: "weights", heading: "Weights",
      caption: "Of a matrix, a row is where a spike comes from, a column the neuron it goes to;"
        + " beside it, how many weights have which value.\(rest)",
      width: 960, height: Self.rowHeight * shown.count + 20)
    for (index, matrix) in shown.enumerated() {
      let top = 32 + Self.rowHeight * index
      if matrix.rows == 1 {
        drawBars(matrix, index, top: top, in: &figure)
      } else {
        drawMap(matrix, index, top: top, in: &figure)
      }
      drawHistogram(matrix, index, top: top, in: &figure)
    }
    return figure
  }

  private func drawBars(
    _ matrix: WeightMatrix, _ index: Int, top: Int, in figure: inout Figure
  ) {
    let range = Numbers.range(of: matrix.values, [0])
    let low = range.lowerBound < 0 ? range.lowerBound - 0.05 * range.span : 0
    let high = range.upperBound > 0 ? range.upperBound + 0.05 * range.span : 0
    let panel = Panel(
      title: matrix.title, left: 72, top: top, width: 510, height: 230,
      x: countAxis(matrix.columnLabel, matrix.columns, ticks: 12),
      y: valueAxis("Value", low...high, ticks: 6), labelGap: 56)
    let lines = matrix.values.enumerated().map { "\($0.offset) \(Numbers.plotted($0.element))" }
    let block = figure.define("bars_\(index)", lines)
    figure.begin(panel)
    figure.drawing += """
      set boxwidth 0.8
      set style fill solid 1 noborder
      set xzeroaxis linetype 1 linewidth 0.8 linecolor rgb '\(Panel.ink)'
      plot \(block) using 1:2 with boxes linecolor rgb '#4e79a7'

      """
  }

  private func drawMap(
    _ matrix: WeightMatrix, _ index: Int, top: Int, in figure: inout Figure
  ) {
    let panel = Panel(
      title: matrix.title, left: 72, top: top, width: 510, height: 230,
      x: countAxis(matrix.columnLabel, matrix.columns, ticks: 12),
      y: countAxis(matrix.rowLabel, matrix.rows, ticks: 8, isReversed: true))
    let map = HeatMap(
      values: matrix.values, rows: matrix.rows, columns: matrix.columns, palette: .diverging,
      range: Numbers.symmetricRange(of: matrix.values))
    figure.draw(map, as: "map_\(index)", in: panel)
  }

  private func drawHistogram(
    _ matrix: WeightMatrix, _ index: Int, top: Int, in figure: inout Figure
  ) {
    let histogram = Histogram(matrix.values)
    let panel = Panel(
      title: "Histogram", left: 736, top: top, width: 200, height: 230,
      x: valueAxis("Value", histogram.range, ticks: 5),
      y: valueAxis("Count", 0...(1.05 * Double(max(histogram.counts.max() ?? 1, 1))), ticks: 5))
    let lines = histogram.counts.enumerated().map { bin, count in
      "\(histogram.range.lowerBound + (Double(bin) + 0.5) * histogram.width) \(count)"
    }
    let block = figure.define("histogram_\(index)", lines)
    figure.begin(panel)
    figure.drawing += """
      set boxwidth \(histogram.width)
      set style fill solid 1 noborder
      plot \(block) using 1:2 with boxes linecolor rgb '#76b7b2'

      """
  }
}

/// How many finite values lie in each of some equal bins.
struct Histogram {
  let range: ClosedRange<Double>
  let counts: [Int]
  var width: Double { range.span / Double(counts.count) }

  init(_ values: [Float], bins: Int = 40) {
    range = Numbers.range(of: values)
    var counts = [Int](repeating: 0, count: bins)
    for value in values where value.isFinite {
      let place = (Double(value) - range.lowerBound) / range.span * Double(bins)
      counts[min(max(Int(place), 0), bins - 1)] += 1
    }
    self.counts = counts
  }
}
