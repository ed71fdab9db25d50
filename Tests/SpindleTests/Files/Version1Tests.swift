import Foundation
import SpindleTensors
import TestSupport
import Testing

@testable import Spindle

/// Files of version 1, which counted connections and neurons apart, are still read. The weights are
/// those of `WeightFileTests.network`; the checkpoint was written by version 1's
/// `spindle train Golden/checkpoint-1.json`.
@Suite("Files of version 1") struct Version1Tests {
  private static func path(_ name: String) throws -> String {
    let url = Bundle.module.url(forResource: "Golden/\(name)-1", withExtension: "safetensors")
    return try #require(url).path
  }

  /// The network of Golden/checkpoint-1.json.
  private static func description() -> NetworkDescription {
    NetworkDescription(
      inputs: 20,
      layers: [
        .lif(
          3, tau: [0.01, 0.02, 0.03], synapticTau: 0.004,
          spiking: Spiking(refractorySteps: 1, adaptation: Adaptation(strength: 0.2, tau: 0.05)),
          recurrence: .rc(),
          connection: Connection(
            weights: .normal(mean: 0.5, standardDeviation: 0.3), bias: .constant(0), dropout: 0.1),
          learned: Layer.learnedByDefault.union([.tau, .adaptationStrength])),
        .lif(
          2, spiking: Spiking(resetTiming: .delayed), recurrence: .oneToOne(),
          connection: Connection(weights: .constant(0.001)),
          learned: Layer.learnedByDefault.union([.threshold])),
        .li(4, tau: 0.02, connection: Connection(weights: .normal(mean: 0, standardDeviation: 1))),
      ])
  }

  @Test func weights() throws {
    var network = try WeightFileTests.other()
    try network.load(from: Self.path("weights"))
    try WeightFileTests.bits(of: network).expectSame(
      as: WeightFileTests.bits(of: WeightFileTests.network()), "loaded")
    expectError("it holds weights alone") { _ = try Network(contentsOf: Self.path("weights")) }
    // Names of this numbering in errors are the file's.
    var small = try Network(inputs: 3, layers: [.lif(2)])
    expectError("unexpected \"0.bias\"") { try small.load(from: Self.path("weights")) }
  }

  @Test func checkpoint() throws {
    let path = try Self.path("checkpoint")
    let checkpoint = try Checkpoint(contentsOf: path)
    #expect(checkpoint.network == nil && checkpoint.epoch == 2 && checkpoint.step == 8)
    #expect(checkpoint.history.map { $0.activity.layers.map(\.layer) } == [[0, 1], [0, 1]])
    #expect(checkpoint.warnings.map(\.layer) == [1, 0, 0, 1, 2])
    var network = try Network(Self.description(), seed: 1)
    try network.restore(checkpoint)
    let file = try SafetensorsFile(contentsOf: path)
    for parameter in network.parameters {
      let old = try file.tensor(named: parameter.version1Name).floats()
      #expect(try firstDifference(network.floats(parameter.name), old) == nil, "\(parameter.name)")
    }
    try network.restore(checkpoint, .best)
    #expect(
      try firstDifference(
        network.floats("0.tau"), file.tensor(named: "best.1.tau").floats()) == nil)
  }

  /// Names and shapes are all that is known of its network.
  @Test func otherNetworks() throws {
    let checkpoint = try Checkpoint(contentsOf: Self.path("checkpoint"))
    for (words, change): (String, (inout NetworkDescription) -> Void) in [
      ("it has 0.recurrent_weight [3, 3]", { $0.layers[0].recurrence = .ff }),
      (
        "it has 1.tau [2], and this one has not; it has 1.threshold [2]",
        {
          $0.layers[1].neurons.count = 5
        }
      ),
      ("it lacks 2.bias [4]", { $0.layers[2].connection.bias = .constant(0) }),
    ] {
      var description = Self.description()
      change(&description)
      var network = try Network(description)
      let before = network.values
      expectError("the checkpoint is of another network: ") { try network.restore(checkpoint) }
      expectError(words) { try network.restore(checkpoint) }
      #expect(network.values == before)
    }
    expectError("checkpoint of version 1; build the network") {
      _ = try Network(contentsOf: Self.path("checkpoint"))
    }
    expectError("version 1 does not describe one") { try checkpoint.write(to: "unused") }
  }

  /// A run goes on from it, and its own checkpoint knows the network.
  @Test func resumes() throws {
    let checkpoint = try Checkpoint(contentsOf: Self.path("checkpoint"))
    let data = try Dataset(
      (0..<16 * 12 * 20).map { Float($0 % 3 == 2 ? 1 : 0) }, count: 16, steps: 12, units: 20,
      targets: .classes(ClassLabels((0..<16).map { Int32($0 % 4) })))
    var trainer = try Trainer(
      Network(Self.description()), batch: 8, steps: 12,
      loss: .recallCrossEntropy(firstStep: 0, answerSteps: 4), seed: 7)
    try withTemporaryDirectory { directory in
      let path = directory + "/run.safetensors"
      let result = try trainer.fit(
        data, validation: data,
        options: FitOptions(epochs: 3, monitor: .loss, checkpoints: .init(path: path)),
        resuming: checkpoint)
      #expect(result.history.count == 3 && result.checkpoint.step == 10)
      #expect(try Checkpoint(contentsOf: path) == result.checkpoint)
      let network = try Network(contentsOf: path)
      #expect(network.description == trainer.network.description)
      #expect(network.values == trainer.network.values)
      #expect(try Network(contentsOf: path, .best).values == result.best.values)
    }
  }
}
