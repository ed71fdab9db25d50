import Foundation
import Spindle
import SpindleTensors
import Testing

/// What must not be lost, taken for something else or written over.
struct RunFaultTests {
  /// A second run of a checkpoint is refused while the first one runs, and not after it.
  @Test func twoRunsOfOneCheckpoint() throws {
    let task = try TrainTests.Task(epochs: 1_000_000)
    let first = try Command(["train", task.configuration, "--quiet"]) { process in
      let deadline = Date(timeIntervalSinceNow: 60)
      while !FileManager.default.fileExists(atPath: task.checkpoint), Date() < deadline {
        usleep(10_000)
      }
      for arguments in [
        ["train", task.configuration, "--overwrite", "--set", "training.seed=2"],
        ["train", task.configuration], ["resume", task.checkpoint],
      ] {
        let second = try Command(arguments)
        second.expectRefusal("another run is writing")
        #expect(second.status == 2)
      }
      try Command(["eval", task.checkpoint]).expectSuccess()
      process.interrupt()
    }
    #expect(first.status == 0 && !first.wasKilled, "\(first.error)")
    let epoch = try Checkpoint(contentsOf: task.checkpoint).epoch
    try Command(["resume", task.checkpoint, "--quiet", "--set", "training.epochs=\(epoch + 1)"])
      .expectSuccess()
    #expect(!FileManager.default.fileExists(atPath: task.checkpoint + ".lock"))
  }

  /// The samples in another order: the split by number takes others for the test.
  private func exchangeSamples(_ task: TrainTests.Task) throws {
    let file = try SafetensorsFile(contentsOf: task.samples)
    let values = try file.tensor(named: "input").floats()
    let labels = try file.tensor(named: "target").integers().map(Int32.init)
    try SafetensorsFile([
      .init("input", shape: [40, 5, 2], Array(values[10...] + values[..<10])),
      .init("target", shape: [40], Array(labels[1...] + labels[..<1])),
    ]).write(to: task.samples)
  }

  @Test func otherDataThanTheRunBeganWith() throws {
    let task = try TrainTests.Task()
    try Command(["train", task.configuration, "--quiet"]).expectSuccess()
    let copy = task.scratch.path("copy.safetensors")
    try FileManager.default.copyItem(atPath: task.samples, toPath: copy)
    let more = ["--quiet", "--set", "training.epochs=5"]
    try exchangeSamples(task)
    let refused = try Command(["resume", task.checkpoint] + more)
    refused.expectRefusal("other data than the run was trained on")
    #expect(refused.status == 2)
    let eval = try Command(["eval", task.checkpoint])
    #expect(eval.status == 0 && eval.error.contains("warning: these are other data"))
    // Whoever names other data means them; the same data elsewhere are the same.
    try Command(["eval", task.checkpoint, "--set", "data.file=\(task.samples)"]).expectSuccess()
    try Command(["resume", task.checkpoint, "--set", "data.file=\(copy)"] + more).expectSuccess()
    try Command(["eval", task.checkpoint]).expectSuccess()
    try Command([
      "resume", task.checkpoint, "--other-data", "--quiet", "--set", "training.epochs=6", "--set",
      "data.file=\(task.samples)",
    ]).expectSuccess()
    try Command(["eval", task.checkpoint]).expectSuccess()
  }

