import Foundation
import Spindle
import SpindleTensors
import Testing

/// `spindle train`, `resume`, `eval` and `predict`, as a user runs them.
struct TrainTests {
  /// A folder with samples of two classes and a configuration.
  struct Task {
    let scratch: Scratch
    let configuration: String
    let samples: String
    let checkpoint: String

    init(epochs: Int = 4) throws {
      scratch = try Scratch()
      configuration = scratch.path("letters.json")
      samples = scratch.path("samples.safetensors")
      checkpoint = scratch.path("run.safetensors")
      let labels = (0..<40).map { Int32($0 % 2) }
      let values = (0..<(40 * 5 * 2)).map { index -> Float in
        Float(index * 37 % 101) / 202 + Float(labels[index / 10])
      }
      try SafetensorsFile([
        .init("input", shape: [40, 5, 2], values), .init("target", shape: [40], labels),
      ]).write(to: samples)
      let text = """
        {
          "network": {"layers": [{"kind": "lif", "neurons": 20}, {"kind": "li", "neurons": 2}]},
          "data": {
            "file": "\(samples)", "input": "input", "target": "target",
            "split": {"train": 0.5, "validation": 0.25, "test": 0.25}
          },
          "loss": "max_membrane_cross_entropy",
          "optimizer": {"kind": "adam", "learning_rate": 0.02},
          "training": {"epochs": \(epochs), "batch": 8, "seed": 1},
          "checkpoint": {"path": "\(checkpoint)"}
        }
        """
      try Data(text.utf8).write(to: URL(fileURLWithPath: configuration))
    }

    /// All but the wall times, in which runs of the same bits differ.
    func tensors(_ path: String? = nil) throws -> [SafetensorsFile.Tensor] {
      try SafetensorsFile(contentsOf: path ?? checkpoint).tensors.filter {
        $0.name != "history.seconds"
      }
    }
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func trainsAndTells() throws {
    let task = try Task()
    let run = try Command(["train", task.configuration, "--report", task.scratch.path("report")])
    #expect(run.status == 0 && !run.wasKilled, "\(run.error)")
    for epoch in 1...4 {
      #expect(run.error.contains("epoch \(epoch)/4: loss "), "\(run.error)")
    }
    for words in [
      ", accuracy ", "; validation: loss 0.", "; learning rate 0.02, ", "20 samples of 5 steps",
    ] {
      #expect(run.error.contains(words), "\(words): \(run.error)")
    }
    for words in ["trained 4 epochs in ", "validation: loss", "test: loss", "network.layers[0]: "] {
      #expect(run.output.contains(words), "\(words): \(run.output)")
    }
    let page = try String(
      contentsOfFile: task.scratch.path("report/report.html"), encoding: .utf8)
    #expect(page.contains("<title>letters</title>") && page.contains("</html>"))
    #expect(page.contains("&quot;neurons&quot;: 20"))
  }

  @Test func quietAndJSON() throws {
    let task = try Task()
    let quiet = try Command(["train", task.configuration, "--quiet"])
    quiet.expectSuccess()
    #expect(quiet.output.isEmpty)
    let run = try Command(["train", task.configuration, "--quiet", "--overwrite", "--json"])
    run.expectSuccess()
    let results = try json(run.output)
    #expect(results["outcome"] as? String == "completed")
    #expect((results["history"] as? [Any])?.count == 4)
    #expect((results["evaluation"] as? [String: Any])?["part"] as? String == "test")
  }

  @Test func theSameBitsWhateverRuns() throws {
    let task = try Task()
    try Command(["train", task.configuration, "--quiet"]).expectSuccess()
    let first = try task.tensors()
    for option in [["--threads", "3"], ["--isa", "baseline"]] {
      try Command(["train", task.configuration, "--quiet", "--overwrite"] + option)
        .expectSuccess()
      #expect(try task.tensors() == first, "\(option)")
    }
    let again = ["train", task.configuration, "--quiet", "--set", "training.seed=2"]
    try Command(again).expectRefusal("--overwrite")
    #expect(try task.tensors() == first, "a refused run leaves the checkpoint")
    try Command(again + ["--overwrite"]).expectSuccess()
    #expect(try task.tensors() != first)
  }

