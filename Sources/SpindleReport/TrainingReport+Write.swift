import Foundation

extension TrainingReport {
  /// The page's file.
  static let pageName = "report.html"

  /// Makes the directory of a report if need be and proves that files can be written into it, so
  /// that a program can fail before it trains rather than after.
  public static func prepare(directory: String) throws(ReportError) {
    try ReportFolder(creating: directory).close()
  }

  /// Writes `report.html`, the numbers as CSV and the figures as SVG and PNG into a directory.
  ///
  /// The directory is made and tried first, then the sizes are checked, then files are written,
  /// each under another name and renamed when whole. Files of an earlier report are replaced;
  /// those that this report does not have are removed, so that no stale figure stays beside new
  /// numbers. Without gnuplot, numbers and page are written and the outcome says so.
  public func write(to directory: String) throws(ReportError) -> ReportOutcome {
    let gnuplot = Gnuplot(environment: ProcessInfo.processInfo.environment)
    return try write(to: directory, gnuplot: gnuplot)
  }

  func write(to directory: String, gnuplot: Gnuplot) throws(ReportError) -> ReportOutcome {
    let folder = try ReportFolder(creating: directory)
    defer { folder.close() }
    try validate()
    let numbers = csvFiles()
    for file in numbers { try folder.save(Data(file.text.utf8), as: file.name) }
    let drawn = try draw(in: folder, gnuplot: gnuplot)
    let page = HTMLPage(
      report: self, figures: drawn.figures, advice: drawn.status.advice,
      numbers: numbers.map(\.name))
    try folder.save(Data(page.text.utf8), as: Self.pageName)
    let files =
      [Self.pageName] + drawn.figures.flatMap(\.figure.files) + numbers.map(\.name)
    for name in Self.csvNames + Figure.names.flatMap({ [$0 + ".svg", $0 + ".png"] })
    where !files.contains(name) {
      folder.discard(name)
    }
    return ReportOutcome(files: files, figures: drawn.status)
  }

  /// All figures of this report.
  func figures() -> [Figure] {
    let curves = Curve.Quantity.allCases.map { quantity in
      self.curves.first { $0.quantity == quantity }.flatMap(figure)
    }
    return
      ([targetFigure()] + curves + [
        confusionFigure(), evaluationFigure(), activityFigure(), classesFigure(), membraneFigure(),
        weightsFigure(),
      ]).compactMap(\.self)
  }

  private func draw(
    in folder: ReportFolder, gnuplot: Gnuplot
  ) throws(ReportError) -> (figures: [(figure: Figure, svg: String)], status: FigureStatus) {
    guard gnuplot.path != nil else { return ([], .gnuplotMissing(name: gnuplot.name)) }
    let figures = figures()
    for image in figures.flatMap(\.images) { try folder.saveAside(image.values, as: image.file) }
    if let message = gnuplot.run(GnuplotScript.all(figures), in: folder.scratch) {
      return ([], .gnuplotFailed(message: message))
    }
    var drawn: [(figure: Figure, svg: String)] = []
    for figure in figures {
      let base = folder.scratch + "/" + figure.name
      guard let raw = try? String(contentsOfFile: base + ".svg", encoding: .utf8),
        let png = FileManager.default.contents(atPath: base + ".png"), !png.isEmpty
      else { return ([], .gnuplotFailed(message: "it left no figure '\(figure.name)'")) }
      let svg = SVGText.standalone(raw)
      try folder.save(Data(svg.utf8), as: figure.name + ".svg")
      try folder.save(png, as: figure.name + ".png")
      let inline = SVGText.inline(svg, name: figure.name, label: figure.heading)
      drawn.append((figure, inline))
    }
    return (drawn, .drawn)
  }
}
