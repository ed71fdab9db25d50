import Foundation
import TestSupport
import Testing

@testable import SpindleReport

struct ReportTests {
  @Test func `numbers come back bit for bit`() throws {
    try withTemporaryDirectory { directory in
      var report = classifierReport()
      report.evaluation?.output[4] = .nan
      report.evaluation?.output[5] = .leastNonzeroMagnitude
      report.curves[0].series[0].values[0] = 0.1 + 0.2
      report.confusion = Confusion(classes: 2, counts: [3, 1, 0, 4])
      _ = try report.write(to: directory, gnuplot: absentGnuplot)
      func floats(_ name: String, from column: Int) throws -> [UInt32?] {
        try cells(directory, name).flatMap { $0.dropFirst(column).map { Float($0)?.bitPattern } }
      }
      let evaluation = try #require(report.evaluation)
      #expect(try floats("target.csv", from: 2) == evaluation.target.map(\.bitPattern))
      #expect(try floats("output.csv", from: 2) == evaluation.output.map(\.bitPattern))
      #expect(
        try floats("weights.csv", from: 3)
          == report.weights.flatMap { $0.values.map(\.bitPattern) })
      for curve in report.curves {
        let rows = try cells(directory, "\(curve.quantity.rawValue).csv")
        for (index, series) in curve.series.enumerated() {
          #expect(rows.map { Double($0[index + 1]) } == series.values)
        }
      }
      let layer = report.layers[0]
      #expect(
        try cells(directory, "firing_rates.csv").compactMap { Float($0[2]) } == layer.firingRates)
      var raster = [Bool](repeating: false, count: report.steps * layer.neurons)
      for cell in try cells(directory, "raster.csv") {
        let (step, neuron) = (try #require(Int(cell[1])), try #require(Int(cell[3])))
        raster[step * layer.neurons + neuron] = true
      }
      #expect(raster == layer.raster)
      let membrane = try #require(report.layers[1].membrane)
      for cell in try cells(directory, "membrane.csv") {
        let (neuron, step) = (try #require(Int(cell[1])), try #require(Int(cell[2])))
        #expect(cell[0] == "1" && Float(cell[4]) == membrane[step * 5 + neuron])
      }
      var rates = [Float](repeating: 0, count: 4 * report.steps)
      for cell in try cells(directory, "classes.csv") where cell[0] == "one" {
        let (step, neuron) = (try #require(Int(cell[1])), try #require(Int(cell[3])))
        rates[4 * step + neuron] = try #require(Float(cell[4]))
      }
      #expect(rates == report.classes[0].rates)
      #expect(try text(directory, "confusion.csv") == "true class,0,1\n0,3,1\n1,0,4\n")
    }
  }

  @Test func `an impossible directory is a typed error with path and reason`() throws {
    try withTemporaryDirectory { directory in
      let file = directory + "/file"
      try "".write(toFile: file, atomically: true, encoding: .utf8)
      let cases = [
        (file, "is a file"), (file + "/below", "is a file"), ("", "empty"),
        ("/proc/nonexistent/report", "No such file"),
      ]
      for (path, reason) in cases {
        let error = #expect(throws: ReportError.self) {
          try TrainingReport.prepare(directory: path)
        }
        guard case .directory(path, let got)? = error else {
          Issue.record("expected a directory error for '\(path)', got \(String(describing: error))")
          continue
        }
        #expect(got.contains(reason))
      }
      // The directory is tried before the sizes.
      var wrong = sampleReport()
      wrong.steps = 0
      #expect(throws: ReportError.directory(path: file, reason: "'\(file)' is a file")) {
        _ = try wrong.write(to: file)
      }
    }
  }

  @Test func `a directory without permission is refused`() throws {
    try withTemporaryDirectory { directory in
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: directory)
      defer {
        try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
      }
      // The superuser may write anywhere.
      guard geteuid() != 0 else { return }
      #expect(throws: ReportError.self) { try TrainingReport.prepare(directory: directory) }
    }
  }

  @Test func `prepare makes parents and leaves nothing else`() throws {
    try withTemporaryDirectory { directory in
      try TrainingReport.prepare(directory: directory + "/a/b/")
      try TrainingReport.prepare(directory: directory + "/a/b")
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/a/b") == [])
    }
  }

  @Test func `wrong sizes are typed errors`() throws {
    func error(_ change: (inout TrainingReport) -> Void) -> ReportError? {
      var report = sampleReport(neurons: 3, steps: 5, inputs: 2)
      change(&report)
      return #expect(throws: ReportError.self) { try report.validate() }
    }
    try sampleReport(neurons: 3, steps: 5, inputs: 2).validate()
    #expect(
      error { $0.evaluation?.target.removeLast() }
        == .size(name: "target", shape: "steps x neurons", expected: 15, got: 14))
    #expect(
      error { $0.evaluation?.output.append(0) }?.description.contains("15 elements") == true)
    #expect(
      error { $0.weights[0].values = [] }
        == .size(name: "0.weight", shape: "rows x columns", expected: 6, got: 0))
    #expect(
      error { $0.weights[1].values = [1] }
        == .size(name: "1.recurrent_weight", shape: "rows x columns", expected: 9, got: 1))
    #expect(error { $0.layers[0].raster?.removeAll() } != nil)
    #expect(error { $0.layers[0].firingRates?.removeAll() } != nil)
    #expect(error { $0.layers[0].firingRates = nil } != nil)
    #expect(error { $0.layers[0].membrane = [1] } != nil)
    #expect(error { $0.confusion = Confusion(classes: 2, counts: [1]) } != nil)
    #expect(error { $0.confusion = Confusion(classes: 1, counts: [1], names: []) } != nil)
    #expect(
      error { $0.classes = [ClassActivity(name: "x", neurons: 2, rates: [1])] }
        == .size(name: "activity of x", shape: "steps x neurons", expected: 10, got: 1))
    #expect(error { $0.curves[0].series.append(.init("short", [1])) } != nil)
    #expect(
      error { $0.evaluation?.neurons = 0 }
        == .dimension(name: "neurons", largest: TrainingReport.largestSize, got: 0))
    #expect(error { $0.steps = .max } != nil)
    #expect(error { $0.weights[0].rows = -1 } != nil)
    #expect(error { $0.timeStep = 0 } == .timeStep(got: 0))
    #expect(error { $0.timeStep = .nan } != nil)
  }

  @Test func `text is escaped`() throws {
    try withTemporaryDirectory { directory in
      var report = sampleReport()
      report.title = "<script>alert('x')</script> & \"more\"\u{0}"
      report.summary = [SummaryRow(label: "<i>a,b", ours: "1 < 2\"", published: "<u>")]
      report.configuration = ["</pre><b>"]
      report.warnings = ["<em>"]
      _ = try report.write(to: directory, gnuplot: absentGnuplot)
      let page = try text(directory, "report.html")
      for raw in ["<script", "<i>", "<u>", "</pre><b>", "<em>", "\u{0}"] {
        #expect(!page.contains(raw))
      }
      #expect(
        page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;"))
      #expect(try text(directory, "summary.csv").hasSuffix("\"<i>a,b\",\"1 < 2\"\"\",<u>\n"))
    }
  }

  @Test func `the published column is there if a row has one`() throws {
    func page(_ rows: [SummaryRow]) -> String {
      var report = sampleReport()
      report.summary = rows
      return HTMLPage(report: report, figures: [], advice: nil, numbers: []).text
    }
    #expect(page([SummaryRow(label: "a", ours: 1, published: 2)]).contains("Published"))
    #expect(!page([SummaryRow(label: "a", ours: 1)]).contains("Published"))
    #expect(!page([]).contains("<table>"))
  }
}
