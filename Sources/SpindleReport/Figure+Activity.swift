extension TrainingReport {
  /// Spikes of a layer above which its raster is drawn as an image.
  static let mostSpikes = 6000
  /// Layers above which the rest are left to the CSV files.
  static let mostLayers = 6
  private static let rowHeight = 400

  /// The spikes of one sample, and beside them how often each neuron fires, by layer.
  func activityFigure() -> Figure? {
    let spiking = layers.filter { $0.raster != nil }
    guard !spiking.isEmpty else { return nil }
    let shown = spiking.prefix(Self.mostLayers)
    let isAveraged = steps > TimeMap.mostColumns && shown.contains(where: isDense)
    let note =
      isAveraged
      ? " In a dense raster a cell covers several steps and is the darker, the more of them have a"
        + " spike." : ""
    var figure = Figure(
      name: "activity", heading: "Activity",
      caption: "The spikes of one sample, and how often each neuron fires.\(note)",
      width: 960, height: Self.rowHeight * shown.count + 20)
    for (index, layer) in shown.enumerated() {
      let top = 58 + Self.rowHeight * index
      let panel = Panel(
        title: shown.count == 1 ? "Spikes of one sample" : layer.name, left: 64, top: top,
        width: 580, height: Self.rowHeight - 114, x: timeAxis(ticks: 8),
        y: countAxis("Neuron", layer.neurons, ticks: 10))
      if isDense(layer) {
        drawDense(layer, index, in: panel, of: &figure)
      } else {
        drawSpikes(layer, index, in: panel, of: &figure)
      }
      drawRates(layer, index, top: top, in: &figure)
    }
    return figure
  }

  private func isDense(_ layer: LayerActivity) -> Bool {
    (layer.raster ?? []).count(where: \.self) > Self.mostSpikes
  }

  private func drawSpikes(
    _ layer: LayerActivity, _ index: Int, in panel: Panel, of figure: inout Figure
  ) {
    var lines: [String] = []
    for (place, isSpike) in (layer.raster ?? []).enumerated() where isSpike {
      let (step, neuron) = place.quotientAndRemainder(dividingBy: layer.neurons)
      let time = (Double(step) + 0.5) * stepMilliseconds
      lines.append("\(time) \(Double(neuron) - 0.38)")
    }
    // gnuplot refuses a block without a point: this one lies outside the axes.
    if lines.isEmpty { lines = ["-1 -1"] }
    let block = figure.define("spikes_\(index)", lines)
    figure.begin(panel)
    figure.drawing += "plot \(block) using 1:2:(0):(0.76) with vectors nohead linewidth 1.4"
    figure.drawing += " linecolor rgb '#2f7bea'\n"
  }

  private func drawDense(
    _ layer: LayerActivity, _ index: Int, in panel: Panel, of figure: inout Figure
  ) {
    let spikes = (layer.raster ?? []).map { $0 ? 1 : 0 as Float }
    let map = TimeMap(spikes, steps: steps, neurons: layer.neurons)
    // Cells without a spike stay blank.
    let dx = Double(map.block) * stepMilliseconds
    let image = HeatMap(
      values: map.values.map { $0 == 0 ? .nan : $0 }, rows: layer.neurons, columns: map.columns,
      x0: dx / 2, dx: dx, palette: .density,
      range: 0...Numbers.range(of: map.values, [0]).upperBound, hasColourBar: false)
    figure.draw(image, as: "spikes_\(index)", in: panel)
  }

  private func drawRates(
    _ layer: LayerActivity, _ index: Int, top: Int, in figure: inout Figure
  ) {
    let rates = layer.firingRates ?? []
    let largest = Numbers.range(of: rates, [0]).upperBound
    let axis = valueAxis("Fraction of steps", 0...(1.05 * largest), ticks: 4)
    let panel = Panel(
      title: "Firing rate", left: 716, top: top, width: 210, height: Self.rowHeight - 114,
      x: axis, y: countAxis("Neuron", layer.neurons, ticks: 10), titleGap: 38)
    let lines = rates.enumerated().map { "\($0.offset) \(Numbers.plotted($0.element))" }
    let block = figure.define("rates_\(index)", lines)
    // Gaps between many bars would be thinner than a pixel and shimmer.
    let half = layer.neurons > 60 ? 0.5 : 0.4
    let hertz = axis.range.upperBound / timeStep
    figure.begin(panel)
    let place = Place(width: figure.width, height: figure.height)
    figure.drawing += """
      set border 7
      set label 3 "Hz" at \(place.at(panel.left + panel.width + 8, panel.top - 11)) \
      textcolor rgb '\(Panel.ink)'
      set x2range [0:\(hertz)]
      set x2tics 0, \(Ticks.step(span: hertz, atMost: 4)) offset 0, -0.3
      set style fill solid 1 noborder
      plot \(block) using ($2 / 2):1:(0):2:($1 - \(half)):($1 + \(half)) \
      with boxxyerror linecolor rgb '#4e79a7'

      """
  }
}
