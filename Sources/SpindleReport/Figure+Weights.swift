extension TrainingReport {
  /// The input weights, and the recurrent weights where there are any.
  func weightsFigure() -> Figure {
    let recurrent = recurrentWeights.map { _ in
      " Recurrent weights: a row is the neuron a spike comes from, a column the neuron it goes to."
    }
    var figure = Figure(
      name: "weights", heading: "Weights",
      caption: (inputs == 1
        ? "Weight of the input to each neuron."
        : "Input weights: a row is an input channel, a column a neuron.") + (recurrent ?? ""),
      width: 960, height: 430)
    let inputWidth = recurrentWeights == nil ? 820 : 390
    if inputs == 1 {
      drawInputBars(width: inputWidth, in: &figure)
    } else {
      drawInputMap(width: inputWidth, in: &figure)
    }
    if let recurrentWeights {
      draw(recurrent: recurrentWeights, in: &figure)
    }
    return figure
  }

  private func drawInputBars(width: Int, in figure: inout Figure) {
    let range = Numbers.range(of: inputWeights, [0])
    let axis = valueAxis(
      "Weight",
      (range.lowerBound < 0 ? range.lowerBound - 0.05 * range.span : 0)...(range.upperBound > 0
        ? range.upperBound + 0.05 * range.span : 0), ticks: 8)
    let panel = Panel(
      title: "Input weights", left: 72, top: 32, width: width, height: 340,
      x: countAxis("Neuron", neurons, ticks: width / 40), y: axis, labelGap: 52)
    let block = figure.define(
      "input", inputWeights.enumerated().map { "\($0.offset) \(Numbers.plotted($0.element))" })
    figure.begin(panel)
    figure.drawing += """
      set boxwidth 0.8
      set style fill solid 1 noborder
      set xzeroaxis linetype 1 linewidth 0.8 linecolor rgb '\(Panel.ink)'
      plot \(block) using 1:2 with boxes linecolor rgb '#4e79a7'

      """
  }

  private func drawInputMap(width: Int, in figure: inout Figure) {
    let panel = Panel(
      title: "Input weights", left: 72, top: 32, width: width - 40, height: 340,
      x: countAxis("Neuron", neurons, ticks: width / 40),
      y: countAxis("Input", inputs, ticks: 10, isReversed: true))
    let map = HeatMap(
      values: inputWeights, rows: inputs, columns: neurons, palette: .diverging,
      range: Numbers.symmetricRange(of: inputWeights))
    figure.draw(map, as: "input", in: panel)
  }

  private func draw(recurrent weights: [Float], in figure: inout Figure) {
    let panel = Panel(
      title: "Recurrent weights", left: 540, top: 32, width: 340, height: 340,
      x: countAxis("Target neuron", neurons, ticks: 10),
      y: countAxis("Source neuron", neurons, ticks: 10, isReversed: true))
    let map = HeatMap(
      values: weights, rows: neurons, columns: neurons, palette: .diverging,
      range: Numbers.symmetricRange(of: weights))
    figure.draw(map, as: "recurrent", in: panel)
  }
}
