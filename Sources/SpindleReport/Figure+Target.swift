extension TrainingReport {
  /// Colours of lines that are told apart on light and on dark.
  static let lineColours = [
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#b07aa1", "#d4b106", "#9c755f",
  ]

  /// The target as a heat map above its traces; nil without a target over time.
  func targetFigure() -> Figure? {
    guard let evaluation else { return nil }
    let neurons = evaluation.neurons
    let map = TimeMap(evaluation.target, steps: steps, neurons: neurons)
    let range = Numbers.range(of: map.values)
    let shown = someNeurons(of: neurons, atMost: Self.lineColours.count)
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
    drawTraces(map, shown, named: "trace", in: traces, of: &figure)
    return figure
  }
}
