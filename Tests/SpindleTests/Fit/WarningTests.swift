import Testing

@testable import Spindle

/// Each warning comes where its definition says, and once.
@Suite("Training warnings") struct WarningTests {
  private func kinds(dead: Double, saturated: Double) -> [TrainingWarning.Kind] {
    let layer = Activity.Layer(
      layer: 3, neurons: 100, firingRate: 0.5, dead: dead, saturated: saturated)
    let activity = Activity(
      layers: [layer], operations: .init(accumulates: 0, multiplyAccumulates: 0))
    let found = TrainingWarning.of(activity, epoch: 7)
    #expect(found.allSatisfy { $0.layer == 3 && $0.epoch == 7 })
    return found.map(\.kind)
  }

  @Test("Of activity, at its limits") func activity() {
    #expect(kinds(dead: 1, saturated: 0) == [.nothingFires])
    #expect(kinds(dead: 0.51, saturated: 0) == [.manyDead])
    #expect(kinds(dead: 0.5, saturated: 0.5) == [])
    #expect(kinds(dead: 0, saturated: 0.51) == [.manySaturated])
    #expect(kinds(dead: 0, saturated: 1) == [.everythingFires])
  }

  private func kinds(_ ratios: [Double]) -> [Int: TrainingWarning.Kind] {
    let found = TrainingWarning.of(
      ratios.enumerated().map { GradientRatio(layer: $0, ratio: $1) }, epoch: 1)
    return Dictionary(uniqueKeysWithValues: found.map { ($0.layer, $0.kind) })
  }

  @Test("Of gradients, at their limits") func gradients() {
    #expect(kinds([1, 1.01e-6, 1000]) == [1: .gradientVanishes])
    #expect(kinds([1, 1.01e-6]) == [:])
    #expect(kinds([1, 0.99e-6]) == [1: .gradientVanishes])
    #expect(kinds([0, 0]) == [0: .gradientVanishes, 1: .gradientVanishes])
    #expect(kinds([1000, 1]) == [:])
    #expect(kinds([1001, 1]) == [0: .gradientExplodes])
    // However small, as long as all layers' are.
    #expect(kinds([1e-12, 1e-12]) == [:])
  }

