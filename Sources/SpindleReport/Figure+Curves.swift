extension TrainingReport {
  private static let meanColour = "#d97706"

  /// A quantity by epoch, raw and, where it is one line, as a running mean; nil without an epoch.
  func figure(of curve: Curve) -> Figure? {
    guard !curve.isEmpty else { return nil }
    let lines = curve.series.map { LossCurve($0.values) }
    let count = curve.series[0].values.count
    let window = lines.count == 1 && !lines[0].mean.isEmpty ? lines[0].window : nil
    let scale = CurveScale(curve, lines)
    var figure = Figure(
      name: curve.quantity.rawValue, heading: curve.quantity.words.heading,
      caption: curve.quantity.words.caption
        + (window.map { ", and its running mean over \($0) epochs" } ?? "")
        + (curve.quantity == .loss ? "; logarithmic axis." : ".")
        + (lines[0].raw.count < count
          ? " Of neighbouring epochs the smallest and the largest value are drawn." : ""),
      width: 960, height: 360)
    let panel = Panel(
      title: curve.quantity.words.heading, left: 84, top: 32, width: 852, height: 270,
      x: Panel.Axis(
        label: "Epoch", range: 0...max(Double(count), 2),
        tick: Ticks.step(counting: count, atMost: 10)),
      y: valueAxis(curve.quantity.words.axis, scale.range, ticks: 6), labelGap: 60)
    figure.begin(panel)
    figure.drawing += scale.commands
    figure.drawing += panel.legend(
      window.map { [("each epoch", "#5b8fc7", 80), ("mean of \($0)", Self.meanColour, 90)] }
        ?? legend(curve), width: figure.width, height: figure.height)
    figure.drawing += plot(curve, lines, scale, in: &figure)
    return figure
  }

  private func legend(_ curve: Curve) -> [(text: String, colour: String, width: Int)] {
    zip(curve.series, Self.lineColours).map { ($0.name, $1, 14 + 7 * $0.name.count) }
  }

  private func plot(
    _ curve: Curve, _ lines: [LossCurve], _ scale: CurveScale, in figure: inout Figure
  ) -> String {
    let isOnly = lines.count == 1
    var plots: [String] = []
    for (index, line) in lines.prefix(Self.lineColours.count).enumerated() {
      let style = line.raw.count < 3 ? "linespoints pointtype 7 pointsize 0.6" : "lines"
      let block = figure.define("raw_\(index)", line.raw.map(scale.line))
      let colour = isOnly && !line.mean.isEmpty ? "#8fb4dc" : Self.lineColours[index]
      let width = isOnly && !line.mean.isEmpty ? 0.7 : 1.6
      plots.append("\(block) using 1:2 with \(style) linewidth \(width) linecolor rgb '\(colour)'")
    }
    if isOnly, !lines[0].mean.isEmpty {
      let mean = figure.define("mean", lines[0].mean.map(scale.line))
      plots.append("\(mean) using 1:2 with lines linewidth 2 linecolor rgb '\(Self.meanColour)'")
    }
    return "plot " + plots.joined(separator: ", ") + "\n"
  }
}

/// The vertical axis of a curve.
private struct CurveScale {
  let range: ClosedRange<Double>
  let isLogarithmic: Bool

  init(_ curve: Curve, _ lines: [LossCurve]) {
    let drawn = lines.flatMap { $0.raw + $0.mean }.map(\.loss).filter(\.isFinite)
    guard curve.quantity == .loss else {
      isLogarithmic = false
      let high = curve.quantity == .accuracy ? 1 : max(drawn.max() ?? 1, 1e-6)
      range = 0...(1.03 * min(high, Self.largest))
      return
    }
    let positive = drawn.filter { $0 > 0 }
    isLogarithmic = !positive.isEmpty
    // What lies outside is cut off.
    let low = min(max(positive.min() ?? 1, 1 / Self.largest), Self.largest)
    let high = min(max(positive.max() ?? 1, low), Self.largest)
    range = isLogarithmic ? low / 1.1...high * 1.1 : -1...1
  }

  /// Beyond it, and below its inverse, products of an axis would overflow.
  private static let largest = 1e300

  var commands: String {
    let grid = "set grid ytics linecolor rgb '\(Panel.quiet)' linewidth 0.4\n"
    guard isLogarithmic else { return grid }
    let ticks = Ticks.logarithmic(range).map(\.description).joined(separator: ", ")
    return "set logscale y\nset ytics (\(ticks))\n" + grid
  }

  /// A value of zero or less has no place on a logarithmic axis: it leaves a gap.
  func line(_ point: (epoch: Int, loss: Double)) -> String {
    let hasPlace = !isLogarithmic || point.loss > 0
    return "\(point.epoch) \(Numbers.plotted(hasPlace ? point.loss : .nan))"
  }
}

extension Curve.Quantity {
  /// What the page and the figure call it.
  fileprivate var words: (heading: String, caption: String, axis: String) {
    switch self {
    case .loss: ("Loss", "Loss by epoch", "Loss")
    case .accuracy: ("Accuracy", "Fraction of samples put in their class, by epoch", "Accuracy")
    case .rates:
      (
        "Firing rates", "Fraction of neurons and steps that fired, by layer and epoch",
        "Fraction of steps"
      )
    }
  }
}
