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

  /// Whether a process is there, and no zombie.
  private func isRunning(_ process: pid_t) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
      return false
    }
    return !status.contains(") Z ")
  }

  @Test func `what gnuplot started ends with it`() throws {
    try withTemporaryDirectory { directory in
      // A shell that waits for its child, as a wrapper around gnuplot does.
      var gnuplot = try fakeGnuplot("sleep 100 & echo $! > child; wait", in: directory)
      gnuplot.timeLimit = 1
      let start = ContinuousClock.now
      let message = try #require(gnuplot.run([""], in: directory))
      #expect(message.contains("was stopped") && ContinuousClock.now - start < .seconds(20))
      let child = try #require(pid_t(text(directory, "child").dropLast()))
      for _ in 0..<100 where isRunning(child) { usleep(20_000) }
      #expect(!isRunning(child))
    }
  }

  /// Nobody waits for it and stops it after a second, as where spindle itself was killed.
  @Test func `gnuplot that nobody waits for ends by itself`() throws {
    try withTemporaryDirectory { directory in
      for (body, isEndless) in [("while :; do :; done", true), ("cat > rest", false)] {
        let gnuplot = try fakeGnuplot(body, in: directory)
        let program = try #require(gnuplot.path)
        var process: pid_t = 0
        let code = Spawn.start(
          &process, [program], in: directory, input: program, errors: directory + "/errors",
          processorSeconds: 1)
        #expect(code == 0)
        for _ in 0..<3000 where isRunning(process) { usleep(20_000) }
        #expect(!isRunning(process), "\(body)")
        kill(-process, SIGKILL)
        var status: Int32 = 0
        #expect(unsafe waitpid(process, &status, 0) == process)
        #expect((status & 0x7F != 0) == isEndless, "\(body) ended with \(status)")
      }
    }
  }

  @Test func `an interrupt ends the drawing and keeps the numbers`() throws {
    try withTemporaryDirectory { directory in
      let gnuplot = try fakeGnuplot("sleep 100; true", in: directory)
      let start = ContinuousClock.now
      let outcome = try sampleReport().write(
        to: directory + "/report", gnuplot: gnuplot,
        shouldStop: { ContinuousClock.now - start > .milliseconds(300) })
      #expect(outcome.figures == .gnuplotFailed(message: "it was interrupted"))
      #expect(ContinuousClock.now - start < .seconds(20))
      let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/report")
      #expect(names.contains("loss.csv") && !names.contains { $0.hasPrefix(".spindle-report-") })
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
