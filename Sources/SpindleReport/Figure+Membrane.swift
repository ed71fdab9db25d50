extension TrainingReport {
  private static let rowHeight = 250

  /// The membranes of some neurons of each layer over one sample.
  func membraneFigure() -> Figure? {
    let recorded = layers.filter { $0.membrane != nil }
    guard !recorded.isEmpty else { return nil }
    let shown = recorded.prefix(Self.mostLayers)
    var figure = Figure(
      name: "membrane", heading: "Membranes",
      caption: "The membranes of some neurons of each layer over the same sample, after the reset.",
      width: 960, height: Self.rowHeight * shown.count + 10)
    for (index, layer) in shown.enumerated() {
      draw(layer, index, in: &figure)
    }
    return figure
  }

  private func draw(_ layer: LayerActivity, _ index: Int, in figure: inout Figure) {
    let map = TimeMap(layer.membrane ?? [], steps: steps, neurons: layer.neurons)
    let neurons = someNeurons(of: layer.neurons, atMost: Self.lineColours.count)
    let range = Numbers.range(of: neurons.flatMap { Array(map.trace($0)) })
    let panel = Panel(
      title: layer.name, left: 84, top: 32 + Self.rowHeight * index, width: 780,
      height: Self.rowHeight - 80, x: timeAxis(ticks: 10),
      y: valueAxis("Membrane", range.padded(0.05), ticks: 5), labelGap: 60)
    drawTraces(map, neurons, named: "trace_\(index)", in: panel, of: &figure)
  }

  /// One line a neuron, each in its colour, named at the panel's right.
  func drawTraces(
    _ map: TimeMap, _ neurons: [Int], named name: String, in panel: Panel, of figure: inout Figure
  ) {
    let plots = neurons.enumerated().map { index, neuron in
      let block = figure.define("\(name)_\(neuron)", traceLines(map, neuron: neuron))
      return "\(block) using 1:2 with \(traceStyle(map)) linewidth 1.6"
        + " linecolor rgb '\(Self.lineColours[index])' title '\(neuron)'"
    }
    figure.begin(panel)
    figure.drawing += "set key at screen 0.985, graph 1 right top vertical Right samplen 1.2"
    figure.drawing += " title 'Neuron' textcolor rgb '\(Panel.ink)'\n"
    figure.drawing += "plot " + plots.joined(separator: ", ") + "\n"
  }
}
