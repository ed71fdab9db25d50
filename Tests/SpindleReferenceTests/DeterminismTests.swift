import SpindleReference
import TestSupport
import Testing

struct DeterminismTests {
  /// Three chunks, the last one partly filled.
  private static let batch = 37

  @Test(arguments: [2, 3, 8])
  func tasksDoNotMatter(tasks: Int) async throws {
    let sample = Sample(isFiltered: true, seed: 21)
    let network = try sample.network(sample.parameters())
    for kind in Sample.lossKinds {
      let loss = sample.loss(kind, batch: Self.batch)
      let input = sample.input(batch: Self.batch)
      let one = try await network.step(
        input: input, batch: Self.batch, steps: Sample.steps, loss: loss)
      let many = try await network.step(
        input: input, batch: Self.batch, steps: Sample.steps, loss: loss, tasks: tasks)
      #expect(one.loss == many.loss)
      #expect(one.gradients == many.gradients)
      #expect(one.trace.layers.map(\.potential) == many.trace.layers.map(\.potential))
    }
  }

  @Test func permutingTheBatchPermutesTheOutput() async throws {
    let sample = Sample(seed: 22)
    let network = try sample.network(sample.parameters())
    var random = SplitMix64(seed: 23)
    let order = Array(0..<Self.batch).shuffled(using: &random)
    let input = sample.input(batch: Self.batch)
    let length = Sample.steps * Sample.inputs
    let shuffled = order.flatMap { input[$0 * length..<($0 + 1) * length] }
    let plain = try await network.run(input: input, batch: Self.batch, steps: Sample.steps)
    let permuted = try await network.run(input: shuffled, batch: Self.batch, steps: Sample.steps)
    for (a, b) in zip(plain.layers, permuted.layers) {
      let size = Sample.steps * a.neurons
      #expect(b.membrane == order.flatMap { a.membrane[$0 * size..<($0 + 1) * size] })
      let spikes = try #require(a.spikes)
      #expect(b.spikes == order.flatMap { spikes[$0 * size..<($0 + 1) * size] })
      #expect(spikes.contains(1))
    }
    let labels = (0..<Self.batch).map { $0 % Sample.outputs }
    let one = try await network.step(
      input: input, batch: Self.batch, steps: Sample.steps,
      loss: .maxMembraneCrossEntropy(labels: labels))
    let other = try await network.step(
      input: shuffled, batch: Self.batch, steps: Sample.steps,
      loss: .maxMembraneCrossEntropy(labels: order.map { labels[$0] }))
    for (name, gradient) in one.gradients {
      // Sums of some thousand terms in another order.
      expectClose(other.gradients[name] ?? [], gradient, 1e-12, name)
    }
  }

  /// Of equal maxima the first step takes the gradient, as in the definition of the loss.
  @Test func firstMaximumTakesTheGradient() async throws {
    let network = try ReferenceNetwork<Double>(
      timeStep: 1,
      layers: [
        .synapse(ReferenceSynapse(inputs: 2, outputs: 2, weight: [1, 0, 0, 1])),
        .li(ReferenceLI(neurons: 2, tau: [1e-3, 1e-3])),
      ])
    // beta is 0 in Double: neuron 0 has the same membrane at both steps, by different inputs.
    let result = try await network.step(
      input: [2, 1, 2, 5], batch: 1, steps: 2, loss: .maxMembraneCrossEntropy(labels: [1]))
    let weight = try #require(result.gradients["0.weight"])
    // Row 1 of column 0 is the second input at the step of neuron 0's peak: 1, not 5.
    #expect(weight[2] / weight[0] == 0.5)
  }
}
