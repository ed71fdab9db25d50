import Foundation
import Spindle
import SpindleReference
import Testing

/// The value of every loss, written out from its definition over the trace.
struct LossTests {
  private static let batch = 5

  @Test(arguments: Sample.losses, [true, false])
  func valueFollowsTheDefinition(loss: Loss, isSmooth: Bool) throws {
    let (batch, steps, neurons) = (Self.batch, Sample.steps, Sample.outputs)
    let sample = Sample(seed: 31)
    let target = try sample.target(of: loss, batch: batch)
    let result = try sample.network(sample.parameters()).run(
      input: sample.input(batch: batch), batch: batch, steps: steps,
      spikes: isSmooth ? .smooth() : .threshold
    ).step(loss: loss, target: target)
    let last = try #require(result.trace.layers.last)
    let (s, v) = (try #require(last.spikes), last.membrane)
    var (numbers, labels): ([Double], [Int]) = ([], [])
    switch target {
    case .values(let tensor): numbers = tensor.values.map(Double.init)
    case .classes(let classes): labels = classes.map(Int.init)
    }
    func overTime(_ tensor: [Double], _ b: Int, _ n: Int) -> [Double] {
      (0..<steps).map { tensor[(b * steps + $0) * neurons + n] }
    }
    func crossEntropy(_ logit: (Int, Int) -> Double) -> Double {
      (0..<batch).map { b in
        -log(exp(logit(b, labels[b])) / (0..<neurons).map { exp(logit(b, $0)) }.reduce(0, +))
      }.reduce(0, +) / Double(batch)
    }
    var expected = 0.0
    switch loss {
    case .meanRateMSE:
      for t in 0..<steps {
        for n in 0..<neurons {
          let rate = (0..<batch).map { overTime(s, $0, n)[t] }.reduce(0, +) / Double(batch)
          expected += pow(rate - numbers[t * neurons + n], 2) / Double(steps * neurons)
        }
      }
    case .rateCrossEntropy: expected = crossEntropy { overTime(s, $0, $1).reduce(0, +) }
    case .maxMembraneCrossEntropy:
      expected = crossEntropy { overTime(v, $0, $1).max() ?? .nan }
    case .meanMembraneCrossEntropy:
      expected = crossEntropy { overTime(v, $0, $1).reduce(0, +) / Double(steps) }
    case .recallCrossEntropy(let first, _):
      expected = crossEntropy { overTime(v, $0, $1)[first...].reduce(0, +) / Double(steps - first) }
    case .membraneMSE:
      expected = zip(v, numbers).map { pow($0 - $1, 2) }.reduce(0, +) / Double(numbers.count)
    case .spikeCountMSE, .firingRateMSE:
      let scale = loss == .firingRateMSE ? 1 / Double(steps) : 1
      for b in 0..<batch {
        for n in 0..<neurons {
          let error = overTime(s, b, n).reduce(0, +) * scale - numbers[b * neurons + n]
          expected += error * error / Double(batch * neurons)
        }
      }
    case .vanRossum(let tau): expected = vanRossum(s, numbers, Double(tau))
    case .custom: Issue.record("no such loss here")
    }
    // Sums of at most 140 terms in another order.
    expectClose([result.loss], [expected], 1000 * Double.ulpOfOne, loss.name)
  }

  /// The integral's sum, each e_t written out as a sum over the steps before.
  private func vanRossum(_ s: [Double], _ target: [Double], _ tau: Double) -> Double {
    let (steps, neurons, dt) = (Sample.steps, Sample.outputs, 0.001)
    var sum = 0.0
    for b in 0..<Self.batch {
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
    return sum / Double(Self.batch * neurons)
  }

  /// A network of one neuron that fires whenever its input does.
  private func relay() throws -> Reference<Double> {
    try Reference(
      NetworkDescription(inputs: 1, layers: [.lif(1, tau: 0.001)]), parameters: ["0.weight": [2]])
  }

  /// One spike too many, long before the end, is at a squared distance of nearly 1/2 (van Rossum
  /// 2001); dt / tau = 1/64 makes the sum (1/64) / (1 - exp(-2/64)).
  @Test func vanRossumOfOneSpike() throws {
    let (steps, tau) = (1300, 0.064 as Float)
    let input = (0..<steps).map { $0 == 3 ? 1.0 : 0 }
    let target = Target.values(
      try Tensor(shape: [1, steps, 1], values: input.map { _ in 0 }))
    let result = try relay().run(input: input, batch: 1, steps: steps)
      .step(loss: .vanRossum(tau: tau), target: target)
    let share = 0.001 / Double(tau)
    #expect(abs(result.loss - share / (1 - exp(-2 * share))) < 1e-12)
  }

  /// A target [N] of rates is that of every sample.
  @Test func sharedTarget() throws {
    func loss(_ shape: [Int], _ values: [Float]) throws -> Double {
      try relay().run(input: [0, 1, 1, 1], batch: 2, steps: 2)
        .step(loss: .firingRateMSE, target: .values(try Tensor(shape: shape, values: values))).loss
    }
    #expect(try loss([1], [0.25]) == loss([2, 1], [0.25, 0.25]))
  }

  /// Of equal maxima the first step takes the gradient.
  @Test func firstMaximumTakesTheGradient() throws {
    let network = try Reference<Double>(
      NetworkDescription(timeStep: 1, inputs: 2, layers: [.li(2, tau: 1e-3)]),
      parameters: ["0.weight": [1, 0, 0, 1]])
    // beta is 0 in Double: neuron 0 has the same membrane at both steps, by different inputs.
    let result = try network.run(input: [2, 1, 2, 5], batch: 1, steps: 2)
      .step(loss: .maxMembraneCrossEntropy, target: .classes([1]))
    let weight = try #require(result.gradients["0.weight"])
    // Row 1 of column 0 is the second input at the step of neuron 0's peak: 1, not 5.
    #expect(weight[2] / weight[0] == 0.5)
  }

  /// Penalties written out over the trace.
  @Test func penalties() throws {
    let batch = Self.batch
    let sample = Sample(seed: 32)
    let result = try sample.network(sample.parameters()).run(
      input: sample.input(batch: batch), batch: batch, steps: Sample.steps
    ).step(
      loss: .spikeCountMSE, target: sample.target(of: .spikeCountMSE, batch: batch),
      penalties: [
        .l1(strength: 0.5), .l2(strength: 2, layer: 0), .lowerBound(0.375, strength: 3),
        .upperBound(0.125, strength: 0.75, layer: 1),
      ])
    var expected = 0.0
    for (index, layer) in result.trace.layers.enumerated() {
      let spikes = try #require(layer.spikes)
      for n in 0..<layer.neurons {
        let fired = stride(from: n, to: spikes.count, by: layer.neurons).reduce(0) {
          $0 + spikes[$1]
        }
        let r = fired / Double(batch * Sample.steps)
        var sum = 0.5 * r + 3 * pow(max(0, 0.375 - r), 2)
        sum += index == 0 ? 2 * r * r : 0.75 * pow(max(0, r - 0.125), 2)
        expected += sum / Double(layer.neurons)
      }
    }
    #expect(abs(result.penalty - expected) < 1e-13 && expected > 0)
  }
}
