import Spindle
import Testing

/// What a trainer does besides the arithmetic of kernels and optimizers.
struct TrainerTests {
  /// The trainer hands every number of every optimizer to the core.
  @Test func usesTheOptimizer() throws {
    for (name, configuration) in try OptimizerGolden().configurations {
      let run = try TrainingRun(seed: 1, small: true)
      var trainer = try Trainer(
        run.network, batch: run.inputs[0].batch, steps: run.inputs[0].steps, loss: .meanRateMSE,
        optimizer: configuration.optimizer, clipping: configuration.clipping)
      // The first layer alone: both layers' gradients count for a norm, which is left out.
      guard configuration.clipNorm == nil else { continue }
      let core = try OptimizerRun(inputs: 5, neurons: 11)
      for parameter in OptimizerRun.names {
        core.set(parameter, to: try run.network.floats(layerName(parameter)))
      }
      for step in 0..<5 {
        _ = try trainer.step(run.inputs[step % 3], target: run.target)
        var gradients: [String: [Float]] = [:]
        for parameter in OptimizerRun.names {
          let gradient = try trainer.gradient(of: layerName(parameter))
          gradients[parameter] = gradient.indices.map { gradient[$0] }
        }
        _ = try core.update(configuration.raw, gradients: gradients)
      }
      for parameter in OptimizerRun.names {
        let got = try trainer.network.floats(layerName(parameter))
        let difference = firstDifference(got, core.values(parameter))
        #expect(difference == nil, "\(name): \(parameter)\(difference ?? "")")
        let before = try run.network.floats(layerName(parameter))
        #expect(got != before, "\(parameter) never moved")
      }
    }
  }

  private func layerName(_ parameter: String) -> String {
    "0." + parameter
  }

  /// At the learning rate of weights a time constant of 10 ms changes by about a thousandth a step.
  /// As a plain number it was driven to zero within ten.
  @Test func learnedTauStaysPositive() throws {
    let run = try TrainingRun(seed: 2, small: true)
    var trainer = try Trainer(
      run.network, batch: run.inputs[0].batch, steps: run.inputs[0].steps, loss: .meanRateMSE,
      optimizer: .adam(learningRate: 1e-3))
    for step in 0..<60 { _ = try trainer.step(run.inputs[step % 3], target: run.target) }
    let before = try run.network.floats("0.tau")
    let after = try trainer.network.floats("0.tau")
    // Adam's step is at most the learning rate times the root of 1 / (1 - beta2), but about one
    // learning rate where gradients are alike.
    for (a, b) in zip(after, before) {
      #expect(a > b * 0.8 && a < b * 1.25 && a != b, "tau \(b) became \(a)")
    }
  }

  /// A short batch is what a trainer of that size does, and leaves no trace in full ones.
  @Test(arguments: [false, true])
  func shortBatches(small: Bool) throws {
    let run = try TrainingRun(seed: 3, small: small)
    let (batch, steps) = (run.inputs[0].batch, run.inputs[0].steps)
    func short(_ input: Input, _ samples: Int) throws -> Input {
      var values: [Float] = []
      for b in 0..<samples {
        for t in 0..<steps {
          for unit in 0..<input.units {
            switch input {
            case .spikes(let train): values.append(train[b, t, unit] ? 1 : 0)
            case .signal: values.append(Float(b + t + unit) / 100)
            }
          }
        }
      }
      return try Input(values, batch: samples, steps: steps, units: input.units)
    }
    let sizes = [1, batch - 1, batch - 1, 3]
    var mixed = try run.trainer(Execution())
    var network = run.network
    var state = OptimizerState(
      stepCount: 0, mean: [Float](repeating: 0, count: network.parameterCount),
      variance: [Float](repeating: 0, count: network.parameterCount))
    for (index, size) in (sizes + [batch]).enumerated() {
      let input = size == batch ? run.inputs[1] : try short(run.inputs[index % 2], size)
      // A trainer of just that size, which takes over where the mixed one is.
      var alone = try Trainer(
        network, batch: size, steps: steps, loss: .meanRateMSE, optimizer: mixed.optimizer)
      try alone.restore(state)
      let got = try mixed.step(input, target: run.target)
      let wanted = try alone.step(input, target: run.target)
      #expect(got == wanted, "\(size) samples")
      (network, state) = (alone.network, try alone.optimizerState)
      for parameter in network.parameters {
        let difference = firstDifference(
          try mixed.network.floats(parameter.name), try network.floats(parameter.name))
        #expect(difference == nil, "\(size) samples: \(parameter.name)\(difference ?? "")")
      }
      let evaluated = try mixed.evaluate(input, target: run.target)
      let expected = try alone.evaluate(input, target: run.target)
      #expect(evaluated == expected, "\(size) samples")
      let (record, other) = (try mixed.record(), try alone.record())
      #expect(record == other && record.spikes.shape[0] == size)
      let (counts, others) = (try mixed.spikeCounts(layer: 0), try alone.spikeCounts(layer: 0))
      #expect(counts == others)
    }
  }

