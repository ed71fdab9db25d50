import Foundation
import TestSupport
import Testing

@testable import SpindleReport

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite(.enabled(if: installedGnuplot.path != nil, "gnuplot is not installed: figures not tested"))
struct FigureTests {
  private static func check(_ report: TrainingReport) throws {
    try withTemporaryDirectory { directory in
      let outcome = try report.write(to: directory, gnuplot: installedGnuplot)
      #expect(outcome.figures == .drawn)
      #expect(outcome.figures.advice == nil)
      let present = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(Set(present) == Set(outcome.files + [ReportManifest.name]))
      for figure in report.figures() {
        let svg = try text(directory, figure.name + ".svg")
        #expect(svg.hasPrefix("<?xml"))
        #expect(svg.hasSuffix("</svg>\n\n") || svg.hasSuffix("</svg>\n"))
        #expect(XMLParser(data: Data(svg.utf8)).parse())
        let png = try #require(
          FileManager.default.contents(atPath: directory + "/\(figure.name).png"))
        #expect(png.prefix(8).elementsEqual([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
      }
      let page = try text(directory, "report.html")
      #expect(page.components(separatedBy: "<svg ").count - 1 == report.figures().count)
      #expect(!page.contains("<?xml"))
      #expect(!page.contains("src=") && !page.contains("<link"))
    }
  }

  @Test func `a report has the figures for what it has`() throws {
    let report = sampleReport()
    #expect(
      report.figures().map(\.name) == ["target", "loss", "evaluation", "activity", "weights"])
    try Self.check(report)
    #expect(classifierReport().figures().map(\.name) == Figure.names)
    let bare = TrainingReport(title: "Nothing", timeStep: 1, steps: 1)
    #expect(bare.figures().isEmpty)
  }

  @Test(arguments: [2, 60])
  func `classes of any number are drawn`(classes: Int) throws {
    try Self.check(classifierReport(classes: classes, epochs: classes == 2 ? 1 : 500))
  }

  @Test func `an impossible accuracy does not stop the drawing`() throws {
    var report = classifierReport()
    report.curves[1].series[0].values = report.curves[1].series[0].values.map { _ in .nan }
    report.layers[1].membrane = [Float](repeating: .infinity, count: 5 * report.steps)
    try Self.check(report)
  }

  @Test(arguments: [(1, 1, 1, 1), (2, 1, 3, 0), (200, 30, 5, 5000)])
  func `any shape is drawn`(neurons: Int, steps: Int, inputs: Int, epochs: Int) throws {
    try Self.check(
      sampleReport(
        neurons: neurons, steps: steps, inputs: inputs, isRecurrent: neurons != 2, epochs: epochs))
  }

  @Test func `a dense raster becomes an image`() throws {
    var report = sampleReport(neurons: 20, steps: 1200)
    report.layers[0].raster = report.layers[0].raster?.map { _ in true }
    let figure = try #require(report.activityFigure())
    #expect(figure.images.count == 1)
    #expect(figure.data.utf8.count < 10_000)
    try Self.check(report)
  }

  @Test func `numbers that are not finite leave gaps`() throws {
    var report = sampleReport()
    report.evaluation?.target[3] = .nan
    report.evaluation?.output[5] = .infinity
    report.weights[0].values[0] = .nan
    report.weights[1].values[1] = -.infinity
    report.layers[0].firingRates?[2] = .nan
    report.curves[0].series[0].values[7] = .nan
    report.curves[0].series[0].values[8] = 0
    try Self.check(report)
  }

  @Test func `nothing but NaN is drawn too`() throws {
    var report = sampleReport(neurons: 3, steps: 5, epochs: 4)
    func blank(_ values: [Float]?) -> [Float] { (values ?? []).map { _ in .nan } }
    let nothing = blank(report.evaluation?.target)
    report.evaluation?.target = nothing
    report.evaluation?.output = nothing
    for index in report.weights.indices {
      report.weights[index].values = blank(report.weights[index].values)
    }
    report.layers[0].firingRates = blank(report.layers[0].firingRates)
    report.layers[0].raster = report.layers[0].raster?.map { _ in false }
    report.curves[0].series[0].values = report.curves[0].series[0].values.map { _ in .nan }
    try Self.check(report)
  }

  @Test func `recurrent axes name row and column rightly`() throws {
    let drawing = try #require(sampleReport().weightsFigure()).drawing
    #expect(drawing.contains("set xlabel \"Target neuron\""))
    #expect(drawing.contains("\"Source neuron\""))
    let figure = try #require(sampleReport(isRecurrent: false).weightsFigure())
    #expect(!figure.drawing.contains("Recurrent"))
  }

  @Test func `losses of any size are drawn`() throws {
    for losses in [
      [1e308, 1.7e308], [.infinity, 1], [.leastNonzeroMagnitude, .leastNormalMagnitude / 64],
      [-1, 0], [.leastNonzeroMagnitude, 1.7e308],
      [.infinity, .infinity], [1.7e308, .nan],
    ] as [[Double]] {
      var report = TrainingReport(title: "Losses alone", timeStep: 1, steps: 1)
      report.curves = classifierReport(epochs: 2).curves
      for curve in report.curves.indices {
        for series in report.curves[curve].series.indices {
          report.curves[curve].series[series].values = losses
        }
      }
      #expect(!report.figures().isEmpty)
      try Self.check(report)
    }
  }

  @Test func `names of classes may hold anything`() throws {
    var report = classifierReport(classes: 8)
    report.confusion?.names = [
      "50%", "%s%d%n", "it''s", "'; system 'touch hacked'; '", "`touch hacked`", "\\",
      "a\u{1B}[31m",
      "{/:Bold x}_^@~&\n",
    ]
    report.classes[0].name = "100 % 'sure' %g `x`"
    try Self.check(report)
    let settings = try #require(report.confusionFigure()).drawing
    #expect(settings.contains("'50%%' 0") && settings.contains("'it\u{2019}\u{2019}s' 2"))
  }

  @Test func `figures of an earlier report do not stay`() throws {
    try withTemporaryDirectory { directory in
      _ = try classifierReport().write(to: directory, gnuplot: installedGnuplot)
      let outcome = try sampleReport(isRecurrent: false, epochs: 0)
        .write(to: directory, gnuplot: absentGnuplot)
      let present = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(Set(present) == Set(outcome.files + [ReportManifest.name]))
      #expect(!present.contains("target.svg") && !present.contains("confusion.csv"))
    }
  }
}
