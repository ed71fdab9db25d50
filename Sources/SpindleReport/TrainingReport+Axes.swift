/// What the figures share: the axes of time and neurons, and lines over time.
extension TrainingReport {
  /// One step in milliseconds.
  var stepMilliseconds: Double { timeStep * 1000 }

  /// Time in milliseconds; step t reaches from t dt to (t + 1) dt.
  func timeAxis(ticks: Int) -> Panel.Axis {
    let end = Double(steps) * stepMilliseconds
    return Panel.Axis(
      label: "Time (ms)", range: 0...end, tick: Ticks.step(span: end, atMost: ticks))
  }

  /// An axis that counts neurons or inputs from zero.
  func countAxis(_ label: String, _ count: Int, ticks: Int, isReversed: Bool = false) -> Panel.Axis
  {
    Panel.Axis(
      label: label, range: -0.5...(Double(count) - 0.5),
      tick: Ticks.step(counting: count, atMost: ticks), isReversed: isReversed)
  }

  /// An axis of values.
  func valueAxis(_ label: String, _ range: ClosedRange<Double>, ticks: Int) -> Panel.Axis {
    let tick = Ticks.step(span: range.span, atMost: ticks)
    let origin = (range.lowerBound / tick).rounded(.up) * tick
    return Panel.Axis(label: label, range: range, tick: tick, origin: origin)
  }

  /// A heat map of time by neuron.
  func heatMap(_ map: TimeMap, palette: Palette, range: ClosedRange<Double>) -> HeatMap {
    let dx = Double(map.block) * stepMilliseconds
    return HeatMap(
      values: map.values, rows: map.neurons, columns: map.columns, x0: dx / 2, dx: dx,
      palette: palette, range: range)
  }

  /// The lines "time value" of one neuron's trace, each value at the middle of its block.
  func traceLines(_ map: TimeMap, neuron: Int) -> [String] {
    let dx = Double(map.block) * stepMilliseconds
    return map.trace(neuron).enumerated().map { column, value in
      "\((Double(column) + 0.5) * dx) \(Numbers.plotted(value))"
    }
  }

  /// How to draw a trace: a line of fewer than three points would be missed.
  func traceStyle(_ map: TimeMap) -> String {
    map.columns < 3 ? "linespoints pointtype 7 pointsize 0.6" : "lines"
  }

  /// At most `count` of a layer's neurons, evenly spread.
  func someNeurons(of neurons: Int, atMost count: Int) -> [Int] {
    let count = min(count, neurons)
    return (0..<count).map { $0 * neurons / count }
  }
}
