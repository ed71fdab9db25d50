/// What a parameter does in its layer; its raw value is its name in files. In the core's order,
/// which a test compares.
public enum Role: String, Sendable, CaseIterable {
  /// W [I, N].
  case weight
  /// b [N].
  case bias
  /// R [N, N], row source, column target; r [N] one-to-one.
  case recurrentWeight = "recurrent_weight"
  /// Of the membrane [N], in seconds.
  case tau
  /// Of the filter on the current [N], in seconds.
  case synapticTau = "synaptic_tau"
  /// [N], in the unit of the potential.
  case threshold
  /// [N], in the unit of the potential.
  case adaptationStrength = "adaptation_strength"
  /// Of the adaptation [N], in seconds.
  case adaptationTau = "adaptation_tau"

  /// Whether it is a time constant, in seconds.
  public var isTau: Bool {
    switch self {
    case .tau, .synapticTau, .adaptationTau: true
    case .weight, .bias, .recurrentWeight, .threshold, .adaptationStrength: false
    }
  }

  /// Whether it is a matrix of weights, from the layer below or of recurrence.
  public var isWeight: Bool { self == .weight || self == .recurrentWeight }

  /// The key of a layer's JSON that says how it begins; errors name the place by it.
  var key: String {
    switch self {
    case .weight: "weights"
    case .recurrentWeight: "recurrent_weights"
    case .adaptationStrength: "adaptation.strength"
    case .adaptationTau: "adaptation.tau"
    case .bias, .tau, .synapticTau, .threshold: rawValue
    }
  }
}

/// A parameter of a network, but for its values.
public struct Parameter: Sendable, Equatable {
  /// Its layer, counted from 0.
  public let layer: Int
  /// What it does there.
  public let role: Role
  /// As in "0.weight" or "1.recurrent_weight".
  public let name: String
  /// See `Role`.
  public let shape: [Int]
  /// Whether training changes it.
  public let isLearned: Bool
  /// Its place in the flat array of all parameters.
  let range: Range<Int>

  init(layer: Int, role: Role, shape: [Int], isLearned: Bool, range: Range<Int>) {
    self.layer = layer
    self.role = role
    name = Self.name(layer: layer, role: role)
    self.shape = shape
    self.isLearned = isLearned
    self.range = range
  }

  package static func name(layer: Int, role: Role) -> String { "\(layer).\(role.rawValue)" }

  /// Whether it must be above zero: a time constant, or a threshold that training changes by its
  /// logarithm.
  public var isPositive: Bool { role.isTau || isLearned && role == .threshold }
}

extension Parameter {
  /// Refuses values that the parameter may not have.
  package func check(_ values: ArraySlice<Float>) throws(SpindleError) {
    // A sum of products with zero is NaN exactly where one of them is not finite, and is fast.
    var probe: Float = 0
    for value in values { probe += value * 0 }
    if probe.isNaN { try Array(values).checkFinite("\"\(name)\"") }
    guard isPositive else { return }
    for value in values where !(value > 0) {
      throw .invalidValue(
        what: "\"\(name)\"",
        expected: role.isTau ? "positive, in seconds" : "positive, since it is learned",
        got: "\(value)")
    }
  }
}

/// How a parameter begins.
enum Beginning {
  /// Drawn, as a matrix or as one row of it.
  case drawn(Initializer)
  /// Given.
  case given(PerNeuron)
}

extension Layer {
  /// How the parameter of a role begins; nil where the layer has none.
  func beginning(of role: Role) -> Beginning? {
    switch role {
    case .weight: .drawn(connection.weights)
    case .bias: connection.bias.map { .drawn($0) }
    case .recurrentWeight: recurrence.weights.map { .drawn($0) }
    case .tau: .given(neurons.tau)
    case .synapticTau: neurons.synapticTau.map { .given($0) }
    case .threshold: neurons.spiking.map { .given($0.threshold) }
    case .adaptationStrength: neurons.spiking?.adaptation.map { .given($0.strength) }
    case .adaptationTau: neurons.spiking?.adaptation.map { .given($0.tau) }
    }
  }

  /// The numbers that the layer itself has of a role; nil for weights and biases, and where it has
  /// none.
  package func numbers(of role: Role) -> PerNeuron? {
    if case .given(let numbers) = beginning(of: role) { numbers } else { nil }
  }

  /// The shape of a parameter that the layer has.
  private func shape(of role: Role, inputs: Int) -> [Int] {
    switch role {
    case .weight: [inputs, neurons.count]
    case .recurrentWeight where recurrence.topology == .rc: [neurons.count, neurons.count]
    default: [neurons.count]
    }
  }

  /// The parameters that the layer has, without their places: role and shape.
  fileprivate func table(inputs: Int) -> [(role: Role, shape: [Int])] {
    Role.allCases.compactMap { role in
      beginning(of: role).map { _ in (role, shape(of: role, inputs: inputs)) }
    }
  }
}

extension NetworkDescription {
  /// The network's parameters, layer by layer, each layer's in the order of `Role`.
  ///
  /// - Throws: for sizes that cannot be, or that do not fit the address space together.
  public var parameters: [Parameter] {
    get throws(SpindleError) {
      try checkSizes()
      var parameters: [Parameter] = []
      var end = 0
      for (index, layer) in layers.enumerated() {
        for (role, shape) in layer.table(inputs: inputs(of: index)) {
          let name = Parameter.name(layer: index, role: role)
          let count = try shape.volume(of: "\"\(name)\" of shape \(shape)")
          guard count <= Int.max / 64 - end else { throw .sizeOverflow(what: "a network") }
          parameters.append(
            Parameter(
              layer: index, role: role, shape: shape, isLearned: layer.learned.contains(role),
              range: end..<end + count))
          end += count
        }
      }
      return parameters
    }
  }

  /// Refuses sizes that are not from 1 to the limit.
  private func checkSizes() throws(SpindleError) {
    try Limits.check(inputs, "inputs")
    for (index, layer) in layers.enumerated() {
      try Limits.check(layer.neurons.count, "layers[\(index)].neurons")
    }
  }
}
