extension TrainingReport {
  /// Colours of lines that are told apart on light and on dark.
  static let lineColours = [
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#b07aa1", "#d4b106", "#9c755f",
  ]

  /// The target as a heat map above its traces.
  func targetFigure() -> Figure {
    let map = TimeMap(target, steps: steps, neurons: neurons)
    let range = Numbers.range(of: map.values)
    let shown = someNeurons(atMost: Self.lineColours.count)
    let some = shown.count < neurons ? " The traces show \(shown.count) of \(neurons) neurons." : ""
    var figure = Figure(
      name: "target", heading: "Target",
      caption: "What the network is to learn, by neuron and time.\(some)\(map.note)",
      width: 960, height: 500)
    let heat = Panel(
      title: "Target", left: 64, top: 32, width: 800, height: 170,
      x: timeAxis(ticks: 10), y: countAxis("Neuron", neurons, ticks: 8))
    figure.draw(heatMap(map, palette: .sequential, range: range), as: "map", in: heat)
    let traces = Panel(
      title: "Traces", left: 64, top: 276, width: 800, height: 170,
      x: timeAxis(ticks: 10), y: valueAxis("Target", range.padded(0.05), ticks: 5))
    let plots = shown.enumerated().map { index, neuron in
      let block = figure.define("trace_\(neuron)", traceLines(map, neuron: neuron))
      return "\(block) using 1:2 with \(traceStyle(map)) linewidth 1.6"
        + " linecolor rgb '\(Self.lineColours[index])' title '\(neuron)'"
    }
    figure.begin(traces)
    figure.drawing += "set key at screen 0.985, graph 1 right top vertical Right samplen 1.2"
    figure.drawing += " title 'Neuron' textcolor rgb '\(Panel.ink)'\n"
    figure.drawing += "plot " + plots.joined(separator: ", ") + "\n"
    return figure
  }
}
