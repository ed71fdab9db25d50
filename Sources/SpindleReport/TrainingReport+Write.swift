import Foundation

extension TrainingReport {
  /// The page's file.
  static let pageName = "report.html"

  /// Makes the directory of a report if need be and proves that files can be written into it, and
  /// that none of the user's stands where a report's would, so that a program can fail before it
  /// trains rather than after.
  public static func prepare(directory: String) throws(ReportError) {
    try ReportFolder(creating: directory).close()
    try ReportManifest(of: directory).check()
  }

  /// Writes `report.html`, the numbers as CSV and the figures as SVG and PNG into a directory.
  ///
  /// The directory is made and tried first, then the sizes are checked, then files are written,
  /// each under another name and renamed when whole. Files of an earlier report are replaced;
  /// those that this report does not have are removed, so that no stale figure stays beside new
  /// numbers. Other files are never touched: where one has a name that a report needs, nothing is
  /// written. A hidden file ".spindle-report" lists what is the report's. Without gnuplot, numbers
  /// and page are written and the outcome says so.
  ///
  /// - Parameters:
  ///   - directory: made where it does not exist.
  ///   - shouldStop: asked while gnuplot draws; true ends the drawing, as if it had failed.
  public func write(
    to directory: String, shouldStop: () -> Bool = { false }
  ) throws(ReportError) -> ReportOutcome {
    let gnuplot = Gnuplot(environment: ProcessInfo.processInfo.environment)
    return try write(to: directory, gnuplot: gnuplot, shouldStop: shouldStop)
  }

  func write(
    to directory: String, gnuplot: Gnuplot, shouldStop: () -> Bool = { false }
  ) throws(ReportError) -> ReportOutcome {
    let folder = try ReportFolder(creating: directory)
    defer { folder.close() }
    var manifest = ReportManifest(of: directory)
    try manifest.check()
    try validate()
    let numbers = csvFiles().map { (name: $0.name, data: Data($0.text.utf8)) }
    let drawn = try draw(in: folder, gnuplot: gnuplot, shouldStop)
    let page = HTMLPage(
      report: self, figures: drawn.figures, advice: drawn.status.advice,
      numbers: numbers.map(\.name))
    let files = [(name: Self.pageName, data: Data(page.text.utf8))] + drawn.files + numbers
    try manifest.announce(files)
    for file in files { try folder.save(file.data, as: file.name) }
    let names = Set(files.map(\.name))
    for name in ReportManifest.candidates where !names.contains(name) { folder.discard(name) }
    try manifest.settle(files)
    return ReportOutcome(files: files.map(\.name), figures: drawn.status)
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

  /// What drawing left.
  private struct Drawing {
    var figures: [(figure: Figure, svg: String)] = []
    var files: [(name: String, data: Data)] = []
    var status: FigureStatus
  }

  private func draw(
    in folder: ReportFolder, gnuplot: Gnuplot, _ shouldStop: () -> Bool
  ) throws(ReportError) -> Drawing {
    guard gnuplot.path != nil else { return Drawing(status: .gnuplotMissing(name: gnuplot.name)) }
    let figures = figures()
    for image in figures.flatMap(\.images) { try folder.saveAside(image.values, as: image.file) }
    let scripts = GnuplotScript.all(figures)
    if let message = gnuplot.run(scripts, in: folder.scratch, shouldStop: shouldStop) {
      return Drawing(status: .gnuplotFailed(message: message))
    }
    var drawing = Drawing(status: .drawn)
    for figure in figures {
      let base = folder.scratch + "/" + figure.name
      guard let raw = try? String(contentsOfFile: base + ".svg", encoding: .utf8),
        let png = FileManager.default.contents(atPath: base + ".png"), !png.isEmpty
      else {
        return Drawing(status: .gnuplotFailed(message: "it left no figure '\(figure.name)'"))
      }
      let svg = SVGText.standalone(raw)
      drawing.files += [(figure.name + ".svg", Data(svg.utf8)), (figure.name + ".png", png)]
      let inline = SVGText.inline(svg, name: figure.name, label: figure.heading)
      drawing.figures.append((figure, inline))
    }
    return drawing
  }
}
