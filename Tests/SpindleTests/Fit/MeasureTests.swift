import Spindle
import Testing

/// `Trainer.measure`, confusion matrices and what is counted of the neurons, against counting one
/// by one.
@Suite("Measuring") struct MeasureTests {
  /// Two spiking layers, the first recurrent, then integrators.
  private static func network(threshold: PerNeuron) throws -> Network {
    try Network(
      inputs: 4,
      layers: [
        .lif(
          7, spiking: Spiking(threshold: threshold), recurrence: .rc(),
          connection: Connection(weights: .normal(mean: 0.5, standardDeviation: 0.3))),
        .lif(
          5, recurrence: .oneToOne(.constant(0.1)),
          connection: Connection(weights: .normal(mean: 0.5, standardDeviation: 0.3))),
        .li(3),
      ], seed: 41)
  }

  private static func dataset(isAnalog: Bool) throws -> Dataset {
    var random = SplitMix(seed: 42)
    let values = (0..<19 * 20 * 4).map { _ -> Float in
      isAnalog ? random.float(0...1) : random.flag(0.4) ? 1 : 0
    }
    return try Dataset(
      values, count: 19, steps: 20, units: 4,
      targets: .classes(try ClassLabels((0..<19).map { Int32($0 * $0 % 3) }, classCount: 3)))
  }

  @Test("Rates, dead and saturated neurons and operations", arguments: [false, true])
  func activity(isAnalog: Bool) throws {
    // The first neuron never fires, the second always does.
    let network = try Self.network(threshold: [1e6, 1e-6, 1, 1, 2, 1, 1])
    var positive = network
    try positive.withValues(of: "0.weight") { weights in
      for index in weights.indices { weights[index] = abs(weights[index]) + 0.01 }
    }
    let data = try Self.dataset(isAnalog: isAnalog)
    var trainer = try Trainer(
      positive, batch: 8, steps: 20, loss: .meanMembraneCrossEntropy)
    let measured = try #require(try trainer.measure(data))
    let batch = try data.batch()
    var (accumulates, neurons, spikes) = (0.0, 0, 0.0)
    if !isAnalog {
      accumulates += Double((0..<19).reduce(0) { $0 + data[$1].count { $0 == 1 } } * 7) / 19
    }
    for (index, fanOut) in [(0, 5 + 7), (1, 3 + 1)] {
      let recording = try positive.run(batch.input, recording: index).spikes
      let count = recording.shape[2]
      let counts = (0..<count).map { neuron in
        stride(from: neuron, to: recording.values.count, by: count).count {
          recording.values[$0] == 1
        }
      }
      let places = 19 * 20
      let layer = measured.activity.layers[index]
      #expect(layer.layer == index && layer.neurons == count)
      #expect(layer.firingRate == Double(counts.reduce(0, +)) / Double(places * count))
      #expect(layer.dead == Double(counts.count { $0 == 0 }) / Double(count))
      #expect(
        layer.saturated == Double(counts.count { Double($0) > 0.9 * Double(places) })
          / Double(count))
      if index == 0 { #expect(layer.dead >= 1 / 7 && layer.saturated >= 1 / 7) }
      accumulates += Double(counts.reduce(0, +) * fanOut) / 19
      neurons += count
      spikes += Double(counts.reduce(0, +)) / Double(places)
    }
    let operations = measured.activity.operations
    #expect(measured.activity.layers.count == 2)
    #expect(abs(operations.accumulates - accumulates) <= 1e-12 * accumulates)
    #expect(operations.multiplyAccumulates == (isAnalog ? 20 * 4 * 7 : 0))
    #expect(operations.total == operations.accumulates + operations.multiplyAccumulates)
    let sparsity = try #require(measured.activity.sparsity)
    #expect(abs(sparsity - (1 - spikes / Double(neurons))) <= 1e-12)
  }

  @Test("Loss, accuracy and confusion, whatever the batch") func loss() throws {
    let network = try Self.network(threshold: 1)
    let data = try Self.dataset(isAnalog: false)
    guard case .classes(let truth)? = try data.batch().target else { return }
    var whole = try Trainer(network, batch: 19, steps: 20, loss: .meanMembraneCrossEntropy)
    let expected = try whole.evaluate(data.batch().input, target: .classes(truth))
    let predictions = try whole.predictions
    for batch in [1, 4, 8, 19, 30] {
      var trainer = try Trainer(
        network, batch: batch, steps: 20, loss: .meanMembraneCrossEntropy)
      let measured = try #require(try trainer.measure(data))
      #expect(measured.samples == 19)
      #expect(abs(measured.loss - expected.loss) <= 1e-6 * expected.loss, "batch \(batch)")
      #expect(measured.accuracy == Double(expected.correct ?? -1) / 19, "batch \(batch)")
      let confusion = try #require(measured.confusion)
      for row in 0..<3 {
        for column in 0..<3 {
          #expect(
            confusion[row, column]
              == zip(truth, predictions).count { Int($0) == row && Int($1) == column })
        }
      }
    }
    #expect(try whole.measure(data, shouldStop: { true }) == nil)
  }

  @Test("Precision and recall") func confusion() throws {
    var matrix = try ConfusionMatrix(classes: 3)
    #expect(matrix.accuracy == nil && matrix.precision(of: 0) == nil && matrix.recall(of: 0) == nil)
    try matrix.add(truth: [0, 0, 0, 1, 1, 2], predictions: [0, 0, 1, 1, 0, 0])
    #expect(matrix.counts == [2, 1, 0, 1, 1, 0, 1, 0, 0])
    #expect(matrix.total == 6 && matrix.accuracy == 0.5)
    #expect(matrix.precision(of: 0) == 0.5 && matrix.recall(of: 0) == 2 / 3)
    #expect(matrix.precision(of: 1) == 0.5 && matrix.recall(of: 1) == 0.5)
    #expect(matrix.precision(of: 2) == nil && matrix.recall(of: 2) == 0)
    let before = matrix
    #expect(throws: SpindleError.self) { try matrix.add(truth: [0], predictions: [3]) }
    #expect(throws: SpindleError.self) { try matrix.add(truth: [-1], predictions: [0]) }
    #expect(throws: SpindleError.self) { try matrix.add(truth: [1], predictions: [0, 1]) }
    #expect(throws: SpindleError.self) { try ConfusionMatrix(classes: 0) }
    #expect(matrix == before)
  }
}
