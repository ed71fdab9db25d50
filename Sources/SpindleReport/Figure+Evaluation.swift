extension TrainingReport {
  /// Six panels: target, output and absolute error as heat maps; three neurons' traces below. Nil
  /// without a target over time.
  func evaluationFigure() -> Figure? {
    guard let evaluation else { return nil }
    let neurons = evaluation.neurons
    let error = zip(evaluation.target, evaluation.output).map { abs($0 - $1) }
    let targetMap = TimeMap(evaluation.target, steps: steps, neurons: neurons)
    let outputMap = TimeMap(evaluation.output, steps: steps, neurons: neurons)
    let errorMap = TimeMap(error, steps: steps, neurons: neurons)
    let range = Numbers.range(of: targetMap.values, outputMap.values)
    var figure = Figure(
      name: "evaluation", heading: "Evaluation",
      caption: "Target, output (\(evaluation.meaning)) and absolute error; below,"
        + " target and output of single neurons.\(targetMap.note)",
      width: 960, height: 500)
    let largest = max(Numbers.range(of: errorMap.values).upperBound, .leastNormalMagnitude)
    draw(targetMap, "Target", "target", .sequential, range, column: 0, in: &figure)
    draw(outputMap, "Output", "output", .sequential, range, column: 1, in: &figure)
    draw(errorMap, "Absolute error", "error", .error, 0...largest, column: 2, in: &figure)
    let shown = someNeurons(of: neurons, atMost: 3)
    for (column, neuron) in shown.enumerated() {
      draw(
        neuron, of: targetMap, outputMap, range: range, column: column,
        isOnly: shown.count == 1, axis: evaluation.axis, in: &figure)
    }
    return figure
  }

  private func draw(
    _ map: TimeMap, _ title: String, _ suffix: String, _ palette: Palette,
    _ range: ClosedRange<Double>, column: Int, in figure: inout Figure
  ) {
    let panel = Panel(
      title: title, left: 58 + 314 * column, top: 32, width: 200, height: 170,
      x: timeAxis(ticks: 5), y: countAxis("Neuron", map.neurons, ticks: 8))
    figure.draw(heatMap(map, palette: palette, range: range), as: suffix, in: panel)
  }

  private func draw(
    _ neuron: Int, of target: TimeMap, _ output: TimeMap, range: ClosedRange<Double>,
    column: Int, isOnly: Bool, axis: String, in figure: inout Figure
  ) {
    let panel = Panel(
      title: "Neuron \(neuron)", left: 58 + 314 * column, top: 276,
      width: isOnly ? 828 : 200, height: 170,
      x: timeAxis(ticks: isOnly ? 10 : 5),
      y: valueAxis(axis, range.padded(0.05), ticks: 6))
    let targetBlock = figure.define("target_\(neuron)", traceLines(target, neuron: neuron))
    let outputBlock = figure.define("output_\(neuron)", traceLines(output, neuron: neuron))
    figure.begin(panel)
    figure.drawing += panel.legend(
      [("output", "#3f83e8", 46), ("target", Panel.ink, 46)],
      width: figure.width, height: figure.height)
    // The target lies on top: many noisy steps would hide it.
    figure.drawing +=
      "plot \(outputBlock) using 1:2 with \(traceStyle(output)) linewidth 1"
      + " linecolor rgb '#6ea6f2', "
      + "\(targetBlock) using 1:2 with \(traceStyle(target)) linewidth 1.4"
      + " linecolor rgb '\(Panel.ink)'\n"
  }
}
