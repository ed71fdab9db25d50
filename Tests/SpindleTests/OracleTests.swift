import SpindleReference
import Testing

@testable import Spindle

/// The engine against the Double oracle on random networks of every option, on every ISA and in
/// both layouts. The oracle takes over the engine's spikes, so that a potential within rounding of
/// its threshold does not set the two apart; that each spike is right is tested against the
/// oracle's own potential.
struct OracleTests {
  /// A sum of k float32 terms of random sign is off by about the root of k units of roundoff of its
  /// largest partial sum. The longest sums run over the inputs and neurons of a layer, forward and
  /// backward, and over the rows (batch and steps) of a weight gradient; errors pass on through as
  /// many steps as a decay lasts, and through the layers. The factor 4 is for partial sums that are
  /// larger than the result.
  static func tolerance(_ test: RandomCase) -> Double {
    let widest = Double(max(test.network.inputs, test.network.neuronCounts.max() ?? 1))
    let rows = Double(test.batch * test.steps)
    return 0x1p-24 * 4 * (2 * widest.squareRoot() + rows.squareRoot() + 8)
      * Double(min(test.steps, 10)) * Double(test.network.neuronCounts.count)
  }

  @Test(arguments: seeds(from: 0, 90))
  func matchesTheOracleInRows(seed: UInt64) throws {
    try compare(try RandomCase(seed: seed), layout: .rows)
  }

  @Test(arguments: seeds(from: 1000, 48))
  func matchesTheOracleInLanes(seed: UInt64) throws {
    try compare(try RandomCase(seed: seed, small: true), layout: .lanes)
  }

  /// Samples of different length.
  @Test(arguments: seeds(from: 1800, 32), [Layout.rows, .lanes])
  func matchesTheOracleWithLengths(seed: UInt64, layout: Layout) throws {
    try compare(
      try RandomCase(seed: seed, small: layout == .lanes, hasLengths: true), layout: layout)
  }

  /// Batches whose gradients are summed in several parts, of unequal sizes.
  @Test(arguments: seeds(from: 1500, 5))
  func matchesTheOracleInParts(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let parts = random.pick([2, 3, 4])
    let batch = 64 * parts + random.pick([1, 7, 16, 33])
    let test = try RandomCase(seed: seed, size: (batch, steps: random.pick([9, 12])))
    let trainer = try Trainer(
      test.network, batch: batch, steps: test.steps, loss: test.loss,
      execution: Execution(layout: .rows))
    try #require(trainer.plan.parts == parts)
    try compare(test, layout: .rows)
  }

  /// Sums over spikes, and backward's outputs, in every way.
  private static let ways: [(Sums, Outputs)] =
    Sums.allCases.map { ($0, .automatic) } + [(.automatic, .needed), (.automatic, .all)]

  private func compare(_ test: RandomCase, layout: Layout) throws {
    let execution = Execution(threads: 1, layout: layout)
    var spikes: [[Double]?] = []
    for layer in test.network.neuronCounts.indices {
      let recording = try test.network.run(test.input, recording: layer, execution: execution)
      spikes.append(recording.spikes.values.map(Double.init))
    }
    if test.network.layers.last?.neurons.spiking == nil { spikes[spikes.count - 1] = nil }
    let expected = Expectation(try test.oracle(spikes: spikes))
    var first: LossEvaluation?
    for isa in ISA.supported {
      for (sums, outputs) in layout == .lanes ? [(.automatic, .automatic)] : Self.ways {
        var choice = execution
        choice.isa = isa
        choice.sums = sums
        choice.outputs = outputs
        let got = try test.network.evaluate(
          test.input, target: test.target, loss: test.loss, regularization: test.penalties,
          execution: choice)
        try check(got, expected, test, isa)
        #expect(
          first.map { $0.gradients == got.gradients && $0.recording == got.recording } ?? true,
          "\(isa), sums by \(sums), outputs \(outputs): other bits than \(ISA.supported[0])")
        first = first ?? got
      }
    }
  }

  private func check(
    _ got: LossEvaluation, _ expected: Expectation, _ test: RandomCase, _ isa: ISA
  ) throws {
    let tolerance = Self.tolerance(test)
    let potential = Difference("potential", got.recording.potential.values, expected.potential)
    #expect(potential.isWithin(tolerance), "\(isa): \(potential)")
    let membrane = Difference("membrane", got.recording.membrane.values, expected.membrane)
    #expect(membrane.isWithin(tolerance, floor: potential.scale), "\(isa): \(membrane)")
    checkSpikes(got, expected, test, tolerance * potential.scale)
    let loss = Difference("loss", [Float(got.loss)], [expected.step.loss])
    #expect(loss.isWithin(tolerance, floor: 1e-3), "\(isa): \(loss)")
    let learned = Set(test.network.parameters.filter(\.isLearned).map(\.name))
    #expect(Set(got.gradients.keys) == learned)
    // Of exact counts, in Double on both sides, by up to 400 terms.
    let off = abs(got.regularization - expected.step.penalty)
    #expect(!(off > 1e-13 * expected.step.penalty), "\(isa): penalty off by \(off)")
    // The surrogate turns an error of u into a relative error of up to its slope times that.
    let byGradient = tolerance * (1 + RandomCase.largestSlope * expected.largestPotential)
    for name in learned.sorted() {
      let values = try #require(expected.step.gradients[name])
      let gradient = Difference(name, try #require(got.gradients[name]), values)
      #expect(gradient.isWithin(byGradient, floor: 1e-9), "\(isa): \(gradient)")
    }
  }

  /// A neuron fires exactly where its potential is above the threshold and it may.
  private func checkSpikes(
    _ got: LossEvaluation, _ expected: Expectation, _ test: RandomCase, _ margin: Double
  ) {
    guard test.network.layers.last?.neurons.spiking != nil else {
      #expect(got.recording.spikes.values.allSatisfy { $0 == 0 })
      return
    }
    for (index, spike) in got.recording.spikes.values.enumerated() {
      let distance = expected.potential[index] - expected.thresholds[index]
      let gate = expected.gates[index]
      if (gate == 0 || abs(distance) > margin) && spike != (distance > 0 && gate == 1 ? 1 : 0) {
        Issue.record("spike \(index) at distance \(distance), gate \(gate)")
      }
    }
  }
}

/// What the oracle computed, its last layer's tensors gathered once for all runs of the engine.
private struct Expectation {
  let step: ReferenceStep<Double>
  let potential: [Double]
  let membrane: [Double]
  let thresholds: [Double]
  let gates: [Double]
  /// Of all layers.
  let largestPotential: Double

  init(_ step: ReferenceStep<Double>) {
    self.step = step
    let last = step.trace.layers[step.trace.layers.count - 1]
    (potential, membrane) = (last.potential, last.membrane)
    (thresholds, gates) = (last.thresholds, last.gates)
    largestPotential = step.trace.layers.flatMap(\.potential).reduce(0) { max($0, abs($1)) }
  }
}
