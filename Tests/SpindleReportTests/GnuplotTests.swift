import Foundation
import TestSupport
import Testing

@testable import SpindleReport

struct GnuplotTests {
  @Test func `without gnuplot there are numbers, page and advice`() throws {
    try withTemporaryDirectory { directory in
      let outcome = try classifierReport().write(to: directory, gnuplot: absentGnuplot)
      #expect(outcome.figures == .gnuplotMissing(name: "/nonexistent/gnuplot"))
      let advice = try #require(outcome.figures.advice)
      #expect(advice.contains("install gnuplot"))
      let page = try text(directory, "report.html")
      #expect(page.contains(HTML.escaped(advice)))
      #expect(!page.contains("<svg"))
      #expect(Set(outcome.files) == Set(["report.html"] + TrainingReport.csvNames))
    }
  }

  @Test func `a name is looked for in PATH`() throws {
    try withTemporaryDirectory { directory in
      _ = try fakeGnuplot("exit 0", in: directory)
      let path = "/nonexistent:" + directory
      let found = Gnuplot(environment: ["PATH": path, Gnuplot.variable: "fake-gnuplot"])
      #expect(found.path == directory + "/fake-gnuplot")
      #expect(Gnuplot(environment: ["PATH": path]).path == nil)
      #expect(Gnuplot(environment: [:]).path == nil)
      #expect(Gnuplot(environment: [Gnuplot.variable: directory]).path == nil)
    }
  }

  @Test func `a failure is reported in gnuplot's own words`() throws {
    try withTemporaryDirectory { directory in
      let gnuplot = try fakeGnuplot("echo 'line 7: no such <terminal>' >&2; exit 3", in: directory)
      let outcome = try sampleReport().write(to: directory + "/report", gnuplot: gnuplot)
      guard case .gnuplotFailed(let message) = outcome.figures else {
        Issue.record("expected a failure, got \(outcome.figures)")
        return
      }
      #expect(message.contains("status 3") && message.contains("no such <terminal>"))
      #expect(try text(directory + "/report", "report.html").contains("no such &lt;terminal&gt;"))
    }
  }

  @Test func `success without figures is a failure`() throws {
    try withTemporaryDirectory { directory in
      let gnuplot = try fakeGnuplot("exit 0", in: directory)
      let outcome = try sampleReport().write(to: directory + "/report", gnuplot: gnuplot)
      #expect(outcome.figures == .gnuplotFailed(message: "it left no figure 'target'"))
    }
  }

  @Test func `gnuplot that does not end is stopped`() throws {
    try withTemporaryDirectory { directory in
      var gnuplot = try fakeGnuplot("exec sleep 30", in: directory)
      gnuplot.timeLimit = 0.3
      let start = ContinuousClock.now
      let message = try #require(gnuplot.run(["", ""], in: directory))
      #expect(message.contains("was stopped"))
      #expect(ContinuousClock.now - start < .seconds(10))
    }
  }

  @Test func `much text on both sides does not block`() throws {
    try withTemporaryDirectory { directory in
      let gnuplot = try fakeGnuplot(
        "i=0; while [ $i -lt 20000 ]; do echo 'warning: nothing' >&2; i=$((i+1)); done; exit 0",
        in: directory)
      let script = String(repeating: "# a comment that nobody reads\n", count: 20_000)
      #expect(gnuplot.run([script, script], in: directory) == nil)
    }
  }
}
