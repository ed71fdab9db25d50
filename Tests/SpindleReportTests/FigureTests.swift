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
      #expect(Set(present) == Set(outcome.files))
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

  @Test func `the tutorial's report has five figures`() throws {
    let report = sampleReport()
    #expect(report.figures().map(\.name) == Figure.names)
    try Self.check(report)
  }

  @Test(arguments: [(1, 1, 1, 1), (1, 100, 1, 2), (2, 1, 3, 0), (200, 30, 5, 5000)])
  func `any shape is drawn`(neurons: Int, steps: Int, inputs: Int, epochs: Int) throws {
    try Self.check(
      sampleReport(
        neurons: neurons, steps: steps, inputs: inputs, isRecurrent: neurons != 2, epochs: epochs))
  }

  @Test func `a dense raster becomes an image`() throws {
    var report = sampleReport(neurons: 20, steps: 1200)
    report.raster = report.raster.map { _ in true }
    let figure = report.activityFigure()
    #expect(figure.images.count == 1)
    #expect(figure.data.utf8.count < 10_000)
    try Self.check(report)
  }

  @Test func `numbers that are not finite leave gaps`() throws {
    var report = sampleReport()
    report.target[3] = .nan
    report.output[5] = .infinity
    report.inputWeights[0] = .nan
    report.recurrentWeights?[1] = -.infinity
    report.firingRates[2] = .nan
    report.losses[7] = .nan
    report.losses[8] = 0
    try Self.check(report)
  }

  @Test func `nothing but NaN is drawn too`() throws {
    var report = sampleReport(neurons: 3, steps: 5, epochs: 4)
    report.target = report.target.map { _ in .nan }
    report.output = report.target
    report.inputWeights = report.inputWeights.map { _ in .nan }
    report.recurrentWeights = report.recurrentWeights?.map { _ in .nan }
    report.firingRates = report.firingRates.map { _ in .nan }
    report.losses = report.losses.map { _ in .nan }
    report.raster = report.raster.map { _ in false }
    try Self.check(report)
  }

  @Test func `recurrent axes name row and column rightly`() {
    let drawing = sampleReport().weightsFigure().drawing
    #expect(drawing.contains("set xlabel \"Target neuron\""))
    #expect(drawing.contains("\"Source neuron\""))
    let feedForward = sampleReport(isRecurrent: false).weightsFigure().drawing
    #expect(!feedForward.contains("Source neuron"))
  }

  @Test func `figures of an earlier report do not stay`() throws {
    try withTemporaryDirectory { directory in
      _ = try sampleReport().write(to: directory, gnuplot: installedGnuplot)
      let outcome = try sampleReport(isRecurrent: false, epochs: 0)
        .write(to: directory, gnuplot: absentGnuplot)
      let present = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(Set(present) == Set(outcome.files))
      #expect(!present.contains("target.svg") && !present.contains("recurrent_weights.csv"))
    }
  }
}
