import SpindleJSON
import TestSupport
import Testing

@testable import Spindle

/// A network's one form in JSON.
@Suite("A network's JSON") struct NetworkJSONTests {
  private func read(_ text: String) throws -> NetworkDescription {
    try NetworkDescription(DescriptionValue(parsing: text, root: "the network"))
  }

  /// Canonical text -> description -> canonical text is the identity, and loses nothing that the
  /// network computes by.
  @Test("Round trips", arguments: seeds(from: 1, 300)) func roundTrips(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let network = NetworkDescription.random(&random)
    try network.check()
    let again = try read(network.canonicalText)
    #expect(again.canonicalText == network.canonicalText)
    #expect(again.differences(from: network).isEmpty)
    #expect(again.canonical == network.canonical)
    #expect(try again.parameters == network.parameters)
    let values = try [network, again].map { try Network($0, seed: seed).values }
    #expect(values[0] == values[1])
  }

  @Test("What is left out has the defaults of the types") func defaults() throws {
    let network = try read(
      #"{"inputs": 3, "layers": [{"kind": "lif", "neurons": 4}, {"kind": "li", "neurons": 2}]}"#)
    #expect(network == NetworkDescription(inputs: 3, layers: [.lif(4), .li(2)]))
    let rc = try read(
      #"{"inputs": 3, "layers": [{"kind": "lif", "neurons": 4, "topology": "RC", "bias": 0.5}]}"#)
    #expect(
      rc.layers == [.lif(4, recurrence: .rc(), connection: Connection(bias: .constant(0.5)))])
  }

  @Test("The canonical text") func canonicalText() {
    let network = NetworkDescription(
      inputs: 2, layers: [.li(1, tau: [0.02], synapticTau: 0.005)])
    #expect(
      network.canonicalText == #"{"inputs":2,"layers":[{"bias":false,"dropout":0,"kind":"li","#
        + #""learn_synaptic_tau":false,"learn_tau":false,"neurons":1,"synaptic_tau":0.005,"#
        + #""tau":0.02,"train_weights":true,"weights":{"gain":1,"kind":"kaiming_uniform"}}],"#
        + #""time_step":0.001}"#)
  }

  @Test("Differences, by path") func differences() {
    var network = NetworkDescription(
      inputs: 3,
      layers: [.lif(4, recurrence: .rc(), connection: Connection(bias: .constant(1))), .li(2)])
    let other = network
    #expect(network.differences(from: other).isEmpty)
    // How weights and biases begin is no difference.
    network.layers[0].connection = Connection(
      weights: .normal(mean: 0, standardDeviation: 1), bias: .constant(0))
    network.layers[0].recurrence = .rc(.constant(3))
    #expect(network.differences(from: other).isEmpty)
    network.layers[0].neurons.spiking?.reset = .zero
    network.layers[1].connection.bias = .constant(0)
    network.layers[1].learned.insert(.tau)
    #expect(
      network.differences(from: other) == [
        #"layers[0].reset: "zero" here, "subtraction" in the file"#,
        "layers[1].bias: true here, false in the file",
        "layers[1].learn_tau: true here, false in the file",
        "layers[1].train_bias: true here, nothing in the file",
      ])
    network = other
    network.layers.append(.li(2))
    #expect(
      network.differences(from: other) == [
        #"layers[2]: one of kind "li" here, nothing in the file"#
      ])
  }

  @Test("The inputs, which a configuration need not say") func inputs() throws {
    let value = try DescriptionValue(
      parsing: #"{"layers": [{"kind": "lif", "neurons": 4}]}"#, root: "the network")
    #expect(throws: DescriptionError.missingKey(place: "the network", key: "inputs")) {
      try NetworkDescription(value)
    }
    #expect(try NetworkDescription(value, inputs: 7).inputs == 7)
    #expect(try NetworkDescription.format.read(value).inputs == 0)
    let said = try DescriptionValue(
      parsing: #"{"inputs": 6, "layers": [{"kind": "lif", "neurons": 4}]}"#, root: "the network")
    #expect(try NetworkDescription(said).inputs == 6)
    #expect(throws: DescriptionError.self) { try NetworkDescription(said, inputs: 7) }
  }
}

extension NetworkDescription {
  /// Without a word on parameters that are not there, of which JSON has none.
  fileprivate var canonical: NetworkDescription {
    var network = self
    for (index, layer) in layers.enumerated() {
      for role in Role.allCases where layer.beginning(of: role) == nil {
        network.layers[index].learned.remove(role)
      }
    }
    return network
  }

  fileprivate static func random(_ random: inout SplitMix) -> NetworkDescription {
    let count = Int.random(in: 1...3, using: &random)
    var layers: [Layer] = []
    for index in 0..<count {
      layers.append(.random(isSpiking: index < count - 1 || random.flag(), &random))
    }
    return NetworkDescription(
      timeStep: random.number(), inputs: Int.random(in: 1...9, using: &random), layers: layers)
  }
}

extension Layer {
  fileprivate static func random(isSpiking: Bool, _ random: inout SplitMix) -> Layer {
    let count = Int.random(in: 2...5, using: &random)
    var layer = isSpiking ? Layer.lif(count) : .li(count)
    layer.connection = Connection(
      weights: .random(&random), bias: random.flag() ? .random(&random) : nil,
      dropout: random.flag() ? 0 : Double.random(in: 0..<0.9, using: &random))
    layer.neurons.tau = .random(count, &random)
    layer.neurons.synapticTau = random.flag() ? .random(count, &random) : nil
    if isSpiking {
      layer.neurons.spiking = .random(count, &random)
      layer.recurrence = random.pick([.ff, .rc(.random(&random)), .oneToOne(.random(&random))])
    }
    for role in Role.allCases where layer.beginning(of: role) != nil {
      if random.flag() { layer.learned.insert(role) } else { layer.learned.remove(role) }
    }
    return layer
  }
}

extension Spiking {
  fileprivate static func random(_ count: Int, _ random: inout SplitMix) -> Spiking {
    var spiking = Spiking(
      threshold: .random(count, &random), reset: random.pick(Reset.allCases),
      resetGradient: random.pick(ResetGradient.allCases),
      resetTiming: random.pick(ResetTiming.allCases),
      refractorySteps: Int.random(in: 0...3, using: &random),
      adaptation: random.flag()
        ? Adaptation(strength: .random(count, &random), tau: .random(count, &random)) : nil,
      surrogate: Surrogate(random.pick(Surrogate.Kind.allCases), slope: random.number()))
    if spiking.resetTiming == .delayed, spiking.reset == .zero { spiking.resetGradient = .detached }
    return spiking
  }
}

extension PerNeuron {
  /// A list has no two equal numbers.
  fileprivate static func random(_ count: Int, _ random: inout SplitMix) -> PerNeuron {
    random.flag() ? .all(random.number()) : .each((0..<count).map { _ in random.number() })
  }
}

extension Initializer {
  /// Of any kind that suits a bias, too.
  fileprivate static func random(_ random: inout SplitMix) -> Initializer {
    let (a, b) = (random.number(), random.number())
    return random.pick([
      .constant(a), .constant(0), .uniform(low: -a, high: b),
      .normal(mean: a, standardDeviation: b), .kaimingUniform(gain: a), .kaimingNormal(gain: a),
      .glorotUniform(gain: b), .glorotNormal(gain: b),
    ])
  }
}

extension SplitMix {
  /// Short or with all its digits, and above zero.
  fileprivate mutating func number() -> Double {
    flag()
      ? Double(Int.random(in: 1...50, using: &self)) / 1000
      : Double.random(in: 0.0001...0.9, using: &self)
  }
}
