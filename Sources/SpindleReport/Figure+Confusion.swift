extension TrainingReport {
  /// Classes above which names and counts would be too small to read.
  private static let mostNamed = 40
  private static let mostCounted = 14

  /// The confusion matrix, each row as fractions of its class.
  func confusionFigure() -> Figure? {
    guard let confusion else { return nil }
    let classes = confusion.classes
    var figure = Figure(
      name: "confusion", heading: "Confusion matrix",
      caption: "Of the samples of each class (a row), the fraction that was put in each class"
        + " (a column).", width: 960, height: 640)
    let panel = Panel(
      title: "Samples by true and predicted class", left: 170, top: 32, width: 540, height: 540,
      x: countAxis("Predicted class", classes, ticks: 14),
      y: countAxis("True class", classes, ticks: 14, isReversed: true),
      labelGap: Self.labelGap(confusion))
    let fractions = (0..<classes).flatMap { row in
      let counts = confusion.counts[(row * classes)..<((row + 1) * classes)]
      let total = Float(counts.reduce(0, +))
      return counts.map { total > 0 ? Float($0) / total : .nan }
    }
    let map = HeatMap(
      values: fractions, rows: classes, columns: classes, palette: .sequential, range: 0...1)
    figure.draw(map, as: "fractions", in: panel, settings: Self.names(confusion))
    return figure
  }

  /// Room for the longest name left of the axis.
  private static func labelGap(_ confusion: Confusion) -> Int {
    guard confusion.classes <= mostNamed else { return 44 }
    return min(30 + 7 * (confusion.names.map(\.count).max() ?? 1), 140)
  }

  private static func names(_ confusion: Confusion) -> String {
    var settings = ""
    if confusion.classes <= mostNamed {
      let ticks = confusion.names.enumerated().map { "\(GnuplotText.tick($1)) \($0)" }
        .joined(separator: ", ")
      settings += "set ytics (\(ticks)) noenhanced\nset xtics (\(ticks)) noenhanced rotate by 90"
      settings += " right\n"
    }
    guard confusion.classes <= mostCounted else { return settings }
    for (index, count) in confusion.counts.enumerated() where count > 0 {
      let (row, column) = index.quotientAndRemainder(dividingBy: confusion.classes)
      let total = confusion.counts[(index - column)..<(index - column + confusion.classes)]
        .reduce(0, +)
      let isLight = 2 * count > total
      settings += "set label \(100 + index) '\(count)' at \(column), \(row) center front"
      settings += " textcolor rgb '\(isLight ? "#101010" : "#f4f4f4")'\n"
    }
    return settings
  }
}