  @Test func resumedTrainingIsUninterruptedTraining() throws {
    let task = try Task(epochs: 6)
    try Command(["train", task.configuration, "--quiet"]).expectSuccess()
    let whole = try task.tensors()
    let other = task.scratch.path("other.safetensors")
    try Command([
      "train", task.configuration, "--quiet", "--checkpoint", other, "--set", "training.epochs=2",
    ]).expectSuccess()
    #expect(try task.tensors(other) != whole)
    let run = try Command(["resume", other, "--set", "training.epochs=6"])
    #expect(run.status == 0, "\(run.error)")
    #expect(!run.error.contains("epoch 2/6") && run.error.contains("epoch 3/6"))
    #expect(try task.tensors(other) == whole)
    // A run that is complete stays as it is.
    try Command(["resume", other, "--quiet"]).expectSuccess()
    #expect(try task.tensors(other) == whole)
    for change in ["training.seed=2", "optimizer.learning_rate=1", "network.layers.0.neurons=3"] {
      let refused = try Command(["resume", other, "--set", change])
      refused.expectRefusal("training.epochs")
      #expect(refused.status == 2)
    }
  }

  /// SIGINT ends training after the batch; the checkpoint goes on as if nothing had happened.
  @Test func interrupt() throws {
    let task = try Task(epochs: 100_000)
    let run = try Command(["train", task.configuration]) { process in
      let deadline = Date(timeIntervalSinceNow: 60)
      while !FileManager.default.fileExists(atPath: task.checkpoint), Date() < deadline {
        usleep(10_000)
      }
      usleep(300_000)
      process.interrupt()
    }
    #expect(run.status == 0 && !run.wasKilled, "status \(run.status): \(run.error)")
    #expect(run.output.contains("ended early after"), "\(run.output)")
    let eval = try Command(["eval", task.checkpoint])
    eval.expectSuccess()
  }

  @Test func evaluates() throws {
    let task = try Task()
    try Command(["train", task.configuration, "--quiet"]).expectSuccess()
    let eval = try Command(["eval", task.checkpoint])
    eval.expectSuccess()
    #expect(eval.output.contains("test: loss ") && eval.output.contains("10 samples"))
    #expect(eval.output.contains("true class by predicted class:"))
    for (part, samples) in [("train", 20), ("validation", 10), ("all", 40)] {
      let run = try Command(["eval", task.checkpoint, "--part", part, "--json"])
      run.expectSuccess()
      let results = try json(run.output)
      #expect(results["samples"] as? Int == samples)
      let rows = try #require(results["confusion"] as? [[Int]])
      #expect(rows.joined().reduce(0, +) == samples)
      let accuracy = try #require(results["accuracy"] as? Double)
      #expect(abs(accuracy - Double(rows[0][0] + rows[1][1]) / Double(samples)) < 1e-12)
    }
    try Command(["eval", task.checkpoint, "--set", "optimizer=sgd"]).expectRefusal("data")
    try Command(["eval", task.configuration]).expectRefusal("letters.json")
    try Command(["eval", task.checkpoint, "--set", "data.file=/nonexistent.npy"])
      .expectRefusal("nonexistent")
  }