  @Test func droppedEventsAreToldOfEvenQuietly() throws {
    let task = try TrainTests.Task()
    let events = task.scratch.path("events.csv")
    try "sample,time,unit\n0,0.001,0\n1,2000,1\n2,3000,1\n"
      .write(toFile: events, atomically: true, encoding: .utf8)
    let run = try Command([
      "train", task.configuration, "--quiet", "--set",
      """
      data={"file": "\(events)", "target_file": "\(task.samples)", "target": "target",
      "events": {"steps": 5, "units": 2, "outside": "dropped"}}
      """,
    ])
    #expect(run.status == 0 && run.output.isEmpty, "\(run.error)")
    #expect(
      run.error.hasPrefix("warning: ") && run.error.contains("2 of 3 events were dropped"),
      "\(run.error)")
  }

  @Test func placesToWriteAreTriedBeforeTheWork() throws {
    let task = try TrainTests.Task()
    try Command(["train", task.configuration, "--quiet"]).expectSuccess()
    let input = ["--input", task.samples]
    for place in ["none/x.csv", "run.safetensors/x.csv", "none/x.npy"] {
      let run = try Command(
        ["predict", task.checkpoint, "--output", task.scratch.path(place)] + input)
      run.expectRefusal("cannot write")
      #expect(run.status == 2, "\(place)")
    }
    for arguments in [
      ["tutorial", "--target", task.scratch.path("missing.npy")],
      ["tutorial", "--json", task.scratch.path("none/x.json")],
      ["tutorial", "--report", task.configuration],
      ["resume", task.scratch.path("none.safetensors")],
      ["train", task.configuration, "--checkpoint", task.scratch.path("none/x.safetensors")],
      ["train", task.configuration, "--checkpoint", task.scratch.path("")],
      ["info", "--plan", "--neurons=0"], ["crosscheck", task.scratch.path("none.safetensors")],
      ["golden", task.scratch.path("none"), "--output", task.scratch.path("x")],
      ["init", "tutorial", task.configuration], ["eval", task.scratch.path("none")], ["nonsense"],
    ] {
      #expect(try Command(arguments).status == 2, "\(arguments)")
    }
  }

  @Test func reportsTouchNoFileOfTheUsers() throws {
    let task = try TrainTests.Task()
    let mine = task.scratch.path("target.csv")
    try "mine".write(toFile: mine, atomically: true, encoding: .utf8)
    for arguments in [["train", task.configuration], ["tutorial", "--epochs", "1"]] {
      let run = try Command(arguments + ["--report", task.scratch.path("")])
      run.expectRefusal("target.csv")
      #expect(run.status == 2)
    }
    #expect(try String(contentsOfFile: mine, encoding: .utf8) == "mine")
    #expect(!FileManager.default.fileExists(atPath: task.checkpoint))
  }

  /// A checkpoint may come from elsewhere.
  @Test func aCheckpointDoesNotSayWhereAReportGoes() throws {
    let task = try TrainTests.Task()
    let folder = task.scratch.path("folder")
    try Command(["train", task.configuration, "--quiet", "--report", folder]).expectSuccess()
    try FileManager.default.removeItem(atPath: folder)
    let run = try Command(["resume", task.checkpoint, "--set", "training.epochs=5"])
    #expect(run.status == 0 && run.error.contains("no report is written"), "\(run.error)")
    #expect(!FileManager.default.fileExists(atPath: folder))
    for ask in [["--report", folder], ["--set", "report.folder=\(folder)"]] {
      try Command(["resume", task.checkpoint, "--quiet"] + ask).expectSuccess()
      #expect(FileManager.default.fileExists(atPath: folder + "/report.html"))
    }
  }

  @Test func namesOfClassesAreOneForEachOutput() throws {
    let task = try TrainTests.Task()
    for names in ["[\"only\"]", "[\"a\",\"b\",\"c\"]"] {
      let run = try Command([
        "train", task.configuration, "--set", "data.class_names=\(names)", "--quiet",
      ])
      run.expectRefusal("data.class_names must be 2 names")
      #expect(run.status == 2)
    }
  }

  @Test func namesReachTheTerminalAsText() throws {
    let task = try TrainTests.Task()
    let names = "[\"\\u001b[31mred\\u001b]0;title\\u0007\",\"two\\nlines\\u202e\"]"
    try Command(["train", task.configuration, "--quiet", "--set", "data.class_names=\(names)"])
      .expectSuccess()
    let runs = try [
      Command(["eval", task.checkpoint]), Command(["eval", task.checkpoint, "--json"]),
      Command(["predict", task.checkpoint, "--input", task.samples]),
      Command(["eval", task.scratch.path("\u{1B}[31m\u{9B}")]),
      Command(["\u{1B}[31m"]),
    ]
    for run in runs {
      let text = (run.output + run.error).unicodeScalars
      #expect(!text.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
      #expect(!text.contains { (0x7F..<0xA0).contains($0.value) || $0.value == 0x202E })
    }
    #expect(runs[0].output.contains("\\u001b[31mred"), "\(runs[0].output)")
    #expect(runs[0].output.contains("two\\u000alines"))
    let json = try JSONSerialization.jsonObject(with: Data(runs[1].output.utf8)) as? [String: Any]
    #expect(
      json?["class_names"] as? [String] == [
        "\u{1B}[31mred\u{1B}]0;title\u{7}", "two\nlines\u{202E}",
      ])
  }

  /// Of a queue that ends jobs by SIGTERM.
  @Test func terminationEndsTrainingWithWhatItHas() throws {
    let task = try TrainTests.Task(epochs: 1_000_000)
    let run = try Command(["train", task.configuration, "--quiet"]) { process in
      let deadline = Date(timeIntervalSinceNow: 60)
      while !FileManager.default.fileExists(atPath: task.checkpoint), Date() < deadline {
        usleep(10_000)
      }
      process.terminate()
    }
    #expect(run.status == 0 && !run.wasKilled, "\(run.error)")
    try Command(["eval", task.checkpoint]).expectSuccess()
  }

  @Test func trainingTellsWhatItsTimeHolds() throws {
    let task = try TrainTests.Task()
    let run = try Command(["train", task.configuration])
    #expect(run.output.contains("of training steps"))
    #expect(run.output.contains("of checkpoints included"))
  }
}