  @Test("One warning for one cause") func causes() {
    func layer(_ layer: Int, dead: Double = 0, saturated: Double = 0) -> Activity.Layer {
      .init(layer: layer, neurons: 10, firingRate: 0.1, dead: dead, saturated: saturated)
    }
    func warnings(_ layers: [Activity.Layer], _ ratios: [Double]) -> [String] {
      TrainingWarning.of(
        Activity(layers: layers, operations: .init(accumulates: 0, multiplyAccumulates: 0)),
        ratios.enumerated().map { GradientRatio(layer: $0, ratio: $1) }, epoch: 1
      ).map { "\($0.kind.rawValue) \($0.layer)" }
    }
    // What lies behind a silent layer gets no spikes, and what lies before it no gradient.
    #expect(
      warnings([layer(0), layer(1, dead: 1), layer(2, dead: 1)], [0, 0, 0, 0])
        == ["nothing_fires 1"])
    #expect(warnings([layer(0, dead: 1), layer(1, dead: 0.9)], [0, 0, 0]) == ["nothing_fires 0"])
    #expect(
      warnings([layer(0, dead: 0.9), layer(1, dead: 1)], [1, 0, 0])
        == ["many_dead 0", "nothing_fires 1"])
    #expect(warnings([layer(0), layer(1, saturated: 1)], [0, 0, 1]) == ["everything_fires 1"])
    #expect(
      warnings([layer(0, saturated: 1), layer(1)], [1, 0, 1])
        == ["everything_fires 0", "gradient_vanishes 1"])
    #expect(warnings([layer(0), layer(1)], [0, 1, 1]) == ["gradient_vanishes 0"])
    #expect(
      warnings([layer(0, dead: 1)], [2000, 0]) == ["nothing_fires 0", "gradient_explodes 0"])
  }

  /// A checkpoint from elsewhere may hold any number.
  @Test("A sentence for any value") func hostileValues() {
    for kind in TrainingWarning.Kind.allCases {
      for value in [Double.nan, .infinity, -.infinity, 1e300, -1e300] {
        #expect(
          !TrainingWarning(kind: kind, layer: 0, epoch: 1, value: value).description.isEmpty)
      }
    }
  }

  @Test("Each has a sentence of its own that names the layer") func sentences() {
    let texts = TrainingWarning.Kind.allCases.map {
      TrainingWarning(kind: $0, layer: 5, epoch: 2, value: 0.75).description
    }
    #expect(Set(texts).count == TrainingWarning.Kind.allCases.count)
    #expect(texts.allSatisfy { $0.hasPrefix("epoch 2, network.layers[5]: ") && !$0.contains("\n") })
    #expect(texts.contains { $0.contains("75 %") })
  }

  /// Trains a network of this threshold and scale of weights for three epochs.
  private func warnings(
    threshold: PerNeuron, scale: Double, slope: Double = 1
  ) throws -> [TrainingWarning] {
    let test = try FitCase(seed: 51)
    let network = try Network(
      inputs: FitCase.inputs,
      layers: [
        .lif(
          6, spiking: Spiking(threshold: threshold, surrogate: .fastSigmoid(slope: slope)),
          connection: Connection(weights: .constant(scale))),
        .li(2),
      ], seed: 51)
    var trainer = try Trainer(
      network, batch: 8, steps: FitCase.steps, loss: .meanMembraneCrossEntropy,
      optimizer: .sgd(learningRate: 0))
    var given: [TrainingWarning] = []
    let result = try trainer.fit(
      test.training, validation: test.validation, options: FitOptions(epochs: 3),
      events: FitEvents(epoch: { _, new in
        given += new
        return .goOn
      }))
    #expect(result.warnings == given)
    // Once for each layer and kind.
    #expect(Set(given.map { "\($0.kind) \($0.layer)" }).count == given.count)
    #expect(given.allSatisfy { $0.epoch == 1 })
    return given
  }

  @Test("A network in which nothing fires, or everything, or too many do not") func networks()
    throws
  {
    func kinds(_ layer: Int, _ warnings: [TrainingWarning]) -> [TrainingWarning.Kind] {
      warnings.filter { $0.layer == layer }.map(\.kind)
    }
    func activity(_ warnings: [TrainingWarning]) -> [TrainingWarning.Kind] {
      kinds(0, warnings).filter { $0 != .gradientVanishes && $0 != .gradientExplodes }
    }
    let silent = try warnings(threshold: 1e6, scale: 0.5)
    #expect(activity(silent) == [.nothingFires])
    // The weights above a silent layer get no gradient, and are not to blame for it.
    #expect(silent.count == 1)
    #expect(activity(try warnings(threshold: 1e-3, scale: 100)) == [.everythingFires])
    #expect(
      activity(try warnings(threshold: [1e6, 1e6, 1e6, 1e6, 1, 1], scale: 0.5)) == [.manyDead])
    #expect(
      activity(try warnings(threshold: [1e-3, 1e-3, 1e-3, 1e-3, 1e3, 1e3], scale: 90))
        == [.manySaturated])
    // A surrogate this steep is flat everywhere else.
    let steep = try warnings(threshold: 1, scale: 0.3, slope: 1e6)
    #expect(kinds(0, steep) == [.gradientVanishes])
    #expect(try warnings(threshold: 1, scale: 0.3) == [])
  }

  @Test("A gradient a thousand times its weights") func explodes() throws {
    let test = try FitCase(seed: 52)
    var network = test.network
    try network.set("1.weight", to: (0..<18).map { Float($0) * 1e-9 })
    var trainer = try Trainer(
      network, batch: 8, steps: FitCase.steps, loss: .meanMembraneCrossEntropy,
      optimizer: .sgd(learningRate: 0))
    let result = try trainer.fit(test.training, options: FitOptions(epochs: 2))
    #expect(result.warnings.contains { $0.kind == .gradientExplodes && $0.layer == 1 })
  }
}
