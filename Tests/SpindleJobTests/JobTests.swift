import Foundation
import Spindle
import SpindleFiles
import SpindleTensors
import Testing

@testable import SpindleJob

/// Jobs from configuration to results.
struct JobTests {
  @Test func aJobTrainsAndMeasures() throws {
    let job = try Job(.short("training.epochs=4", "training.keep_best=true"))
    #expect(job.sampleCount == 20 && job.shape == (inputs: 12, steps: 15, outputs: 2))
    let result = try job.train()
    #expect(result.fit.history.count == 4)
    #expect(result.fit.history.allSatisfy { $0.validation != nil })
    #expect(result.evaluation.part == .test)
    #expect(result.evaluation.measurement.samples == 10)
    #expect(result.evaluation.measurement.confusion?.total == 10)
    #expect(result.json["evaluation"]?["accuracy"] != nil)
    #expect(result.json["history"]?.elements.count == 4)
    #expect(result.text.contains("trained 4 epochs") && result.ending == nil)
    #expect(try job.train().fit.checkpoint.sameBits(result.fit.checkpoint))
    let other = try Job(.short("training.epochs=4", "training.seed=5")).train()
    #expect(other.fit.history[0].loss != result.fit.history[0].loss)
  }

  /// What takes long in preparing is told: each stage as it begins.
  @Test func theStagesOfPreparingAreTold() throws {
    let scratch = try Folder()
    let path = try scratch.samples(count: 30, shift: 0)
    let configuration = try JobConfiguration(
      parsing: scratch.configuration(
        file: path, transforms: "[\"standardize\", {\"kind\": \"repeat\", \"times\": 2}]"))
    var stages: [String] = []
    let job = try Job(configuration, begins: { stages.append($0) })
    #expect(
      stages == [
        "reading \(path)", "transform 1 of 2 of the samples", "transform 2 of 2 of the samples",
        "encoding \(job.sampleCount) samples", "running one batch",
      ])
    stages = []
    _ = try Job(.short(), begins: { stages.append($0) })
    #expect(stages.first == "computing the samples")
  }

  /// Training that stops and goes on gives the bits of training that did not.
  @Test func resumingGivesTheSameBits() throws {
    let scratch = try Folder()
    let path = scratch.path("run.safetensors")
    let whole = try Job(.short("training.epochs=6")).train()
    let half = try JobConfiguration.short("training.epochs=3", "checkpoint.path=\(path)")
    _ = try Job(half).train()
    let saved = try Checkpoint(contentsOf: path)
    #expect(saved.epoch == 3)
    let rest = try JobConfiguration(
      parsing: saved.configuration, overrides: [Override("training.epochs=6")])
    let result = try Job(rest).train(resuming: saved, checkpointPath: path)
    #expect(try result.fit.checkpoint.sameBits(whole.fit.checkpoint))
    #expect(result.fit.history.map(\.loss) == whole.fit.history.map(\.loss))
    #expect(try Checkpoint(contentsOf: path).epoch == 6)
    let evaluation = try Job(rest).evaluate(Checkpoint(contentsOf: path), .last)
    #expect(evaluation.measurement == whole.evaluation.measurement)
  }

  /// The mean and deviation that training found go with the checkpoint, and are not taken anew.
  @Test func standardizationsAreKept() throws {
    let scratch = try Folder()
    let path = try scratch.samples(count: 30, shift: 0)
    let configuration = try JobConfiguration(
      parsing: scratch.configuration(file: path, transforms: "[{\"kind\": \"standardize\"}]"))
    let result = try Job(configuration).train()
    let saved = try JobConfiguration(parsing: result.fit.checkpoint.configuration)
    guard case .standardize(_, let known?)? = saved.data.transforms.first else {
      Issue.record("no numbers were kept")
      return
    }
    #expect(known.mean.count == 3 && known.standardDeviation.allSatisfy { $0 > 0 })
    // Other samples, shifted: they are not centred again.
    let other = try scratch.samples(count: 12, shift: 100)
    let job = try Job(saved.changed(by: [Override("data.file=\(other)")]))
    guard case .standardize(_, let again?)? = job.configuration.data.transforms.first else {
      Issue.record("the numbers were lost")
      return
    }
    #expect(again == known)
    let values = job.data.training.plain[0]
    #expect(values.allSatisfy { $0 > 10 }, "\(values)")
    // Over all samples: the moments of the parts joined are those of the whole.
    let pooled = try Job(
      configuration.changed(by: [
        Override("data.transforms.0.over=all"), Override("data.transforms.0.mean=null"),
        Override("data.transforms.0.standard_deviation=null"),
        Override("data.split={\"train\":0.5,\"test\":0.5}"),
      ]))
    let file = DataFile(path: path, input: "input")
    let all = try Standardization(
      of: file.read(timeStep: 1).contents.dataset)
    guard case .standardize(_, let joined?)? = pooled.configuration.data.transforms.first else {
      Issue.record("no numbers")
      return
    }
    for (one, other) in zip(
      joined.mean + joined.standardDeviation, all.mean + all.standardDeviation)
    {
      #expect(abs(one - other) <= 1e-5 * abs(other) + 1e-6, "\(one) for \(other)")
    }
  }

  @Test func predictionsAreThoseOfTheEvaluation() throws {
    let scratch = try Folder()
    let path = try scratch.samples(count: 30, shift: 0)
    let configuration = try JobConfiguration(
      parsing: scratch.configuration(file: path, transforms: "[\"standardize\"]"))
    let result = try Job(configuration).train()
    let saved = try JobConfiguration(parsing: result.fit.checkpoint.configuration)
    let predictor = try Predictor(
      of: result.fit.checkpoint, .last, configuration: saved, path: path)
    let prediction = try predictor.predict()
    guard case .classes(let classes) = prediction.output else {
      Issue.record("no classes")
      return
    }
    let labels = try SafetensorsFile(contentsOf: path).tensor(named: "target").integers()
    let right = zip(classes, labels).count { Int($0) == $1 }
    #expect(Double(right) / 30 == result.evaluation.measurement.accuracy)
    #expect(prediction.csv.hasPrefix("sample,class,name\n0,"))
    for ending in ["npy", "csv", "safetensors"] {
      let output = scratch.path("classes." + ending)
      try prediction.write(to: output)
      if ending == "npy" {
        #expect(try NumPyArray(contentsOf: output).integers() == classes.map { Int($0) })
      } else if ending == "safetensors" {
        #expect(
          try SafetensorsFile(contentsOf: output).tensor(named: "classes").integers()
            == classes.map { Int($0) })
      }
    }
    #expect(throws: JobError.self) { try prediction.write(to: scratch.path("classes.txt")) }
  }

  /// Every loss with a target of its shape, from a file, trains.
  @Test(arguments: [
    ("mean_rate_mse", [4, 2]), ("spike_count_mse", [30, 2]), ("firing_rate_mse", [30, 2]),
    ("firing_rate_mse", [2]), ("{\"kind\": \"van_rossum\", \"tau\": 0.01}", [30, 4, 2]),
    ("membrane_mse", [30, 4, 2]),
  ])
  func targetsOfNumbers(loss: String, shape: [Int]) throws {
    let scratch = try Folder()
    let target = scratch.path("target.npy")
    let count = shape.reduce(1, *)
    try NumPyArray(shape: shape, (0..<count).map { Float($0 % 2) }).write(to: target)
    let configuration = try JobConfiguration(
      parsing: scratch.configuration(file: try scratch.samples(count: 30, shift: 0)),
      overrides: [
        Override("loss=\(loss)"), Override("data.target=null"), Override("data.class_names=null"),
        Override("data.target_file=\(target)"),
        Override("network.layers.1={\"kind\":\"lif\",\"neurons\":2}"),
      ])
    let result = try Job(configuration).train()
    #expect(
      result.evaluation.measurement.loss.isFinite && result.evaluation.json["confusion"] == nil)
    let saved = try JobConfiguration(parsing: result.fit.checkpoint.configuration)
    let predictor = try Predictor(
      of: result.fit.checkpoint, .last, configuration: saved,
      path: scratch.path("samples-30.safetensors"))
    let prediction = try predictor.predict()
    guard case .arrays(let arrays) = prediction.output else {
      Issue.record("no values")
      return
    }
    #expect(arrays.map(\.name) == ["outputs"] && arrays[0].shape == [30, 4, 2])
    #expect(arrays[0].values.count == 240)
    #expect(throws: JobError.self) { try predictor.predict([.logits]) }
    #expect(prediction.csv.hasPrefix("sample,step,output_0,output_1\n0,0,"))
    _ = try result.report(title: "x").validate()
  }

  @Test func eventsAreRead() throws {
    let scratch = try Folder()
    let path = scratch.path("events.csv")
    let lines = (0..<40).map { "\($0 / 4),\(Double($0 % 4) * 0.001),\($0 % 3)" }
    try AtomicFile.write("sample,time,unit\n" + lines.joined(separator: "\n") + "\n", to: path)
    let labels = scratch.path("labels.npy")
    try NumPyArray(shape: [10], (0..<10).map { Int32($0 % 2) }).write(to: labels)
    let configuration = try JobConfiguration(
      parsing: scratch.configuration(file: path),
      overrides: [
        Override("data.input=null"), Override("data.target=null"),
        Override("data.target_file=\(labels)"),
        Override("data.events={\"steps\":6,\"units\":3}"),
      ])
    let job = try Job(configuration)
    #expect(job.shape == (inputs: 3, steps: 6, outputs: 2))
    let sample = job.data.training.plain[2]
    #expect(sample.enumerated().filter { $0.element == 1 }.map(\.offset) == [2, 3, 7, 11])
    _ = try job.train()
  }

  @Test func whatDoesNotFitIsABadConfiguration() throws {
    for (changes, words) in [
      (["network.layers.1.neurons=1"], "class"), (["loss=rate_cross_entropy"], "spikes"),
      (["data.transforms=[{\"kind\":\"select\",\"units\":[99]}]"], "unit"),
      (["loss=membrane_mse"], "the target of membrane_mse"),
      (["data.split.train=0.001"], "at least one sample"),
      (["data.generator.samples=1073741824"], "memory"),
      (
        ["data.generator={\"kind\":\"pattern\",\"steps\":1073741824}", "data.split=null"], "memory"
      ),
      (
        ["data.generator.cue_steps=1073741824", "data.generator.samples=1073741824"], "does not fit"
      ),
      (["data.generator={\"kind\":\"rectified_noise\",\"steps\":1073741824}"], "memory"),
    ] {
      let error = #expect(throws: JobError.self) {
        _ = try Job(
          JobConfiguration(parsing: shortText, overrides: changes.map { try Override($0) }))
      }
      guard case .configuration? = error else {
        Issue.record("\(changes): \(String(describing: error))")
        continue
      }
      #expect(
        error?.description.contains(words) == true, "\(changes): \(String(describing: error))")
    }
  }
}
