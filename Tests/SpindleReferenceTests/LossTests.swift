import Foundation
import SpindleReference
import Testing

/// The value of every loss, written out from its definition over the trace.
struct LossTests {
  @Test(arguments: Sample.lossKinds, [true, false])
  func valueFollowsTheDefinition(kind: String, isSmooth: Bool) async throws {
    // More than one chunk, the last one partly filled.
    let batch = 19
    let (steps, neurons) = (Sample.steps, Sample.outputs)
    let sample = Sample(seed: 31)
    let loss = sample.loss(kind, batch: batch)
    let result = try await sample.network(sample.parameters()).step(
      input: sample.input(batch: batch), batch: batch, steps: steps, loss: loss,
      spikes: isSmooth ? .smooth() : .threshold)
    let last = try #require(result.trace.layers.last)
    let (s, v) = (try #require(last.spikes), last.membrane)
    func at(_ tensor: [Double], _ b: Int, _ t: Int, _ n: Int) -> Double {
      tensor[(b * steps + t) * neurons + n]
    }
    func overTime(_ tensor: [Double], _ b: Int, _ n: Int) -> [Double] {
      (0..<steps).map { at(tensor, b, $0, n) }
    }
    func crossEntropy(_ labels: [Int], _ logit: (Int, Int) -> Double) -> Double {
      (0..<batch).map { b in
        -log(exp(logit(b, labels[b])) / (0..<neurons).map { exp(logit(b, $0)) }.reduce(0, +))
      }.reduce(0, +) / Double(batch)
    }
    var expected = 0.0
    switch loss {
    case .meanRateMSE(let target):
      for t in 0..<steps {
        for n in 0..<neurons {
          let rate = (0..<batch).map { at(s, $0, t, n) }.reduce(0, +) / Double(batch)
          expected += pow(rate - target[t * neurons + n], 2) / Double(steps * neurons)
        }
      }
    case .rateCrossEntropy(let labels):
      expected = crossEntropy(labels) { overTime(s, $0, $1).reduce(0, +) }
    case .maxMembraneCrossEntropy(let labels):
      expected = crossEntropy(labels) { overTime(v, $0, $1).max() ?? .nan }
    case .meanMembraneCrossEntropy(let labels):
      expected = crossEntropy(labels) { overTime(v, $0, $1).reduce(0, +) / Double(steps) }
    case .membraneMSE(let target):
      expected = zip(v, target).map { pow($0 - $1, 2) }.reduce(0, +) / Double(target.count)
    }
    // Sums of at most 532 terms in another order.
    expectClose([result.loss], [expected], 1000 * Double.ulpOfOne, kind)
  }
}
