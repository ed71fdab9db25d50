import CSpindle
import SpindleReference
import Testing

@testable import Spindle

/// Dropout of a layer's input: the masks against the documented stream, forward and backward
/// against the Double oracle, on every ISA.
struct DropoutTests {
  private static let (batch, steps, seed, step) = (17, 12, UInt64(99), UInt64(41))

  /// Two layers of spiking neurons and a readout, inputs of all three layers dropped.
  private static func network() throws -> Network {
    func connection(inputs: Int, dropout: Double) -> Connection {
      let deviation = Double(3 / Float(inputs).squareRoot())
      return Connection(
        weights: .normal(mean: 0.1, standardDeviation: deviation), bias: .constant(0.05),
        dropout: dropout)
    }
    return try Network(
      inputs: 37,
      layers: [
        .lif(
          33, recurrence: .rc(.normal(mean: 0, standardDeviation: 0.1)),
          connection: connection(inputs: 37, dropout: 0.25),
          learned: Layer.learnedByDefault.union([.tau])),
        .lif(20, synapticTau: 0.004, connection: connection(inputs: 33, dropout: 0.5)),
        .li(5, connection: connection(inputs: 20, dropout: 0.1)),
      ], seed: 3)
  }

  private static func input() throws -> (values: [Float], input: Input) {
    var random = SplitMix(seed: 5)
    let values = (0..<batch * steps * 37).map { _ in random.flag(0.3) ? 1 : 0 as Float }
    return (values, try Input(values, batch: batch, steps: steps, units: 37))
  }

  /// 1 / (1 - p) where the documented number of the stream says that the input stays, else 0: [B, I].
  private static func factors(layer: UInt64, inputs: Int, dropout: Double) -> [Double] {
    (0..<batch * inputs).map { index in
      let number = Philox.number(
        seed: seed, stream: 4 << 32 + layer, step << 36 + UInt64(index))
      return Double(number) < (1 - dropout) * 0x1p32 ? 1 / (1 - dropout) : 0
    }
  }

  /// Of all three layers.
  private static let factors: [[Double]?] = [
    factors(layer: 0, inputs: 37, dropout: 0.25), factors(layer: 1, inputs: 33, dropout: 0.5),
    factors(layer: 2, inputs: 20, dropout: Double(0.1 as Float)),
  ]

  /// One step with dropout on the engine: the recording of each layer, the loss, the gradients.
  private static func run(
    _ network: Network, _ input: Input, _ classes: [Int32], _ execution: Execution,
    step: UInt64 = step
  ) throws -> (layers: [Recording], loss: Double, gradients: [Float]) {
    var workspace = try Workspace(network, batch: batch, steps: steps, execution: execution)
    var windows: WindowMemory?
    try workspace.forward(
      network.values, input, dropout: Dropout(seed: seed, step: step), &windows)
    var layers: [Recording] = []
    for layer in 0..<3 { layers.append(try workspace.record(layer: layer, input)) }
    let call = try workspace.lossCall(
      .maxMembraneCrossEntropy, .classes(classes), of: input)
    let loss = try workspace.loss(input, call)
    var gradients = [Float](repeating: 0, count: network.parameterCount)
    try workspace.backward(input, call, gradients: &gradients)
    return (layers, loss, gradients)
  }

