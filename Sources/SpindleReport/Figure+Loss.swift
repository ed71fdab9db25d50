extension TrainingReport {
  private static let meanColour = "#d97706"

  /// The loss by epoch, raw and as a running mean; nil if nothing was trained.
  func lossFigure() -> Figure? {
    guard !losses.isEmpty else { return nil }
    let curve = LossCurve(losses)
    let drawn = (curve.raw + curve.mean).map(\.loss).filter { $0.isFinite && $0 > 0 }
    let isLogarithmic = !drawn.isEmpty
    let low = isLogarithmic ? (drawn.min() ?? 1) / 1.1 : -1
    let high = isLogarithmic ? (drawn.max() ?? 1) * 1.1 : 1
    let mean = curve.mean.isEmpty ? "" : ", and its running mean over \(curve.window) epochs"
    let thinned = curve.raw.count < losses.count
    var figure = Figure(
      name: "loss", heading: "Loss",
      caption: "Loss by epoch\(mean); logarithmic axis."
        + (thinned ? " Of neighbouring epochs the smallest and the largest loss are drawn." : ""),
      width: 960, height: 360)
    let last = Double(losses.count)
    let panel = Panel(
      title: "Training loss", left: 84, top: 32, width: 852, height: 270,
      x: Panel.Axis(
        label: "Epoch", range: 0...max(last, 2),
        tick: Ticks.step(counting: losses.count, atMost: 10)),
      y: valueAxis("Loss", low...high, ticks: 5), labelGap: 60)
    figure.begin(panel)
    if isLogarithmic {
      let ticks = Ticks.logarithmic(low...high).map(\.description).joined(separator: ", ")
      figure.drawing += "set logscale y\nset ytics (\(ticks))\nset grid ytics linecolor rgb"
      figure.drawing += " '\(Panel.quiet)' linewidth 0.4\n"
    }
    let names = [("each epoch", "#5b8fc7", 80)]
    let means = curve.mean.isEmpty ? [] : [("mean of \(curve.window)", Self.meanColour, 90)]
    figure.drawing += panel.legend(names + means, width: figure.width, height: figure.height)
    figure.drawing += lossPlot(curve, in: &figure)
    return figure
  }

  private func lossPlot(_ curve: LossCurve, in figure: inout Figure) -> String {
    func lines(_ points: [(epoch: Int, loss: Double)]) -> [String] {
      // A loss of zero or less has no place on a logarithmic axis: it leaves a gap.
      points.map { "\($0.epoch) \(Numbers.plotted($0.loss > 0 ? $0.loss : .nan))" }
    }
    let style = curve.raw.count < 3 ? "linespoints pointtype 7 pointsize 0.6" : "lines"
    let raw = figure.define("raw", lines(curve.raw))
    var plot =
      "plot \(raw) using 1:2 with \(style) linewidth 0.7 linecolor rgb '#8fb4dc'"
    if !curve.mean.isEmpty {
      let mean = figure.define("mean", lines(curve.mean))
      plot += ", \(mean) using 1:2 with lines linewidth 2 linecolor rgb '\(Self.meanColour)'"
    }
    return plot + "\n"
  }
}