  @Test func predicts() throws {
    let task = try Task()
    try Command(["train", task.configuration, "--quiet"]).expectSuccess()
    let run = try Command(["predict", task.checkpoint, "--input", task.samples])
    run.expectSuccess()
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 41 && lines[0] == "sample,class")
    let output = task.scratch.path("classes.npy")
    try Command(["predict", task.checkpoint, "--input", task.samples, "--output", output])
      .expectSuccess()
    let classes = try NumPyArray(contentsOf: output)
    #expect(classes.shape == [40])
    #expect(
      try classes.integers().enumerated().map { "\($0.offset),\($0.element)" }
        == lines.dropFirst().map(String.init))
    for (arguments, words) in [
      (["--input", task.samples, "--output", "x.txt"], "must end in"),
      (["--input", "/nonexistent.npy"], "nonexistent"),
      (["--input", task.samples, "--samples", "39"], "expected 39 samples, found 40"),
      (["--input", task.samples, "--samples", "0"], "--samples must be from 1 on"),
      (["--input", task.samples, "--tensor", "target"], "shape"),
    ] {
      let refused = try Command(["predict", task.checkpoint] + arguments)
      refused.expectRefusal(words)
      #expect(refused.status == 2)
    }
  }

  @Test func predictsOutputsOfLayers() throws {
    let task = try Task()
    try Command(["train", task.configuration, "--quiet"]).expectSuccess()
    let predict = ["predict", task.checkpoint, "--input", task.samples]
    let output = task.scratch.path("outputs.safetensors")
    try Command(
      predict + [
        "--outputs", "spikes,potential,membrane,logits", "--layer", "0", "--output", output,
      ]
    ).expectSuccess()
    let file = try SafetensorsFile(contentsOf: output)
    for name in ["spikes", "potential", "membrane"] {
      #expect(try file.tensor(named: name).shape == [40, 5, 20])
    }
    #expect(try file.tensor(named: "logits").shape == [40, 2])
    let csv = try Command(predict + ["--outputs", "logits"])
    csv.expectSuccess()
    #expect(csv.output.hasPrefix("sample,output_0,output_1\n0,"))
    for (arguments, words) in [
      (["--outputs", "spikes,logits"], ".safetensors"), (["--outputs", "spike"], "\"spike\""),
      (["--outputs", "spikes"], "do not fire"), (["--layer", "2"], "from 0 to 1"),
      (["--set", "training.seed=1"], "training.batch"),
    ] {
      let refused = try Command(predict + arguments)
      refused.expectRefusal(words)
      #expect(refused.status == 2)
    }
  }

  @Test func predictsByANetworkFile() throws {
    let task = try Task()
    let path = task.scratch.path("network.safetensors")
    let network = try Network(inputs: 2, layers: [.lif(7, recurrence: .rc()), .li(3)], seed: 1)
    try network.save(to: path)
    let predict = ["predict", path, "--input", task.samples, "--tensor", "input"]
    let output = task.scratch.path("membrane.npy")
    try Command(predict + ["--output", output]).expectSuccess()
    let samples = try SafetensorsFile(contentsOf: task.samples).tensor(named: "input")
    let input = try Input(samples.floats(), batch: 40, steps: 5, units: 2)
    let membrane = try NumPyArray(contentsOf: output)
    #expect(membrane.shape == [40, 5, 3])
    #expect(try membrane.floats() == network.run(input).membrane.values)
    let spikes = try Command(predict + ["--outputs", "spikes", "--layer", "0", "--threads", "2"])
    spikes.expectSuccess()
    #expect(spikes.output.hasPrefix("sample,step,output_0,"))
    for (arguments, words) in [
      (["--outputs", "logits"], "loss"), (["--set", "training.batch=3"], "configuration"),
    ] {
      let refused = try Command(predict + arguments)
      refused.expectRefusal(words)
      #expect(refused.status == 2)
    }
    try Command(["predict", task.samples, "--input", task.samples]).expectRefusal("samples")
  }

  @Test func refusals() throws {
    let task = try Task()
    for (arguments, words) in [
      (["--set", "training.epoch=3"], "did you mean \"epochs\"?"),
      (["--set", "network.layers.0.tau=0"], "network.layers[0].tau"),
      (["--set", "nonsense"], "KEY.PATH=VALUE"), (["--isa", "sse9"], "--isa"),
      (["--threads", "0"], "execution.threads"),
      (["--report", task.configuration], "is a file"),
      (["--set", "data.file=null", "--set", "data.origin=the moon"], "the moon"),
      (["--set", "data.file=/nonexistent.csv"], "nonexistent"),
      (["--set", "data.target=labels"], "\"labels\""),
      (["--set", "network.layers.0.neurons=1000000000"], "memory"),
    ] {
      let run = try Command(["train", task.configuration] + arguments)
      run.expectRefusal(words)
      #expect(run.status == 2, "\(arguments)")
    }
    try Command(["train", task.scratch.path("none.json")]).expectRefusal("none.json")
    let typo = task.scratch.path("typo.json")
    try Data("{\n \"network\": {\n  \"layers\": [],\n }\n}\n".utf8).write(
      to: URL(fileURLWithPath: typo))
    try Command(["train", typo]).expectRefusal(
      "typo.json, line 3, column 15: expected another key, found a comma before '}'")
    try Command(["train"]).expectRefusal("spindle init")
    #expect(!FileManager.default.fileExists(atPath: task.checkpoint))
    let run = try Command([
      "train", task.configuration, "--checkpoint", task.scratch.path("no/folder/x.safetensors"),
      "--quiet",
    ])
    run.expectRefusal("no/folder")
    #expect(run.status == 2)
  }

  @Test func divergenceIsToldAndWhatWasLearnedIsKept() throws {
    let task = try Task()
    let run = try Command([
      "train", task.configuration, "--quiet", "--set",
      "optimizer={\"kind\":\"sgd\",\"weight_decay\":1e30}",
      "--set", "optimizer.learning_rate=1e30",
    ])
    #expect(run.status == 1 && !run.wasKilled)
    #expect(run.error.contains("diverged"), "\(run.error)")
    try Command(["eval", task.checkpoint]).expectSuccess()
  }

  @Test func printsTheSchema() throws {
    let run = try Command(["train", "--schema"])
    run.expectSuccess()
    #expect(try json(run.output)["$schema"] as? String != nil)
  }
}
