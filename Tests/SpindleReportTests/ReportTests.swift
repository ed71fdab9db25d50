import Foundation
import TestSupport
import Testing

@testable import SpindleReport

struct ReportTests {
  @Test func `numbers come back bit for bit`() throws {
    try withTemporaryDirectory { directory in
      var report = sampleReport(inputs: 2)
      report.output[4] = .nan
      report.output[5] = .leastNonzeroMagnitude
      report.losses[0] = 0.1 + 0.2
      _ = try report.write(to: directory, gnuplot: absentGnuplot)
      func floats(_ name: String, from column: Int) throws -> [UInt32?] {
        try cells(directory, name).flatMap { $0.dropFirst(column).map { Float($0)?.bitPattern } }
      }
      #expect(try floats("target.csv", from: 2) == report.target.map(\.bitPattern))
      #expect(try floats("output.csv", from: 2) == report.output.map(\.bitPattern))
      #expect(try floats("input_weights.csv", from: 1) == report.inputWeights.map(\.bitPattern))
      #expect(
        try floats("recurrent_weights.csv", from: 1) == report.recurrentWeights?.map(\.bitPattern))
      #expect(try cells(directory, "loss.csv").map { Double($0[1]) } == report.losses)
      #expect(try cells(directory, "firing_rates.csv").map { Float($0[1]) } == report.firingRates)
      var raster = [Bool](repeating: false, count: report.raster.count)
      for cell in try cells(directory, "raster.csv") {
        let (step, neuron) = (try #require(Int(cell[0])), try #require(Int(cell[2])))
        raster[step * report.neurons + neuron] = true
      }
      #expect(raster == report.raster)
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
      error { $0.target.removeLast() }
        == .size(name: "target", shape: "steps x neurons", expected: 15, got: 14))
    #expect(error { $0.output.append(0) }?.description.contains("15 elements") == true)
    #expect(
      error { $0.inputWeights = [] }
        == .size(name: "inputWeights", shape: "inputs x neurons", expected: 6, got: 0))
    #expect(
      error { $0.recurrentWeights = [1] }
        == .size(name: "recurrentWeights", shape: "neurons x neurons", expected: 9, got: 1))
    #expect(error { $0.raster.removeAll() } != nil)
    #expect(error { $0.firingRates.removeAll() } != nil)
    #expect(
      error { $0.neurons = 0 }
        == .dimension(name: "neurons", largest: TrainingReport.largestSize, got: 0))
    #expect(error { $0.steps = .max } != nil)
    #expect(error { $0.inputs = -1 } != nil)
    #expect(error { $0.timeStep = 0 } == .timeStep(got: 0))
    #expect(error { $0.timeStep = .nan } != nil)
  }

  @Test func `text is escaped`() throws {
    try withTemporaryDirectory { directory in
      var report = sampleReport()
      report.title = "<script>alert('x')</script> & \"more\"\u{0}"
      report.summary = [SummaryRow(label: "<i>a,b", ours: "1 < 2\"", published: "<u>")]
      report.configuration = ["</pre><b>"]
      _ = try report.write(to: directory, gnuplot: absentGnuplot)
      let page = try text(directory, "report.html")
      for raw in ["<script", "<i>", "<u>", "</pre><b>", "\u{0}"] { #expect(!page.contains(raw)) }
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
