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
    case .recallCrossEntropy(let labels, let first):
      expected = crossEntropy(labels) {
        overTime(v, $0, $1)[first...].reduce(0, +) / Double(steps - first)
      }
    case .membraneMSE(let target):
      expected = zip(v, target).map { pow($0 - $1, 2) }.reduce(0, +) / Double(target.count)
    case .spikeCountMSE(let target), .firingRateMSE(let target):
      let scale = kind == "firing_rate_mse" ? 1 / Double(steps) : 1
      for b in 0..<batch {
        for n in 0..<neurons {
          let error = overTime(s, b, n).reduce(0, +) * scale - target[b * neurons + n]
          expected += error * error / Double(batch * neurons)
        }
      }
    case .vanRossum(let target, let tau):
      expected = vanRossum(s, target, tau, batch: batch)
    }
    // Sums of at most 532 terms in another order.
    expectClose([result.loss], [expected], 1000 * Double.ulpOfOne, kind)
  }
  /// The integral's sum, each e_t written out as a sum over the steps before.
  private func vanRossum(
    _ s: [Double], _ target: [Double], _ tau: Double, batch: Int
  ) -> Double {
    let (steps, neurons, dt) = (Sample.steps, Sample.outputs, 0.001)
    var sum = 0.0
    for b in 0..<batch {
      for n in 0..<neurons {
        for t in 0..<steps {
          var e = 0.0
          for u in 0...t {
            let place = (b * steps + u) * neurons + n
            let age = Double(t - u) * dt
            e += exp(-age / tau) * (s[place] - target[place])
          }
          sum += e * e * dt / tau
        }
      }
    }
    return sum / Double(batch * neurons)
  }

  /// One spike too many, long before the end, is at a squared distance of nearly 1/2 (van Rossum
  /// 2001); dt / tau = 1/100 makes the sum (1/100) / (1 - exp(-2/100)) = 0.50502.
  @Test func vanRossumOfOneSpike() async throws {
    let (steps, tau) = (2000, 0.1)
    let network = try ReferenceNetwork<Double>(
      timeStep: 0.001,
      layers: [
        .synapse(ReferenceSynapse(inputs: 1, outputs: 1, weight: [2])),
        .lif(
          ReferenceLIF(
            neurons: 1, tau: [0.001], threshold: [1],
            surrogate: ReferenceSurrogate(.fastSigmoid, slope: 1))),
      ])
    let input = (0..<steps).map { $0 == 3 ? 1.0 : 0 }
    let result = try await network.step(
      input: input, batch: 1, steps: steps,
      loss: .vanRossum(target: input.map { _ in 0 }, tau: tau))
    #expect(abs(result.loss - 0.01 / (1 - exp(-0.02))) < 1e-12)
  }

  /// Penalties written out over the trace.
  @Test func penalties() async throws {
    let batch = 19
    let sample = Sample(seed: 32)
    let penalties: [ReferencePenalty<Double>] = [
      .init(.l1, strength: 0.5), .init(.l2, strength: 2, layer: 0),
      .init(.lowerBound(0.3), strength: 3), .init(.upperBound(0.1), strength: 0.7, layer: 1),
    ]
    let result = try await sample.network(sample.parameters()).step(
      input: sample.input(batch: batch), batch: batch, steps: Sample.steps,
      loss: sample.loss("spike_count_mse", batch: batch), penalties: penalties)
    var expected = 0.0
    for (index, layer) in result.trace.layers.enumerated() {
      let spikes = try #require(layer.spikes)
      for n in 0..<layer.neurons {
        let fired = stride(from: n, to: spikes.count, by: layer.neurons).reduce(0) {
          $0 + spikes[$1]
        }
        let r = fired / Double(batch * Sample.steps)
        var sum = 0.5 * r + 3 * pow(max(0, 0.3 - r), 2)
        sum += index == 0 ? 2 * r * r : 0.7 * pow(max(0, r - 0.1), 2)
        expected += sum / Double(layer.neurons)
      }
    }
    #expect(abs(result.penalty - expected) < 1e-13 && expected > 0)
  }
}