  @Test func matchesTheOracle() throws {
    let network = try Self.network()
    let (values, input) = try Self.input()
    let classes = (0..<Int32(Self.batch)).map { $0 % 5 }
    var first: (layers: [Recording], loss: Double, gradients: [Float])?
    for isa in ISA.supported {
      for threads in [1, 2, 5] {
        let got = try Self.run(
          network, input, classes, Execution(threads: threads, isa: isa))
        if let first {
          #expect(got.layers == first.layers, "\(isa), \(threads) threads")
          #expect(
            firstDifference(got.gradients, first.gradients) == nil, "\(isa), \(threads) threads")
        }
        first = first ?? got
      }
    }
    let got = try #require(first)
    let forced: [[Double]?] =
      got.layers.dropLast().map { $0.spikes.values.map(Double.init) } + [nil]
    let expected = try Reference(network).run(
      input: values.map(Double.init), batch: Self.batch, steps: Self.steps,
      spikes: .forced(forced), inputFactors: Self.factors
    ).step(loss: .maxMembraneCrossEntropy, target: .classes(classes))
    // As OracleTests.tolerance, with these sizes.
    let tolerance =
      0x1p-24 * 4 * (2 * 37.0.squareRoot() + Double(Self.batch * Self.steps).squareRoot() + 8) * 30
    for (layer, trace) in zip(got.layers, expected.trace.layers) {
      let potential = Difference("potential", layer.potential.values, trace.potential)
      #expect(potential.isWithin(tolerance), "\(potential)")
    }
    #expect(abs(got.loss - expected.loss) <= tolerance * max(1, expected.loss))
    for parameter in network.parameters where parameter.isLearned {
      let gradient = Difference(
        parameter.name, Array(got.gradients[parameter.range]),
        try #require(expected.gradients[parameter.name]))
      #expect(gradient.scale > 0, "\(parameter.name): a gradient of zero proves nothing")
      #expect(gradient.isWithin(20 * tolerance), "\(gradient)")
    }
  }

  /// A trainer draws by its own seed and the step's number, counted from 1.
  @Test func aTrainerDrops() throws {
    let network = try Self.network()
    let (_, input) = try Self.input()
    let classes = (0..<Int32(Self.batch)).map { $0 % 5 }
    var trainer = try Trainer(
      network, batch: Self.batch, steps: Self.steps, loss: .maxMembraneCrossEntropy,
      optimizer: .sgd(learningRate: 0), seed: Self.seed)
    for step: UInt64 in [1, 2] {
      let metrics = try trainer.step(input, target: .classes(classes))
      let expected = try Self.run(network, input, classes, .init(), step: step)
      #expect(metrics.loss == expected.loss)
      for parameter in network.parameters {
        let gradient = try trainer.gradient(of: parameter.name)
        let got = gradient.indices.map { gradient[$0] }
        let difference = firstDifference(got, Array(expected.gradients[parameter.range]))
        #expect(difference == nil, "step \(step), \(parameter.name)\(difference ?? "")")
      }
    }
  }

  /// Only the forward pass that follows a draw drops; the next is that of a network without dropout.
  @Test func dropsInOnePassAlone() throws {
    let network = try Self.network()
    let (_, input) = try Self.input()
    var without = network.description
    for layer in without.layers.indices { without.layers[layer].connection.dropout = 0 }
    let expected = try Network(without, seed: 3).run(input)
    #expect(try network.run(input) == expected)
    var workspace = try Workspace(
      network, batch: Self.batch, steps: Self.steps, execution: .init())
    var windows: WindowMemory?
    try workspace.forward(
      network.values, input, dropout: Dropout(seed: Self.seed, step: Self.step), &windows)
    #expect(try workspace.record(layer: 2, nil) != expected)
    try workspace.forward(network.values, input, &windows)
    #expect(try workspace.record(layer: 2, nil) == expected)
  }

  @Test func refusals() throws {
    for bad: Double in [-0.1, 1, 1.5, .nan, .infinity] {
      expectError("layers[0].dropout") {
        _ = try Network(
          inputs: 2,
          layers: [
            .lif(2, connection: Connection(dropout: bad))
          ])
      }
    }
    let network = try Self.network()
    let analog = try Input(
      [Float](repeating: 0.5, count: Self.batch * Self.steps * 37), batch: Self.batch,
      steps: Self.steps, units: 37)
    _ = try network.run(analog)
    expectError("spikes, got analog") {
      var workspace = try Workspace(
        network, batch: Self.batch, steps: Self.steps, execution: .init())
      var windows: WindowMemory?
      try workspace.forward(network.values, analog, dropout: Dropout(seed: 0, step: 1), &windows)
    }
    expectError("automatic or rows") {
      _ = try network.run(Self.input().input, execution: Execution(layout: .lanes))
    }
  }
}
