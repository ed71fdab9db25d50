import Foundation

/// The figure of a sweep: a panel for each key that varies, in it a point for each run and the mean
/// of each value's runs.
public struct SweepFigure: Sendable {
  /// A key and what runs gave by its values.
  public struct Panel: Sendable {
    let key: String
    let groups: [(label: String, values: [Double])]

    /// A key with its values, in order, each with the figures of its runs.
    public init(key: String, groups: [(label: String, values: [Double])]) {
      self.key = key
      self.groups = groups
    }
  }

  private let metric: String
  private let panels: [Panel]

  /// The most keys that are drawn.
  private static let mostPanels = 4
  private static let panelHeight = 300
  private static let meanColour = "#d97706"

  /// A figure of `metric`, as it is called.
  public init(metric: String, panels: [Panel]) {
    self.metric = metric
    self.panels = panels
  }

  /// Draws `sweep.svg` and `sweep.png` into a directory by gnuplot, each replaced whole; says why
  /// not, where gnuplot is missing or fails.
  ///
  /// - Parameters:
  ///   - directory: where; made where it does not exist.
  ///   - shouldStop: asked while gnuplot draws; true ends the drawing, as if it had failed.
  public func write(
    to directory: String, shouldStop: () -> Bool = { false }
  ) throws(ReportError) -> FigureStatus {
    let gnuplot = Gnuplot(environment: ProcessInfo.processInfo.environment)
    guard gnuplot.path != nil else { return .gnuplotMissing(name: gnuplot.name) }
    let folder = try ReportFolder(creating: directory)
    defer { folder.close() }
    let figure = figure
    if let message = gnuplot.run(
      GnuplotScript.all([figure]), in: folder.scratch, shouldStop: shouldStop)
    {
      return .gnuplotFailed(message: message)
    }
    for name in figure.files {
      guard let data = FileManager.default.contents(atPath: folder.scratch + "/" + name),
        !data.isEmpty
      else { return .gnuplotFailed(message: "it left no \(name)") }
      try folder.save(data, as: name)
    }
    return .drawn
  }

  var figure: Figure {
    let shown = panels.prefix(Self.mostPanels)
    var figure = Figure(
      name: "sweep", heading: "Runs of the sweep", caption: "", width: 960,
      height: Self.panelHeight * shown.count)
    for (index, panel) in shown.enumerated() { draw(panel, index, in: &figure) }
    return figure
  }

  private func draw(_ panel: Panel, _ index: Int, in figure: inout Figure) {
    let values = panel.groups.flatMap(\.values).filter(\.isFinite)
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    let margin = max((high - low) * 0.05, abs(high) * 1e-3, 1e-9)
    let range = low - margin...high + margin
    let tick = Ticks.step(span: range.span, atMost: 6)
    let axes = SpindleReport.Panel(
      title: "By key", left: 84, top: 32 + index * Self.panelHeight, width: 852, height: 210,
      x: .init(
        label: "", range: -0.5...Double(panel.groups.count) - 0.5,
        tick: Ticks.step(counting: panel.groups.count, atMost: 20)),
      y: .init(
        label: "Value", range: range, tick: tick,
        origin: (range.lowerBound / tick).rounded(.up) * tick),
      labelGap: 60)
    figure.begin(axes)
    figure.drawing += texts(panel, axes, figure)
    let points = panel.groups.enumerated().flatMap { place, group in
      group.values.map { "\(place) \(Numbers.plotted($0))" }
    }
    let means = panel.groups.enumerated().compactMap { place, group in
      group.values.isEmpty
        ? nil
        : "\(place) \(Numbers.plotted(group.values.reduce(0, +) / Double(group.values.count)))"
    }
    let block = figure.define("runs_\(index)", points)
    let mean = figure.define("means_\(index)", means)
    figure.drawing +=
      "plot \(block) using 1:2 with points pointtype 7 pointsize 0.5 linecolor rgb '#5b8fc7', "
      + "\(mean) using 1:2 with points pointtype 2 pointsize 1.2 linewidth 2 "
      + "linecolor rgb '\(Self.meanColour)'\n"
  }

  /// Names of the key and its values: the user's text, which gnuplot must take as it is.
  private func texts(
    _ panel: Panel, _ axes: SpindleReport.Panel, _ figure: Figure
  ) -> String {
    let place = Place(width: figure.width, height: figure.height)
    let stride = Int(axes.x.tick)
    let ticks = Swift.stride(from: 0, to: panel.groups.count, by: stride).map {
      "\(GnuplotText.tick(panel.groups[$0].label)) \($0)"
    }
    let title = GnuplotText.quoted("by " + panel.key)
    return "set label 1 \(title) noenhanced at "
      + "\(place.at(axes.left, axes.top - axes.titleGap)) textcolor rgb '\(SpindleReport.Panel.ink)'\n"
      + "set label 2 \(GnuplotText.quoted(metric)) noenhanced at "
      + "\(place.at(axes.left - axes.labelGap, axes.top + axes.height / 2)) center rotate by 90 "
      + "textcolor rgb '\(SpindleReport.Panel.ink)'\n"
      + "set xtics (\(ticks.joined(separator: ", "))) noenhanced\n"
      + axes.legend(
        [("a run", "#5b8fc7", 60), ("mean", Self.meanColour, 60)], width: figure.width,
        height: figure.height)
  }
}
