import Spindle
import SpindleReference
import TestSupport
import Testing

struct RunTests {
  @Test func permutingTheBatchPermutesTheOutput() throws {
    let batch = 7
    let sample = Sample(seed: 22)
    let network = try sample.network(sample.parameters())
    var random = SplitMix64(seed: 23)
    let order = Array(0..<batch).shuffled(using: &random)
    let input = sample.input(batch: batch)
    let length = Sample.steps * Sample.inputs
    let shuffled = order.flatMap { input[$0 * length..<($0 + 1) * length] }
    let labels = (0..<Int32(batch)).map { $0 % Int32(Sample.outputs) }
    func step(_ input: [Double], _ labels: [Int32]) throws -> ReferenceStep<Double> {
      try network.run(input: input, batch: batch, steps: Sample.steps)
        .step(loss: .maxMembraneCrossEntropy, target: .classes(labels))
    }
    let plain = try step(input, labels)
    let permuted = try step(shuffled, order.map { labels[$0] })
    for (a, b) in zip(plain.trace.layers, permuted.trace.layers) {
      let size = Sample.steps * a.neurons
      let places = order.flatMap { Array($0 * size..<($0 + 1) * size) }
      #expect(b.membrane == places.map { a.membrane[$0] })
      let spikes = try #require(a.spikes)
      #expect(b.spikes == places.map { spikes[$0] })
      #expect(spikes.contains(1))
    }
    for (name, gradient) in plain.gradients {
      // Sums of some hundred terms in another order.
      expectClose(permuted.gradients[name] ?? [], gradient, 1e-12, name)
    }
  }

  /// A sequence in two pieces is the sequence, to the bit: the second begins with the first's final
  /// states, and the first's backward with the second's initial adjoints.
  @Test(arguments: [ResetTiming.immediate, .delayed])
  func piecesMakeASequence(timing: ResetTiming) throws {
    let sample = Sample(
      resetTiming: timing, refractorySteps: 2, isAdaptive: true, isFiltered: true, seed: 25)
    let network = try sample.network(sample.parameters())
    let (steps, first, outputs) = (Sample.steps, 3, Sample.outputs)
    let input = Array(sample.input()[..<(steps * Sample.inputs)])
    // A loss of the last step alone: of the mean over the steps from the last on.
    func step(
      _ range: Range<Int>, from initial: [[NeuronState<Double>]] = [],
      adjoints: [[NeuronAdjoint<Double>]] = [], isLast: Bool = true
    ) throws -> ReferenceStep<Double> {
      let loss = isLast ? Loss.recallCrossEntropy(firstStep: range.count - 1, answerSteps: 1) : nil
      return try network.run(
        input: Array(input[range.lowerBound * Sample.inputs..<range.upperBound * Sample.inputs]),
        batch: 1, steps: range.count, initial: initial
      ).step(
        loss: loss ?? .membraneMSE,
        target: isLast
          ? .classes([1])
          : .values(
            try Tensor(
              shape: [1, range.count, outputs],
              values: Array(repeating: 0, count: range.count * outputs))),
        finalAdjoints: adjoints)
    }
    let whole = try step(0..<steps)
    let begin = try network.run(
      input: Array(input[..<(first * Sample.inputs)]), batch: 1, steps: first)
    let end = try step(first..<steps, from: begin.finalStates)
    #expect(end.loss == whole.loss)
    #expect(end.trace.finalStates == whole.trace.finalStates)
    // The first piece has a loss of its own, whose part is taken off again.
    let with = try step(0..<first, adjoints: end.initialAdjoints, isLast: false)
    let without = try step(0..<first, isLast: false)
    for (name, gradient) in whole.gradients {
      let parts = [end, with, without].map { $0.gradients[name] ?? [] }
      let sum = gradient.indices.map { parts[0][$0] + parts[1][$0] - parts[2][$0] }
      expectClose(sum, gradient, 1e-12, name)
    }
  }
}