  /// Going on from a saved state gives the bits of a run that was never interrupted.
  @Test(arguments: [Optimizer.sgd(momentum: 0.9), .adam(), .adamW(), .adamax()])
  func resumes(optimizer: Optimizer) throws {
    let run = try TrainingRun(seed: 4, small: true)
    func trainer(_ network: Network) throws -> Trainer {
      try Trainer(
        network, batch: run.inputs[0].batch, steps: run.inputs[0].steps, loss: .meanRateMSE,
        optimizer: optimizer)
    }
    var whole = try trainer(run.network)
    var first = try trainer(run.network)
    for step in 0..<7 { _ = try whole.step(run.inputs[step % 3], target: run.target) }
    for step in 0..<3 { _ = try first.step(run.inputs[step % 3], target: run.target) }
    var second = try trainer(first.network)
    try second.restore(first.optimizerState)
    for step in 3..<7 { _ = try second.step(run.inputs[step % 3], target: run.target) }
    let (resumed, uninterrupted) = (try second.optimizerState, try whole.optimizerState)
    #expect(resumed == uninterrupted && resumed.stepCount == 7)
    for parameter in run.network.parameters {
      let difference = firstDifference(
        try second.network.floats(parameter.name), try whole.network.floats(parameter.name))
      #expect(difference == nil, "\(parameter.name)\(difference ?? "")")
    }
  }

  /// Steps drop by seed and step alone: the same for the same seed, resumed or not; an evaluation
  /// drops nothing. A custom loss takes the other way through the core.
  @Test(arguments: [false, true])
  func dropsInSteps(isCustom: Bool) throws {
    let plain = try TrainingRun(seed: 8, small: true)
    var description = plain.network.description
    description.layers[1].connection.dropout = 0.5
    let network = try Network(description, seed: 8)
    let (batch, steps) = (plain.inputs[0].batch, plain.inputs[0].steps)
    let loss = Loss.custom(
      CustomLoss(name: "mean") { output, _ in
        let spikes = output.spikes.values
        let share = 1 / Float(spikes.count)
        return .init(
          value: Double(spikes.reduce(0, +) * share), spikeGradient: spikes.map { _ in share })
      })
    func trainer(_ network: Network, seed: UInt64) throws -> Trainer {
      try Trainer(
        network, batch: batch, steps: steps, loss: isCustom ? loss : .meanRateMSE, seed: seed)
    }
    func losses(seed: UInt64) throws -> [Double] {
      var trainer = try trainer(network, seed: seed)
      return try (0..<6).map { try trainer.step(plain.inputs[$0 % 3], target: plain.target).loss }
    }
    let first = try losses(seed: 1)
    let again = try losses(seed: 1)
    let other = try losses(seed: 2)
    #expect(first == again && first != other)
    var whole = try trainer(network, seed: 1)
    for step in 0..<3 { _ = try whole.step(plain.inputs[step], target: plain.target) }
    var resumed = try trainer(whole.network, seed: 1)
    try resumed.restore(whole.optimizerState)
    let rest = try (3..<6).map { try resumed.step(plain.inputs[$0 % 3], target: plain.target).loss }
    #expect(rest == Array(first[3...]))
    var evaluated = try trainer(network, seed: 1)
    _ = try evaluated.step(plain.inputs[0], target: plain.target)
    let dropped = try evaluated.evaluate(plain.inputs[0], target: plain.target).loss
    var never = try Network(plain.network.description, seed: 8)
    for parameter in network.parameters {
      try never.set(parameter.name, to: evaluated.network.floats(parameter.name))
    }
    var undropped = try trainer(never, seed: 1)
    let wanted = try undropped.evaluate(plain.inputs[0], target: plain.target).loss
    #expect(abs(dropped - wanted) <= 1e-6 * abs(wanted), "\(dropped), not \(wanted)")
  }

