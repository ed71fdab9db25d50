import Spindle
import SpindleReference
import Testing

/// A batch of samples of different length does to each sample what that sample does without padding,
/// to the bit.
struct LengthTests {
  static let steps = 20
  static let losses: [Loss] =
    Loss.named + [.vanRossum(tau: 0.004), .recallCrossEntropy(firstStep: 3, answerSteps: 4)]
  /// As many as a power of two, so that a mean over them is exact.
  static let lengths = [20, 7, 1, 12]

  /// A network of every option that a layout has, its input and a target of each loss.
  private struct Setup {
    let network: Network
    let layout: Layout
    let loss: Loss
    let values: [Float]
    let lengths: [Int]
    private let targets: [Float]
    private static let inputs = 5
    private static let outputs = 6

    init(_ loss: Loss, _ layout: Layout) throws {
      // What the answer is read of must be there.
      if case .recallCrossEntropy = loss {
        lengths = LengthTests.lengths.map { max($0, 4) }
      } else {
        lengths = LengthTests.lengths
      }
      let isPlain = layout == .lanes
      let spiking = Spiking(
        resetTiming: isPlain ? .immediate : .delayed, refractorySteps: isPlain ? 0 : 1,
        adaptation: isPlain ? nil : Adaptation(strength: 0.4, tau: 0.01),
        surrogate: Surrogate(.fastSigmoid, slope: 2))
      let weights = Connection(
        weights: .normal(mean: 0.3, standardDeviation: 0.6), bias: .constant(0.05))
      var hidden = Layer.lif(
        17, tau: 0.01, synapticTau: 0.004,
        recurrence: .rc(.normal(mean: 0, standardDeviation: 0.2)),
        connection: weights, learned: [.weight, .bias, .recurrentWeight, .tau, .threshold])
      hidden.neurons.spiking = spiking
      var last = Layer.lif(Self.outputs, tau: 0.01, connection: weights, learned: [.weight])
      last.neurons.spiking?.surrogate = Surrogate(.fastSigmoid, slope: 2)
      network = try Network(inputs: Self.inputs, layers: [hidden, last], seed: 3)
      self.loss = loss
      self.layout = layout
      var random = SplitMix(seed: 77)
      let count = lengths.count * LengthTests.steps
      values = (0..<count * Self.inputs).map { _ in random.float(-1...1.5) }
      targets = (0..<count * Self.outputs).map { _ in random.float(0...1).rounded() }
    }

    /// These samples: padded to T with what is given, or cut off after `cut` steps.
    func evaluate(
      _ samples: [Int], padding: Float? = nil, cut: Int? = nil
    ) throws -> LossEvaluation {
      let steps = cut ?? LengthTests.steps
      var input: [Float] = []
      for sample in samples {
        for step in 0..<steps {
          let first = (sample * LengthTests.steps + step) * Self.inputs
          input +=
            padding != nil && step >= lengths[sample]
            ? Array(repeating: padding ?? 0, count: Self.inputs)
            : Array(values[first..<first + Self.inputs])
        }
      }
      let whole = Input.signal(
        try Signal(input, batch: samples.count, steps: steps, units: Self.inputs))
      let execution = Execution(layout: layout, parts: 1)
      return try network.evaluate(
        cut == nil ? whole.with(lengths: samples.map { lengths[$0] }) : whole,
        target: try target(samples, steps), loss: loss,
        regularization: [.l2(strength: 0.3), .lowerBound(0.4, strength: 2, layer: 0)],
        execution: execution)
    }

    private func target(_ samples: [Int], _ steps: Int) throws -> Target {
      let outputs = Self.outputs
      func values(_ shape: [Int]) throws -> Target {
        let own = samples.flatMap { sample in
          let first = sample * LengthTests.steps
          return targets[first * outputs..<(first + steps) * outputs]
        }
        return .values(
          try Tensor(shape: shape, values: Array(own.prefix(shape.reduce(1, *)))))
      }
      switch loss {
      case .meanRateMSE: return try values([steps, outputs])
      case .spikeCountMSE, .firingRateMSE:
        let own = samples.flatMap { targets[$0 * outputs..<($0 + 1) * outputs] }
        return .values(try Tensor(shape: [samples.count, outputs], values: Array(own)))
      case .membraneMSE, .vanRossum: return try values([samples.count, steps, outputs])
      default: return .classes(samples.map { Int32($0 % outputs) })
      }
    }
  }

  /// The loss, every gradient, the penalties, the spikes and membranes of a sample are the bits that
  /// it has where it simply ends.
  @Test(arguments: losses, [Layout.rows, .lanes])
  func aPaddedSampleIsTheSampleAlone(loss: Loss, layout: Layout) throws {
    let setup = try Setup(loss, layout)
    for (sample, length) in setup.lengths.enumerated() {
      let alone = try setup.evaluate([sample], cut: length)
      let padded = try setup.evaluate([sample])
      var (expected, got) = (Bits(), Bits())
      for (bits, evaluation) in [(0, alone), (1, padded)] {
        var one = Bits()
        one.losses = [evaluation.loss, evaluation.regularization]
        for (name, values) in evaluation.gradients.sorted(by: { $0.key < $1.key }) {
          // What follows the end adds zeros, which may turn -0 to 0 where nothing else is added.
          one.add("gradient of \(name)", values.map { $0 + 0 })
        }
        for (name, tensor) in [
          ("spikes", evaluation.recording.spikes), ("potential", evaluation.recording.potential),
          ("membrane", evaluation.recording.membrane),
        ] { one.add(name, Array(tensor.values.prefix(length * tensor.shape[2]))) }
        if bits == 0 { expected = one } else { got = one }
      }
      got.expectSame(as: expected, "\(loss.name), \(layout), sample of \(length) steps")
      let rest = padded.recording.potential.values.dropFirst(length * 6)
      #expect(rest.allSatisfy { $0 == 0 }, "something is there past the end")
      #expect(alone.gradients.values.contains { $0.contains { $0 != 0 } } || length < 3)
    }
  }

