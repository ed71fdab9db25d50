import Foundation
import Spindle
import SpindleTensors
import Testing

@testable import SpindleJob

/// Files of samples, as jobs and predictions read them.
struct DataFileTests {
  private let scratch: Folder

  init() throws { scratch = try Folder() }

  private func write(_ name: String, _ text: String) throws -> String {
    let path = scratch.path(name)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func write(
    _ name: String, shape: [Int], _ value: (Int) -> Float
  ) throws -> String {
    let path = scratch.path(name)
    try NumPyArray(shape: shape, (0..<shape.reduce(1, *)).map(value)).write(to: path)
    return path
  }

  private func configuration(_ data: String) throws -> JobConfiguration {
    try JobConfiguration(
      parsing: """
        {
          "network": {"layers": [{"kind": "lif", "neurons": 5}, {"kind": "li", "neurons": 2}]},
          "data": \(data), "loss": "mean_membrane_cross_entropy",
          "training": {"epochs": 1, "batch": 4},
          "checkpoint": {"path": "\(scratch.path("run.safetensors"))"}
        }
        """)
  }

  /// Samples and labels with headers that number the columns, in every combination.
  @Test(arguments: [
    ("0,1,2\n", "0\n", 6, 2), ("0,1,2\n", "", 6, 1), ("0,1,2\n", "label\n", 6, 1),
    ("a,b,c\n", "0\n", 6, 1), ("", "0\n", 6, 1), ("", "", 6, 0), ("a,b,c\n", "label\n", 6, 0),
  ])
  func numberedHeaders(data: String, labels: String, count: Int, notices: Int) throws {
    let samples = try write("d.csv", data + String(repeating: "0,1,1\n1,0,0\n", count: 3))
    let targets = try write("l.csv", labels + String(repeating: "0\n1\n", count: 3))
    let job = try Job(configuration("{\"file\": \"\(samples)\", \"target_file\": \"\(targets)\"}"))
    #expect(job.sampleCount == count && job.notices.count == notices, "\(job.notices)")
    #expect(job.data.training.plain[1] == [1, 0, 0])
    #expect(job.data.training.plain.labels?.labels == [0, 1, 0, 1, 0, 1])
  }

  /// Two columns of whole numbers may be numbers; the targets decide, or the user does.
  @Test func twoColumns() throws {
    let samples = try write("d.csv", "0,1\n1,0\n0,0\n")
    func job(_ labels: String, _ more: String = "") throws -> Job {
      let targets = try write("l.csv", labels)
      return try Job(
        configuration("{\"file\": \"\(samples)\", \"target_file\": \"\(targets)\"\(more)}"))
    }
    #expect(try job("1\n1\n0\n").sampleCount == 3)
    #expect(try job("1\n0\n").sampleCount == 2)
    #expect(try job("0\n1\n0\n", ", \"header\": true").sampleCount == 2)
    #expect(try job("0\n1\n0\n", ", \"header\": false").sampleCount == 3)
    #expect(try job("1\n1\n0\n").notices.count == 1)
  }

  private let events = "{\"steps\": 4, \"units\": 2, \"outside\": \"dropped\"}"

  @Test func droppedEventsAreTold() throws {
    let labels = try write("l.csv", "0\n1\n")
    func job(_ text: String) throws -> Job {
      let path = try write("e.csv", text)
      return try Job(
        configuration(
          "{\"file\": \"\(path)\", \"target_file\": \"\(labels)\", \"events\": \(events)}"))
    }
    #expect(try job("0,0,0\n1,0.001,1\n").notices.isEmpty)
    let some = try job("0,0,0\n1,0.001,1\n1,7,1\n1,0,2\n").notices
    #expect(some.count == 1 && some[0].contains("e.csv: 2 of 4 events were dropped"), "\(some)")
    expectError("e.csv: 2 events, of which all would be dropped") {
      _ = try job("0,1000,0\n1,2000,1\n")
    }
  }

  /// The number of samples is what is said, or that of training, and never less than those with
  /// events.
  @Test func samplesWithoutEventsAreNotLost() throws {
    let training = try write("e.csv", (0..<6).map { "\($0),0.001,\($0 % 2)\n" }.joined())
    let labels = try write("l.csv", "0\n1\n0\n1\n0\n1\n")
    let made = try configuration(
      "{\"file\": \"\(training)\", \"target_file\": \"\(labels)\", \"events\": \(events)}")
    let result = try Job(made).train()
    let saved = try JobConfiguration(parsing: result.fit.checkpoint.configuration)
    #expect(saved.data.shape == [6, 4, 2])
    func predictor(_ text: String, samples: Int? = nil) throws -> Predictor {
      try Predictor(
        of: result.fit.checkpoint, .last, configuration: saved, path: write("p.csv", text),
        samples: samples)
    }
    let few = try predictor("0,0,0\n3,0.002,1\n")
    #expect(few.source.count == 6 && few.notices.count == 1)
    #expect(few.notices.first?.contains("there are events of 4") == true, "\(few.notices)")
    let said = try predictor("0,0,0\n3,0.002,1\n", samples: 4)
    #expect(said.source.count == 4 && said.notices.isEmpty)
    #expect(try predictor("0,0,0\n7,0.002,1\n").source.count == 8)
    #expect(try predictor("0,0,0\n7,0.002,1\n", samples: 20).source.count == 20)
    expectError("p.csv: the sample of event 1 must be from 0 to 3, got 7") {
      _ = try predictor("0,0,0\n7,0.002,1\n", samples: 4)
    }
    expectError("p.csv: the largest sample of 2 events must be below 1020") {
      _ = try predictor("0,0,0\n300000000,0.002,1\n")
    }
    let key = try configuration(
      "{\"file\": \"\(training)\", \"target_file\": \"\(labels)\", \"events\": "
        + "{\"steps\": 4, \"units\": 2, \"samples\": 7}}")
    expectError("a dataset's classes must have shape [7], got [6]") { _ = try Job(key) }
  }

  /// Samples of other steps or units than those of training are refused, unless asked for.
  @Test func otherShapesThanInTraining() throws {
    let samples = try write("x.npy", shape: [6, 5, 3]) { Float($0 % 5) }
    let labels = try write("l.csv", "0\n1\n0\n1\n0\n1\n")
    let result = try Job(
      configuration("{\"file\": \"\(samples)\", \"target_file\": \"\(labels)\"}")
    ).train()
    let saved = try JobConfiguration(parsing: result.fit.checkpoint.configuration)
    #expect(saved.data.shape == [6, 5, 3])
    func predictor(_ shape: [Int], any: Bool = false, samples: Int? = nil) throws -> Predictor {
      try Predictor(
        of: result.fit.checkpoint, .last, configuration: saved,
        path: write("p.npy", shape: shape) { Float($0 % 3) }, samples: samples, takesAnySteps: any)
    }
    #expect(try predictor([2, 5, 3]).source.count == 2)
    #expect(try predictor([2, 5, 3], samples: 2).source.count == 2)
    #expect(try predictor([2, 9, 3], any: true).source.steps == 9)
    #expect(try predictor([7, 3], any: true).source.count == 7)
    for (shape, words) in [
      ([2, 5, 4], "p.npy: expected samples of 3 units, found 4"),
      ([2, 9, 3], "p.npy: expected samples [count, 5, 3] as in training, found [2, 9, 3]"),
      ([2, 3, 5], "found [2, 3, 5]: steps and units are swapped"),
      ([5, 3], "found [5, 3], which are 5 samples of 1 step; one sample is [1, 5, 3]"),
      ([5, 2, 3], "as in training, found [5, 2, 3]"),
      ([3, 5], "expected samples of 3 units, found 5"),
    ] {
      expectError(words) { _ = try predictor(shape) }
    }
    expectError("p.npy: expected samples of 3 units, found 4") {
      _ = try predictor([2, 5, 4], any: true)
    }
    expectError("p.npy: expected 3 samples, found 2") { _ = try predictor([2, 5, 3], samples: 3) }
    // Evaluation and training by the same configuration do not take other data either.
    let longer = try write("longer.npy", shape: [6, 8, 3]) { Float($0 % 3) }
    expectError("longer.npy: expected samples [count, 5, 3] as in training, found [6, 8, 3]") {
      _ = try Job(saved.changed(by: [Override("data.file=\(longer)")]))
    }
  }
}
