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

  @Test(arguments: seeds(from: 0, 150))
  func matchesTheOracleInRows(seed: UInt64) throws {
    try compare(try RandomCase(seed: seed), layout: .rows)
  }

  @Test(arguments: seeds(from: 1000, 80))
  func matchesTheOracleInLanes(seed: UInt64) throws {
    try compare(try RandomCase(seed: seed, small: true), layout: .lanes)
  }

  /// Batches whose gradients are summed in several parts, of unequal sizes.
  @Test(arguments: seeds(from: 1500, 8))
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

  private func compare(_ test: RandomCase, layout: Layout) throws {
    let execution = Execution(threads: 1, layout: layout)
    var spikes: [[Double]?] = []
    for layer in test.network.neuronCounts.indices {
      let recording = try test.network.run(test.input, recording: layer, execution: execution)
      spikes.append(recording.spikes.values.map(Double.init))
    }
    if test.network.layers.last?.neurons.spiking == nil { spikes[spikes.count - 1] = nil }
    let expected = try test.oracle(spikes: spikes)
    var first: LossEvaluation?
    for isa in ISA.supported {
      for sums in layout == .lanes ? [.automatic] : Sums.allCases {
        var choice = execution
        choice.isa = isa
        choice.sums = sums
        let got = try test.network.evaluate(
          test.input, target: test.target, loss: test.loss, regularization: test.penalties,
          execution: choice)
        try check(got, expected, test, isa)
        #expect(
          first.map { $0.gradients == got.gradients && $0.recording == got.recording } ?? true,
          "\(isa), sums by \(sums): other bits than \(ISA.supported[0])")
        first = first ?? got
      }
    }
  }

  private func check(
    _ got: LossEvaluation, _ expected: ReferenceStep<Double>, _ test: RandomCase, _ isa: ISA
  ) throws {
    let tolerance = Self.tolerance(test)
    let last = expected.trace.layers[expected.trace.layers.count - 1]
    let potential = Difference("potential", got.recording.potential.values, last.potential)
    #expect(potential.isWithin(tolerance), "\(isa): \(potential)")
    let membrane = Difference("membrane", got.recording.membrane.values, last.membrane)
    #expect(membrane.isWithin(tolerance, floor: potential.scale), "\(isa): \(membrane)")
    checkSpikes(got, last, test, tolerance * potential.scale)
    let loss = Difference("loss", [Float(got.loss)], [expected.loss])
    #expect(loss.isWithin(tolerance, floor: 1e-3), "\(isa): \(loss)")
    let learned = Set(test.network.parameters.filter(\.isLearned).map(\.name))
    #expect(Set(got.gradients.keys) == learned)
    // Of exact counts, in Double on both sides, by up to 400 terms.
    let off = abs(got.regularization - expected.penalty)
    #expect(!(off > 1e-13 * expected.penalty), "\(isa): penalty off by \(off)")
    // The surrogate turns an error of u into a relative error of up to its slope times that.
    let largest = expected.trace.layers.flatMap(\.potential).reduce(0) { max($0, abs($1)) }
    let byGradient = tolerance * (1 + RandomCase.largestSlope * largest)
    for name in learned.sorted() {
      let values = try #require(expected.gradients[name])
      let gradient = Difference(name, try #require(got.gradients[name]), values)
      #expect(gradient.isWithin(byGradient, floor: 1e-9), "\(isa): \(gradient)")
    }
  }

  /// A neuron fires exactly where its potential is above the threshold and it may.
  private func checkSpikes(
    _ got: LossEvaluation, _ last: LayerTrace<Double>, _ test: RandomCase, _ margin: Double
  ) {
    guard test.network.layers.last?.neurons.spiking != nil else {
      #expect(got.recording.spikes.values.allSatisfy { $0 == 0 })
      return
    }
    let (potentials, thresholds, gates) = (last.potential, last.thresholds, last.gates)
    for (index, spike) in got.recording.spikes.values.enumerated() {
      let distance = potentials[index] - thresholds[index]
      if gates[index] == 0 || abs(distance) > margin {
        #expect(
          spike == (distance > 0 && gates[index] == 1 ? 1 : 0),
          "spike \(index) at distance \(distance), gate \(gates[index])")
      }
    }
  }
}
