import Spindle
import TestSupport
import Testing

/// The code of the library's articles, compiled and run. Each part between the marks is an article's
/// block, letter by letter.
struct ArticleTests {
  @Test(arguments: ["FirstNetwork", "TrainingAClassifier", "SurrogatesAndResets"])
  func articlesHaveTheTestedCode(article: String) throws {
    try Articles.holdCode(of: article, to: #filePath)
  }

  @Test func firstNetwork() throws {
    try withTemporaryDirectory { directory in
      // Article: FirstNetwork
      var network = try Network(
        timeStep: 1e-3, inputs: 2,
        layers: [
          .lif(
            8, tau: 0.01, spiking: Spiking(threshold: 1),
            recurrence: .rc(.normal(mean: 0, standardDeviation: 0.05)),
            connection: Connection(weights: .normal(mean: 0.5, standardDeviation: 0.1)))
        ],
        seed: 1)
      // End of article code

      // Article: FirstNetwork
      var random = RandomStream(seed: 1, stream: 1 << 40)
      var spikes = try SpikeTrain(batch: 32, steps: 100, units: 2)
      try spikes.fill(probability: 0.3, from: &random)

      let recording = try network.run(.spikes(spikes))
      let fired = recording.spikes.values.reduce(0, +)
      print("\(fired / 32) spikes a sample; the first neuron ends at", recording.membrane[0, 99, 0])
      // End of article code

      // Article: FirstNetwork
      var stepper = try Stepper(network)
      var state = stepper.initialState
      for step in 0..<100 {
        let x: [Float] = [step % 5 == 0 ? 1 : 0, 0]
        let output = try stepper.step(Input(x, batch: 1, steps: 1, units: 2), &state)
        if output.spikes.contains(1) { print("step \(step): a spike") }
      }
      // End of article code

      // Article: FirstNetwork
      for parameter in network.parameters { print(parameter.name, parameter.shape) }

      var weights = [Float](repeating: 0, count: 2 * 8)
      weights[0] = 0.8  // from input 0 to neuron 0: [I, N], row by row
      try network.set("0.weight", to: weights)
      // End of article code

      // Article: FirstNetwork
      let target = Target.values(
        try Tensor(shape: [100, 8], values: [Float](repeating: 0.5, count: 800)))
      var trainer = try Trainer(
        network, batch: 32, steps: 100, loss: .meanRateMSE, optimizer: .adam(learningRate: 0.01))
      for epoch in 1...100 {
        try spikes.fill(probability: 0.3, from: &random)
        let metrics = try trainer.step(.spikes(spikes), target: target)
        if epoch % 20 == 0 { print("epoch \(epoch): loss \(metrics.loss)") }
      }
      // End of article code

      // Article: FirstNetwork
      try trainer.network.save(to: directory + "/network.safetensors")
      network = try Network(contentsOf: directory + "/network.safetensors")
      // End of article code

      #expect(fired > 0 && recording.membrane.shape == [32, 100, 8])
      #expect(network.values == trainer.network.values)
    }
  }

  @Test func trainingAClassifier() throws {
    try withTemporaryDirectory { directory in
      // Article: TrainingAClassifier
      let classes = (0..<300).map { Int32($0 % 3) }
      var random = RandomStream(seed: 1, stream: 1 << 40)
      let noise = try random.normal(mean: 0, standardDeviation: 0.3, count: 300 * 4)
      let values = noise.indices.map { index in
        noise[index] + (index % 4 == Int(classes[index / 4]) ? 1 : 0)
      }
      let dataset = try Dataset(
        values, count: 300, steps: 1, units: 4,
        targets: .classes(ClassLabels(classes, names: ["left", "middle", "right"])))
      // End of article code

      // Article: TrainingAClassifier
      let parts = try dataset.split([0.7, 0.15, 0.15], seed: 1, stratified: true)
      let standardization = try Standardization(of: parts[0])
      let standardized = try parts.map { try $0.standardized(by: standardization) }
      // End of article code

      // Article: TrainingAClassifier
      let sets = try standardized.map {
        try EncodedDataset($0, encoder: CurrentEncoder(repeats: 50, gain: 0.5), seed: 1)
      }
      // End of article code

      // Article: TrainingAClassifier
      let network = try Network(
        inputs: 4,
        layers: [
          .lif(
            32, tau: 0.02, recurrence: .rc(.kaimingNormal(gain: 0.3)),
            connection: Connection(weights: .kaimingNormal())),
          .li(3, tau: 0.02),
        ],
        seed: 1)
      var trainer = try Trainer(
        network, batch: 32, steps: 50, loss: .maxMembraneCrossEntropy,
        optimizer: .adam(learningRate: 0.01), seed: 1)
      // End of article code

      // Article: TrainingAClassifier
      let result = try trainer.fit(
        sets[0], validation: sets[1],
        options: FitOptions(
          epochs: 30, schedule: .cosine(), monitor: .accuracy,
          earlyStopping: EarlyStopping(patience: 10)))
      for warning in result.warnings { print(warning) }
      // End of article code

      // Article: TrainingAClassifier
      var judge = try Trainer(
        result.best, batch: 32, steps: 50, loss: .maxMembraneCrossEntropy)
      if let measurement = try judge.measure(sets[2]), let confusion = measurement.confusion {
        print("accuracy", confusion.accuracy ?? 0)
        print("middle, taken for left:", confusion[1, 0])
        print("synaptic operations an inference:", measurement.activity.operations.total)
      }
      // End of article code

      // Article: TrainingAClassifier
      func makeTrainer() throws -> Trainer {
        try Trainer(
          network, batch: 32, steps: 50, loss: .maxMembraneCrossEntropy,
          optimizer: .adam(learningRate: 0.01), seed: 1)
      }

      var first = try makeTrainer()
      _ = try first.fit(
        sets[0],
        options: FitOptions(epochs: 10, checkpoints: .init(path: directory + "/run.safetensors")))

      var second = try makeTrainer()
      let resumed = try second.fit(
        sets[0], options: FitOptions(epochs: 20),
        resuming: Checkpoint(contentsOf: directory + "/run.safetensors"))
      print(resumed.history.count, "epochs, of which the second trainer did ten")
      // End of article code

      // Article: TrainingAClassifier
      let absolute = CustomLoss(name: "absolute") { output, target in
        guard case .values(let wanted) = target else { return .init(value: .nan) }
        let differences = zip(output.membrane.values, wanted.values).map { $0 - $1 }
        let scale = 1 / Float(differences.count)
        return .init(
          value: Double(differences.reduce(0) { $0 + abs($1) } * scale),
          membraneGradient: differences.map { $0 > 0 ? scale : -scale })
      }
      var regressor = try Trainer(
        network, batch: 32, steps: 50, loss: .custom(absolute),
        regularization: [.lowerBound(0.01, strength: 10), .upperBound(0.3, strength: 10)])
      // End of article code
      let zeros = try Tensor(
        shape: [32, 50, 3], values: [Float](repeating: 0, count: 32 * 50 * 3))
      let input = try sets[0].batch(Array(0..<32)).input
      #expect(try regressor.step(input, target: .values(zeros)).loss > 0)
      let accuracy = try judge.measure(sets[2])?.accuracy ?? 0
      #expect(accuracy > 0.8, "accuracy \(accuracy) on the test data")
      var uninterrupted = try makeTrainer()
      _ = try uninterrupted.fit(sets[0], options: FitOptions(epochs: 20))
      #expect(firstDifference(second.network.values, uninterrupted.network.values) == nil)
    }
  }

  @Test func surrogatesAndResets() throws {
    // Article: SurrogatesAndResets
    let steep = Surrogate(.triangular, slope: 5, peak: 1)  // 0 where |x| >= 0.2
    let cut = Surrogate(.fastSigmoid, slope: 10, support: 0.5)

    func gradient(_ surrogate: Surrogate) throws -> Float {
      let network = try Network(
        inputs: 1,
        layers: [
          .lif(
            1, spiking: Spiking(threshold: 1, surrogate: surrogate),
            connection: Connection(weights: .constant(0.8)))
        ])
      let input = try Input([1], batch: 1, steps: 1, units: 1)
      let target = Target.values(try Tensor(shape: [1, 1], values: [1]))
      return try network.evaluate(input, target: target, loss: .meanRateMSE)
        .gradients["0.weight"]?[0] ?? 0
    }

    // The neuron is 0.2 below its threshold and should fire: 2 (s - 1) h(-0.2) x.
    print(try gradient(.fastSigmoid(slope: 5)))  // -2 / (5 * 0.2 + 1)^2 = -0.5
    print(try gradient(Surrogate(.triangular, slope: 10)))  // 0: |k x| is 2
    // End of article code

    let fast = try gradient(.fastSigmoid(slope: 5))
    #expect(abs(fast + 0.5) < 1e-6, "\(fast)")
    #expect(try gradient(Surrogate(.triangular, slope: 10)) == 0)
    #expect(try abs(gradient(cut) + 2.0 / 9) < 1e-6)
    // 0.8 - 1 in float32 is 1e-8 within the edge.
    #expect(try abs(gradient(steep)) < 1e-6)

    // Article: SurrogatesAndResets
    let forgetful = Spiking(
      reset: .zero, resetGradient: .detached, surrogate: Surrogate(.atan, slope: 2))
    // End of article code

    // Article: SurrogatesAndResets
    let adaptive = Layer.lif(
      100, tau: 0.02,
      spiking: Spiking(refractorySteps: 2, adaptation: Adaptation(strength: 1.8, tau: 0.2)),
      recurrence: .rc(), learned: [.weight, .recurrentWeight, .tau, .adaptationStrength])
    // End of article code
    for layer in [.lif(100, spiking: forgetful), adaptive] {
      _ = try Network(inputs: 3, layers: [layer])
    }
  }
}

extension Network {
  /// All parameters' numbers.
  fileprivate var values: [Float] {
    parameters.flatMap { parameter -> [Float] in
      guard let span = try? values(of: parameter.name) else { return [] }
      return span.indices.map { span[$0] }
    }
  }
}
