import Spindle
import Testing

/// A user's own loss against the built-in one that computes the same.
struct CustomLossTests {
  /// mean (v - target)^2 by a closure.
  private static let membrane = CustomLoss(name: "membrane") { output, target in
    guard case .values(let wanted) = target else { return .init(value: .nan) }
    let errors = zip(output.membrane.values, wanted.values).map { Double($0) - Double($1) }
    let count = Double(errors.count)
    return .init(
      value: errors.reduce(0) { $0 + $1 * $1 } / count,
      membraneGradient: errors.map { Float(2 * $0 / count) })
  }

  /// mean (count - 2)^2 by a closure, whatever the target.
  private static let counts = CustomLoss(name: "counts") { output, _ in
    let (shape, spikes) = (output.spikes.shape, output.spikes.values)
    let terms = Double(shape[0] * shape[2])
    var value = 0.0
    var gradient = [Float](repeating: 0, count: spikes.count)
    for b in 0..<shape[0] {
      for n in 0..<shape[2] {
        let places = (0..<shape[1]).map { (b * shape[1] + $0) * shape[2] + n }
        let error = places.reduce(0.0) { $0 + Double(spikes[$1]) } - 2
        value += error * error / terms
        for place in places { gradient[place] = Float(2 * error / terms) }
      }
    }
    return .init(value: value, spikeGradient: gradient)
  }

  private static func tensor(_ shape: [Int], _ value: (Int) -> Float) throws -> Target {
    .values(try Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map(value)))
  }

  /// The gradients of both built-in losses and of their sum, in both layouts.
  @Test(arguments: [false, true])
  func matchesTheBuiltIn(small: Bool) throws {
    let run = try TrainingRun(seed: 21, small: small)
    let (input, network) = (run.inputs[0], run.network)
    let (batch, steps, neurons) = (input.batch, input.steps, network.outputs)
    let wanted = try Self.tensor([batch, steps, neurons]) { Float($0 % 7) / 7 }
    let twos = try Self.tensor([batch, neurons]) { _ in 2 }
    let byMembrane = try network.evaluate(input, target: wanted, loss: .membraneMSE)
    let byCount = try network.evaluate(input, target: twos, loss: .spikeCountMSE)
    let both = CustomLoss(name: "both") { output, target in
      let (a, b) = (Self.membrane.run(output, target), Self.counts.run(output, target))
      return .init(
        value: a.value + b.value, spikeGradient: b.spikeGradient,
        membraneGradient: a.membraneGradient)
    }
    func compare(_ loss: CustomLoss, _ value: Double, _ gradients: [[String: [Float]]]) throws {
      let got = try network.evaluate(input, target: wanted, loss: .custom(loss))
      #expect(abs(got.loss - value) < 1e-6 * value, "\(loss.name): \(got.loss), not \(value)")
      for (name, gradient) in got.gradients {
        var sum = gradient.map { _ in 0.0 }
        for part in gradients { for i in sum.indices { sum[i] += Double(part[name]?[i] ?? .nan) } }
        // The gradients that come in differ by a rounding, which sums of some hundred keep.
        let difference = Difference("\(loss.name): \(name)", gradient, sum)
        #expect(difference.isWithin(1e-5), "\(difference)")
        #expect(difference.scale > 0)
      }
    }
    try compare(Self.membrane, byMembrane.loss, [byMembrane.gradients])
    try compare(Self.counts, byCount.loss, [byCount.gradients])
    try compare(
      both, byMembrane.loss + byCount.loss, [byMembrane.gradients, byCount.gradients])
  }

  /// A trainer steps by it, short batches, penalties and all.
  @Test func trains() throws {
    let run = try TrainingRun(seed: 22, small: true)
    let (batch, steps) = (run.inputs[0].batch, run.inputs[0].steps)
    func trainer(_ loss: Loss) throws -> Trainer {
      try Trainer(
        run.network, batch: batch + 3, steps: steps, loss: loss, optimizer: .sgd(learningRate: 0.1),
        regularization: [.l2(strength: 0.5)], clipping: .byNorm(10))
    }
    let twos = try Self.tensor([batch, run.network.outputs]) { _ in 2 }
    var custom = try trainer(.custom(Self.counts))
    var builtIn = try trainer(.spikeCountMSE)
    for _ in 0..<3 {
      let (a, b) = (
        try custom.step(run.inputs[0], target: twos), try builtIn.step(run.inputs[0], target: twos)
      )
      #expect(abs(a.loss - b.loss) < 1e-6 * b.loss && a.regularization == b.regularization)
      #expect(a.regularization > 0 && a.total == a.loss + a.regularization && a.correct == nil)
      let (x, y) = (
        try custom.evaluate(run.inputs[0], target: twos),
        try builtIn.evaluate(run.inputs[0], target: twos)
      )
      #expect(abs(x.loss - y.loss) < 1e-6 * y.loss && x.regularization == y.regularization)
    }
    let moved = try custom.network.floats("0.weight")
    #expect(moved != (try? run.network.floats("0.weight")))
    #expect(Difference("0.weight", moved, try builtIn.network.doubles("0.weight")).isWithin(1e-5))
  }

  @Test func errors() throws {
    let run = try TrainingRun(seed: 23, small: true)
    let count = run.inputs[0].batch * run.inputs[0].steps * run.network.outputs
    func error(_ result: CustomLoss.Result) throws -> String {
      var trainer = try Trainer(
        run.network, batch: run.inputs[0].batch, steps: run.inputs[0].steps,
        loss: .custom(CustomLoss(name: "mine") { _, _ in result }))
      let text = failure(of: &trainer, run)
      let after = try trainer.network.floats("0.weight")
      #expect(after == (try? run.network.floats("0.weight")), "\(text)")
      return text
    }
    let zeros = [Float](repeating: 0, count: count)
    #expect(
      try error(.init(value: 0, spikeGradient: [1]))
        .contains("the gradient by s of mine must have shape"))
    #expect(
      try error(.init(value: 0, membraneGradient: zeros + [0])).contains(
        "the gradient by v of mine"))
    #expect(
      try error(.init(value: .nan, spikeGradient: zeros)).contains(
        "the loss of network.layers[1] is NaN"))
    #expect(
      try error(.init(value: 1, spikeGradient: zeros.map { _ in .infinity }))
        .contains("the gradient of \""))
  }

  private func failure(of trainer: inout Trainer, _ run: TrainingRun) -> String {
    do throws(SpindleError) {
      _ = try trainer.step(run.inputs[0], target: run.target)
      return "no error"
    } catch {
      return error.description
    }
  }
}
