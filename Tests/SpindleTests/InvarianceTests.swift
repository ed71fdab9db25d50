import Spindle
import Testing

/// Networks that must do the same as one another.
struct InvarianceTests {
  @Test(arguments: seeds(from: 8000, 20), [Layout.rows, .lanes])
  func feedForwardIsRecurrentWithZeroWeights(seed: UInt64, layout: Layout) throws {
    let test = try RandomCase(seed: seed, small: true)
    func run(_ recurrence: Recurrence) throws -> Bits {
      var description = test.network.description
      for layer in description.layers.indices
      where description.layers[layer].neurons.spiking != nil {
        description.layers[layer].recurrence = recurrence
      }
      var network = try Network(description, seed: seed)
      for parameter in test.network.parameters where parameter.role != .recurrentWeight {
        try network.set(parameter.name, to: test.network.floats(parameter.name))
      }
      var evaluation = Bits(
        try network.evaluate(
          test.input, target: test.target, loss: test.loss, execution: Execution(layout: layout)))
      // The gradients of zero recurrent weights are not zero, and change those of no other but
      // through the recurrence, which carries nothing.
      evaluation.parts.removeAll { $0.name.hasSuffix("recurrent_weight") }
      // Adding zero products may turn -0 to 0 where nothing else is added.
      evaluation.parts = evaluation.parts.map { ($0.name, $0.values.map { $0 + 0 }) }
      return evaluation
    }
    try run(.rc(.constant(0))).expectSame(as: try run(.ff), "rc against ff")
  }

  /// A run keeps no trace, and gives what training sees.
  @Test(arguments: seeds(from: 8500, 30))
  func runsAreForwardPassesOfTraining(seed: UInt64) throws {
    let test = try RandomCase(seed: seed, small: seed % 2 == 0)
    let trained = try test.network.evaluate(test.input, target: test.target, loss: test.loss)
    var bits = Bits()
    bits.add(trained.recording)
    var run = Bits()
    run.add(try test.network.run(test.input))
    run.expectSame(as: bits, "a run against training")
  }

  @Test(arguments: seeds(from: 9000, 20), [Layout.rows, .lanes])
  func samplesAreIndependent(seed: UInt64, layout: Layout) throws {
    let test = try RandomCase(seed: seed, small: layout == .lanes)
    let execution = Execution(layout: layout)
    let whole = try test.network.run(test.input, execution: execution)
    var random = SplitMix(seed: seed)
    let order = Array(0..<test.batch).shuffled(using: &random)
    let permuted = try test.network.run(try test.batch(of: order), execution: execution)
    for (place, sample) in order.enumerated() {
      Bits(permuted, sample: place)
        .expectSame(as: Bits(whole, sample: sample), "sample \(sample) at place \(place)")
    }
    for sample in [0, test.batch / 2, test.batch - 1] {
      let alone = try test.network.run(try test.batch(of: [sample]), execution: execution)
      Bits(alone, sample: 0).expectSame(as: Bits(whole, sample: sample), "sample \(sample) alone")
    }
  }
}

extension RandomCase {
  /// The input of some samples.
  func batch(of samples: [Int]) throws -> Input {
    try Input(values(of: samples), batch: samples.count, steps: steps, units: network.inputs)
  }

  /// The same as numbers.
  func values(of samples: some Sequence<Int>) -> [Float] {
    let count = inputValues.count / batch
    return samples.flatMap { inputValues[$0 * count..<($0 + 1) * count] }
  }
}

extension Bits {
  /// What one sample did.
  init(_ recording: Recording, sample: Int) {
    self.init()
    for (name, tensor) in [
      ("spikes", recording.spikes), ("potential", recording.potential),
      ("membrane", recording.membrane),
    ] {
      let count = tensor.values.count / tensor.shape[0]
      add(name, Array(tensor.values[sample * count..<(sample + 1) * count]))
    }
  }
}