  /// A batch's loss is the mean of its samples' own; each does what it does alone.
  @Test(arguments: losses, [Layout.rows, .lanes])
  func aBatchIsItsSamples(loss: Loss, layout: Layout) throws {
    let setup = try Setup(loss, layout)
    let samples = Array(setup.lengths.indices)
    let batch = try setup.evaluate(samples)
    var sum = 0.0
    for (sample, length) in setup.lengths.enumerated() {
      let alone = try setup.evaluate([sample], cut: length)
      sum += alone.loss / Double(samples.count)
      for (name, whole, own) in [
        ("spikes", batch.recording.spikes, alone.recording.spikes),
        ("membrane", batch.recording.membrane, alone.recording.membrane),
      ] {
        let first = sample * Self.steps * whole.shape[2]
        let got = Array(whole.values[first..<first + length * whole.shape[2]])
        #expect(firstDifference(got, own.values) == nil, "\(name) of sample \(sample)")
      }
    }
    // Its samples are joined at each step, before the square.
    if loss == .meanRateMSE { return }
    #expect(batch.loss.bitPattern == sum.bitPattern, "\(loss.name): \(batch.loss), not \(sum)")
  }

  /// Whatever stands past the ends, even what makes potentials infinite there.
  @Test(arguments: losses, [Layout.rows, .lanes])
  func paddingInfluencesNothing(loss: Loss, layout: Layout) throws {
    let setup = try Setup(loss, layout)
    let samples = Array(setup.lengths.indices)
    let zeros = Bits(try setup.evaluate(samples, padding: 0))
    for padding: Float in [1, -3, 3e38] {
      Bits(try setup.evaluate(samples, padding: padding))
        .expectSame(as: zeros, "\(loss.name), \(layout), padded with \(padding)")
    }
  }

  /// What a trainer tells: predictions, rates and counts.
  @Test(arguments: [Layout.rows, .lanes])
  func readingsHeedLengths(layout: Layout) throws {
    let setup = try Setup(.rateCrossEntropy, layout)
    let (steps, lengths) = (Self.steps, setup.lengths)
    let whole = try Input(setup.values, batch: lengths.count, steps: steps, units: 5)
    let execution = Execution(layout: layout)
    var trainer = try Trainer(
      setup.network, batch: lengths.count, steps: steps, loss: .rateCrossEntropy,
      execution: execution)
    let target = Target.classes([0, 1, 2, 3])
    _ = try trainer.evaluate(whole.with(lengths: lengths), target: target)
    let classes = try trainer.predictions
    var counts = [UInt64](repeating: 0, count: 17)
    for (sample, length) in lengths.enumerated() {
      let own = Array(setup.values[sample * steps * 5..<(sample * steps + length) * 5])
      var alone = try Trainer(
        setup.network, batch: 1, steps: length, loss: .rateCrossEntropy, execution: execution)
      _ = try alone.evaluate(
        Input(own, batch: 1, steps: length, units: 5), target: .classes([0]))
      #expect(try alone.predictions == [classes[sample]])
      for (neuron, count) in try alone.spikeCounts(layer: 0).enumerated() {
        counts[neuron] += count
      }
    }
    #expect(try trainer.spikeCounts(layer: 0) == counts)
    let rows = Double(lengths.reduce(0, +) * 17)
    #expect(trainer.firingRates[0] == Double(counts.reduce(0, +)) / rows)
  }

  @Test func unsuitableLengthsAreRefused() throws {
    let input = try Input([Float](repeating: 0.5, count: 12), batch: 2, steps: 3, units: 2)
    expectError("the lengths of samples must have shape [2], got [1]") {
      _ = try input.with(lengths: [3])
    }
    expectError("the length of sample 1 must be from 1 to 3, the steps, got 4") {
      _ = try input.with(lengths: [3, 4])
    }
    expectError("the length of sample 0 must be from 1 to 3, the steps, got 0") {
      _ = try input.with(lengths: [0, 3])
    }
    let network = try Network(inputs: 2, layers: [.li(3, tau: 0.01)], seed: 1)
    var trainer = try Trainer(
      network, batch: 2, steps: 3, loss: .recallCrossEntropy(firstStep: 0, answerSteps: 2))
    let short = try input.with(lengths: [3, 1])
    expectError(
      "the answer's steps of \"recall_cross_entropy\" must be from 1 to 1, got 2"
    ) { _ = try trainer.evaluate(short, target: .classes([0, 1])) }
  }
}
