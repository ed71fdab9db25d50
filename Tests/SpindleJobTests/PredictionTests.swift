import Spindle
import SpindleTensors
import Testing

@testable import SpindleJob

/// What a network says of samples.
struct PredictionTests {
  private let scratch: Folder
  private let path: String

  init() throws {
    scratch = try Folder()
    path = try scratch.samples(count: 30, shift: 0)
  }

  /// A run on the samples, and the predictor of its network.
  private func predictor(loss: String) throws -> Predictor {
    let configuration = try JobConfiguration(
      parsing: scratch.configuration(file: path),
      overrides: [
        Override("loss=\(loss)"), Override("network.layers.1={\"kind\":\"lif\",\"neurons\":2}"),
      ])
    let result = try Job(configuration).train()
    return try Predictor(
      of: result.fit.checkpoint, .last, configuration: configuration, path: path)
  }

  private func arrays(_ prediction: Prediction) throws -> [Prediction.Array] {
    guard case .arrays(let arrays) = prediction.output else {
      Issue.record("no arrays")
      return []
    }
    return arrays
  }

  @Test func outputsAreTheRecordings() throws {
    let predictor = try predictor(loss: "max_membrane_cross_entropy")
    let whole = try predictor.source.batch(Array(0..<30), epoch: 0).input
    for layer in 0...1 {
      let recording = try predictor.network.run(whole, recording: layer)
      let found = try arrays(predictor.predict([.membrane, .spikes, .potential], layer: layer))
      #expect(found.map(\.name) == ["membrane", "spikes", "potential"])
      #expect(found.allSatisfy { $0.shape == [30, 4, layer == 0 ? 20 : 2] })
      #expect(
        found.map(\.values) == [
          recording.membrane.values, recording.spikes.values, recording.potential.values,
        ])
    }
    let first = try arrays(predictor.predict(layer: 0))
    #expect(first.map(\.name) == ["spikes"])
    #expect(throws: JobError.self) { try predictor.predict([.spikes], layer: 2) }
    #expect(throws: JobError.self) { try predictor.predict([.spikes], layer: -1) }
  }

  /// The largest logit is the class that the engine names; of a recall it reads the last steps.
  @Test(arguments: [
    "rate_cross_entropy", "max_membrane_cross_entropy", "mean_membrane_cross_entropy",
    "{\"kind\":\"recall_cross_entropy\",\"first_step\":1,\"answer_steps\":3}",
  ])
  func logitsLeadToTheClasses(loss: String) throws {
    let predictor = try predictor(loss: loss)
    guard case .classes(let classes) = try predictor.predict().output else {
      Issue.record("no classes")
      return
    }
    // Whatever layer the other outputs are of.
    for layer in 0...1 {
      let logits = try arrays(predictor.predict([.spikes, .logits], layer: layer))[1]
      #expect(logits.name == "logits" && logits.shape == [30, 2])
      let largest = (0..<30).map {
        Int32(logits.values[2 * $0 + 1] > logits.values[2 * $0] ? 1 : 0)
      }
      #expect(largest == classes)
    }
  }

  @Test func aNetworkByItselfTakesSamplesAsTheyAre() throws {
    let network = try Network(
      inputs: 3, layers: [.lif(5, recurrence: .rc()), .li(2)], seed: 3)
    let predictor = try Predictor(network, path: path, tensor: "input")
    let membrane = try arrays(predictor.predict())
    #expect(membrane.map(\.name) == ["membrane"] && membrane[0].shape == [30, 4, 2])
    #expect(try arrays(predictor.predict(layer: 0)).map(\.name) == ["spikes"])
    for (outputs, words) in [
      ([PredictedOutput.logits], "loss"), ([.membrane, .spikes], "do not fire"),
    ] {
      let error = #expect(throws: JobError.self) { try predictor.predict(outputs) }
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
    let other = try Network(inputs: 4, layers: [.lif(5)])
    let error = #expect(throws: JobError.self) {
      try Predictor(other, path: path, tensor: "input")
    }
    #expect(error?.description.contains("expected samples of 4 units, found 3") == true)
  }

  @Test func filesHoldWhatTheyCan() throws {
    let predictor = try predictor(loss: "max_membrane_cross_entropy")
    let several = try predictor.predict([.spikes, .logits])
    let tensors = scratch.path("out.safetensors")
    try several.write(to: tensors)
    let file = try SafetensorsFile(contentsOf: tensors)
    #expect(Set(file.tensors.map(\.name)) == ["spikes", "logits"])
    #expect(try file.tensor(named: "spikes").shape == [30, 4, 2])
    let logits = try predictor.predict([.logits])
    try logits.write(to: scratch.path("out.npy"))
    let array = try NumPyArray(contentsOf: scratch.path("out.npy"))
    #expect(array.shape == [30, 2])
    #expect(try array.floats() == arrays(logits)[0].values)
    #expect(logits.csv.hasPrefix("sample,output_0,output_1\n0,"))
    #expect(logits.csv.split(separator: "\n").count == 31)
    try Prediction.check(output: tensors, arrays: 2)
    try Prediction.check(output: nil, arrays: 1)
    for output in ["a.npy", "a.csv", nil] {
      #expect(throws: JobError.self) { try Prediction.check(output: output, arrays: 2) }
    }
    #expect(throws: JobError.self) { try Prediction.check(output: "a.txt", arrays: 1) }
  }

  @Test func listsOfOutputs() throws {
    #expect(try PredictedOutput.list("logits,spikes") == [.logits, .spikes])
    for text in ["", "spike", "spikes,", "spikes,spikes", "spikes, logits"] {
      #expect(throws: JobError.self) { try PredictedOutput.list(text) }
    }
  }
}