  @Test func refusesStates() throws {
    let run = try TrainingRun(seed: 4, small: true)
    var trainer = try run.trainer(Execution())
    let good = try trainer.optimizerState
    for change: (inout OptimizerState) -> Void in [
      { $0.stepCount = -1 }, { $0.mean.removeLast() }, { $0.variance.append(0) },
      { $0.mean[3] = .nan }, { $0.variance[3] = .infinity }, { $0.variance[0] = -1 },
    ] {
      var bad = good
      change(&bad)
      #expect(throws: SpindleError.self) { try trainer.restore(bad) }
      let state = try trainer.optimizerState
      #expect(state == good)
    }
  }

  /// With SGD the step is the clipped gradient times the rate.
  @Test func clipsTheGradient() throws {
    let run = try TrainingRun(seed: 5, small: true, learnsTau: false)
    func steps(_ clipping: Clipping) throws -> (norm: Double, moved: [Double]) {
      let network = try run.withoutLearnedThreshold()
      var trainer = try Trainer(
        network, batch: run.inputs[0].batch, steps: run.inputs[0].steps, loss: .meanRateMSE,
        optimizer: .sgd(learningRate: 1), clipping: clipping)
      let norm = try trainer.step(run.inputs[0], target: run.target).gradientNorm
      var moved: [Double] = []
      for parameter in network.parameters {
        let (a, b) = (
          try network.doubles(parameter.name), try trainer.network.doubles(parameter.name)
        )
        moved += zip(a, b).map { $0 - $1 }
      }
      return (try #require(norm), moved)
    }
    func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let free = try steps(.none)
    #expect(free.norm > 0 && abs(norm(free.moved) / free.norm - 1) < 1e-4)
    let clipped = try steps(.byNorm(Float(free.norm / 4)))
    #expect(clipped.norm == free.norm)
    #expect(abs(norm(clipped.moved) * 4 / free.norm - 1) < 1e-4)
    let unreached = try steps(.byNorm(Float(free.norm * 2)))
    #expect(unreached.moved == free.moved, "a limit not reached")
    let largest = free.moved.reduce(0) { max($0, abs($1)) }
    let limited = try steps(.byValue(Float(largest / 2)))
    let wanted = free.moved.map { min(max($0, -largest / 2), largest / 2) }
    for (a, b) in zip(limited.moved, wanted) { #expect(abs(a - b) < 1e-6) }
  }

  @Test(arguments: [
    Loss.rateCrossEntropy, .maxMembraneCrossEntropy, .meanMembraneCrossEntropy,
    .recallCrossEntropy(firstStep: 0, answerSteps: 2),
  ])
  func predictions(loss: Loss) throws {
    let run = try TrainingRun(seed: 6, small: true)
    let (batch, steps) = (run.inputs[0].batch, run.inputs[0].steps)
    var trainer = try Trainer(run.network, batch: batch, steps: steps, loss: loss)
    #expect(throws: SpindleError.nothingPredicted) { _ = try trainer.predictions }
    let classes = (0..<batch).map { Int32($0 % 7) }
    let metrics = try trainer.evaluate(run.inputs[0], target: .classes(classes))
    let record = try trainer.record()
    let wanted = (0..<batch).map { b -> Int32 in
      let logits = (0..<7).map { n -> Float in
        let membranes = (0..<steps).map { record.membrane[b, $0, n] }
        switch loss {
        case .rateCrossEntropy: return (0..<steps).reduce(0) { $0 + record.spikes[b, $1, n] }
        case .maxMembraneCrossEntropy: return membranes.max() ?? 0
        case .recallCrossEntropy: return membranes.suffix(2).reduce(0, +) / 2
        default: return membranes.reduce(0, +) / Float(steps)
        }
      }
      return Int32(logits.firstIndex(of: logits.max() ?? 0) ?? 0)
    }
    var predicted = try trainer.predictions
    #expect(predicted == wanted)
    let right = zip(wanted, classes).count { $0 == $1 }
    #expect(metrics.correct == right)
    let step = try trainer.step(run.inputs[0], target: .classes(classes))
    #expect(step.correct == metrics.correct && step.loss == metrics.loss)
    #expect(step.firingRate == metrics.firingRate && metrics.gradientNorm == nil)
    predicted = try trainer.predictions
    #expect(predicted == wanted)
    _ = try trainer.forward(run.inputs[0])
    #expect(throws: SpindleError.nothingPredicted) { _ = try trainer.predictions }
  }

  @Test(arguments: [false, true])
  func spikeCounts(small: Bool) throws {
    let run = try TrainingRun(seed: 7, small: small)
    var trainer = try run.trainer(Execution())
    let none = try trainer.spikeCounts(layer: 0)
    #expect(none.allSatisfy { $0 == 0 }, "before any batch")
    _ = try trainer.forward(run.inputs[0])
    for layer in 0...1 {
      let spikes = try trainer.record(layer: layer).spikes
      let neurons = spikes.shape[2]
      let wanted = (0..<neurons).map { n in
        UInt64(
          stride(from: n, to: spikes.values.count, by: neurons).count { spikes.values[$0] > 0 })
      }
      let counts = try trainer.spikeCounts(layer: layer)
      #expect(counts == wanted)
      let rate = Double(wanted.reduce(0, +)) / Double(spikes.values.count)
      let told = trainer.firingRates[layer]
      #expect(abs(told - rate) < 1e-12)
    }
    for layer in [-1, 2] {
      #expect(throws: SpindleError.self) { _ = try trainer.spikeCounts(layer: layer) }
      #expect(throws: SpindleError.self) { _ = try trainer.record(layer: layer) }
    }
  }
}

extension TrainingRun {
  /// The same network with parameters that are all updated as they are, not by a logarithm.
  func withoutLearnedThreshold() throws -> Network {
    var description = network.description
    for layer in description.layers.indices {
      description.layers[layer].learned.remove(.threshold)
    }
    return try Network(description, seed: 5)
  }
}

extension OptimizerGolden.Configuration {
  /// By the public API.
  var optimizer: Optimizer {
    let (decay, bound) = (weightDecay ?? 0, weightBound)
    let (beta1, beta2, epsilon) = (beta1 ?? 0.9, beta2 ?? 0.999, epsilon ?? 1e-8)
    switch kind {
    case "sgd":
      return .sgd(
        learningRate: learningRate, momentum: momentum ?? 0, nesterov: nesterov ?? false,
        weightDecay: decay, weightBound: bound)
    case "adam":
      return .adam(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
        weightDecay: decay, weightBound: bound)
    case "adamw":
      return .adamW(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
        weightDecay: decay, weightBound: bound)
    default:
      return .adamax(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
        weightDecay: decay, weightBound: bound)
    }
  }

  var clipping: Clipping { clipValue.map { .byValue($0) } ?? .none }
}
