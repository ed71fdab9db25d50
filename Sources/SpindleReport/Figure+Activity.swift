extension TrainingReport {
  /// Spikes above which the raster is drawn as an image.
  static let mostSpikes = 6000

  /// The spikes of one sample, and beside them how often each neuron fires.
  func activityFigure() -> Figure {
    let map = TimeMap(raster.map { $0 ? 1 : 0 }, steps: steps, neurons: neurons)
    let isDense = raster.count(where: { $0 }) > Self.mostSpikes
    let note =
      isDense && map.block > 1
      ? " A cell covers \(map.block) steps and is the darker, the more of them have a spike." : ""
    var figure = Figure(
      name: "activity", heading: "Activity",
      caption: "The spikes of one sample, and how often each neuron fires.\(note)",
      width: 960, height: 420)
    let panel = Panel(
      title: "Spikes of one sample", left: 64, top: 58, width: 580, height: 306,
      x: timeAxis(ticks: 8), y: countAxis("Neuron", neurons, ticks: 10))
    if isDense {
      drawDense(map, in: panel, of: &figure)
    } else {
      drawSpikes(in: panel, of: &figure)
    }
    drawRates(in: &figure)
    return figure
  }

  private func drawSpikes(in panel: Panel, of figure: inout Figure) {
    var lines: [String] = []
    for step in 0..<steps {
      for neuron in 0..<neurons where raster[step * neurons + neuron] {
        let time = (Double(step) + 0.5) * stepMilliseconds
        lines.append("\(time) \(Double(neuron) - 0.38)")
      }
    }
    // gnuplot refuses a block without a point: this one lies outside the axes.
    if lines.isEmpty { lines = ["-1 -1"] }
    let block = figure.define("spikes", lines)
    figure.begin(panel)
    figure.drawing += "plot \(block) using 1:2:(0):(0.76) with vectors nohead linewidth 1.4"
    figure.drawing += " linecolor rgb '#2f7bea'\n"
  }

  private func drawDense(_ map: TimeMap, in panel: Panel, of figure: inout Figure) {
    // Cells without a spike stay blank.
    let dx = Double(map.block) * stepMilliseconds
    let image = HeatMap(
      values: map.values.map { $0 == 0 ? .nan : $0 }, rows: neurons, columns: map.columns,
      x0: dx / 2, dx: dx, palette: .density,
      range: 0...Numbers.range(of: map.values, [0]).upperBound, hasColourBar: false)
    figure.draw(image, as: "spikes", in: panel)
  }

  private func drawRates(in figure: inout Figure) {
    let largest = Numbers.range(of: firingRates, [0]).upperBound
    let axis = valueAxis("Fraction of steps", 0...(1.05 * largest), ticks: 4)
    let panel = Panel(
      title: "Firing rate", left: 716, top: 58, width: 210, height: 306,
      x: axis, y: countAxis("Neuron", neurons, ticks: 10),
      titleGap: 38)
    let lines = firingRates.enumerated().map { "\($0.offset) \(Numbers.plotted($0.element))" }
    let block = figure.define("rates", lines)
    // Gaps between many bars would be thinner than a pixel and shimmer.
    let half = neurons > 60 ? 0.5 : 0.4
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
