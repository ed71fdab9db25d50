import Foundation
import TestSupport
import Testing

@testable import SpindleReport

/// A report touches no file that a report did not write.
struct ManifestTests {
  private func write(_ report: TrainingReport, _ directory: String) throws {
    _ = try report.write(to: directory, gnuplot: absentGnuplot)
  }

  private func expectRefusal(_ name: String, _ directory: String) {
    #expect(throws: ReportError.foreignFile(path: directory + "/" + name)) {
      try TrainingReport.prepare(directory: directory)
    }
    #expect(throws: ReportError.foreignFile(path: directory + "/" + name)) {
      try write(classifierReport(), directory)
    }
  }

  @Test func `files of the user's are neither replaced nor removed`() throws {
    for name in ReportManifest.candidates {
      try withTemporaryDirectory { directory in
        try "mine".write(toFile: directory + "/" + name, atomically: true, encoding: .utf8)
        expectRefusal(name, directory)
        #expect(try text(directory, name) == "mine")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [name])
      }
    }
  }

  @Test func `a report replaces an earlier one and leaves the rest`() throws {
    try withTemporaryDirectory { directory in
      try "mine".write(toFile: directory + "/notes.csv", atomically: true, encoding: .utf8)
      try write(classifierReport(), directory)
      try TrainingReport.prepare(directory: directory)
      try write(sampleReport(), directory)
      let names = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(!names.contains("confusion.csv") && names.contains("target.csv"))
      #expect(try text(directory, "notes.csv") == "mine")
    }
  }

  @Test func `a file of a report that was changed is the user's`() throws {
    try withTemporaryDirectory { directory in
      try write(classifierReport(), directory)
      try "mine".write(toFile: directory + "/loss.csv", atomically: true, encoding: .utf8)
      expectRefusal("loss.csv", directory)
      try FileManager.default.removeItem(atPath: directory + "/loss.csv")
      try write(classifierReport(), directory)
    }
  }

  @Test func `a directory, a link and a list of the user's`() throws {
    try withTemporaryDirectory { directory in
      try FileManager.default.createDirectory(
        atPath: directory + "/a/loss.svg", withIntermediateDirectories: true)
      expectRefusal("loss.svg", directory + "/a")
      try FileManager.default.createDirectory(
        atPath: directory + "/b", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: directory + "/b/report.html", withDestinationPath: directory + "/nowhere")
      expectRefusal("report.html", directory + "/b")
      try FileManager.default.createDirectory(
        atPath: directory + "/c", withIntermediateDirectories: true)
      try "mine".write(
        toFile: directory + "/c/" + ReportManifest.name, atomically: true, encoding: .utf8)
      expectRefusal(ReportManifest.name, directory + "/c")
    }
  }

  /// Between the list and the last file a report may be cut off anywhere.
  @Test func `a report that was cut off does not block the next`() throws {
    try withTemporaryDirectory { directory in
      try write(sampleReport(), directory)
      var manifest = ReportManifest(of: directory)
      try manifest.announce([("loss.csv", Data("new".utf8)), ("rates.csv", Data("new".utf8))])
      try manifest.check()
      try "new".write(toFile: directory + "/loss.csv", atomically: true, encoding: .utf8)
      try TrainingReport.prepare(directory: directory)
      try write(sampleReport(), directory)
    }
  }
}
