import Spindle

/// A spiking network in scalar loops over samples, steps and neurons: the definition of what Spindle
/// computes, to be read beside the equations. It shares nothing with the engine but the description
/// of the network and the checks of what it is given.
///
/// In `Double` it judges the engine; in `Float` it shows what float32 makes of the same network.
/// Shape letters: B batch, T steps, I inputs, N neurons; all arrays are row by row. Neuron.swift has
/// the equations of a neuron, Layer.swift the sums over weights, Forward.swift and
/// Backward.swift the loops over time.
public struct Reference<Scalar: ReferenceScalar>: Sendable {
  /// The network.
  public let description: NetworkDescription
  /// What its parameters are.
  public let parameters: [Parameter]
  /// The numbers of each parameter, by name.
  public let values: [String: [Scalar]]
  /// What the layers' chips make of each parameter, by name.
  let effective: [String: Effective<Scalar>]
  let layers: [ReferenceLayer<Scalar>]

  /// A network with the numbers of its parameters by name, as in "0.weight"; numbers of neurons
  /// that are left out are the description's.
  ///
  /// - Parameters:
  ///   - description: the network.
  ///   - given: the numbers of its parameters.
  ///   - normals: the numbers e of one chip, by the names of the parameters that mismatch changes;
  ///     those that are left out are as they were meant.
  /// - Throws: what `NetworkDescription.check` refuses; parameters that are missing or unknown, have
  ///   another number of numbers, or have numbers that are none of theirs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    _ description: NetworkDescription, parameters given: [String: [Scalar]] = [:],
    normals: [String: [Scalar]] = [:]
  ) throws(SpindleError) {
    try description.check()
    self.description = description
    parameters = try description.parameters
    let names = parameters.map(\.name)
    if let name = Set(given.keys).union(normals.keys).subtracting(names).min() {
      throw .unknownParameter(name: name, known: names)
    }
    var values = given
    var effective: [String: Effective<Scalar>] = [:]
    var layers = description.layers.enumerated().map { index, layer in
      ReferenceLayer<Scalar>(layer, inputs: description.inputs(of: index))
    }
    for parameter in parameters {
      let numbers = description.layers[parameter.layer].numbers(of: parameter.role)
      let all =
        given[parameter.name] ?? numbers?.values(parameter.shape[0]).map { Scalar($0) } ?? []
      try checkCount(all, parameter.shape, "\"\(parameter.name)\"")
      try parameter.check(all.map { Float($0) }[...])
      values[parameter.name] = all
      if let e = normals[parameter.name] {
        try checkCount(e, parameter.shape, "the normal numbers of \"\(parameter.name)\"")
      }
    }
    let dt = Scalar(description.timeStep)
    for (index, layer) in description.layers.enumerated() {
      let own = parameters.filter { $0.layer == index }
      func byRole(_ numbers: [String: [Scalar]]) -> [Role: [Scalar]] {
        Dictionary(
          uniqueKeysWithValues: own.compactMap { p in numbers[p.name].map { (p.role, $0) } })
      }
      for (role, made) in layer.effective(byRole(values), normals: byRole(normals)) {
        effective[Parameter.name(layer: index, role: role)] = made
        layers[index][keyPath: ReferenceLayer.place(of: role)] =
          role.isTau ? made.values.map { exp(-dt / $0) } : made.values
      }
    }
    (self.values, self.effective, self.layers) = (values, effective, layers)
  }

  /// A network of the engine, with its present parameters and with the description's numbers as the
  /// engine has them, rounded to float32.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - normals: as for a description.
  public init(
    _ network: Network, normals: [String: [Scalar]] = [:]
  ) throws(SpindleError) {
    var values: [String: [Scalar]] = [:]
    for parameter in network.parameters {
      let span = try network.values(of: parameter.name)
      values[parameter.name] = span.indices.map { Scalar(span[$0]) }
    }
    var description = network.description
    description.timeStep = Double(Float(description.timeStep))
    for index in description.layers.indices {
      description.layers[index].hardware.roundToFloat()
      guard var surrogate = description.layers[index].neurons.spiking?.surrogate else { continue }
      surrogate.slope = Double(Float(surrogate.slope))
      surrogate.peak = surrogate.peak.map { Double(Float($0)) }
      surrogate.support = surrogate.support.map { Double(Float($0)) }
      description.layers[index].neurons.spiking?.surrogate = surrogate
    }
    try self.init(description, parameters: values, normals: normals)
  }
}

extension Hardware {
  /// Rounds the numbers that the engine has as float32.
  fileprivate mutating func roundToFloat() {
    func round(_ x: inout Double) { x = Double(Float(x)) }
    round(&mismatch.weights)
    round(&mismatch.tau)
    round(&mismatch.synapticTau)
    round(&mismatch.threshold)
    floor = floor.map { Double(Float($0)) }
    magnitudePenalty = magnitudePenalty.map {
      MagnitudePenalty(strength: Double(Float($0.strength)), limit: Double(Float($0.limit)))
    }
    signPenalty = signPenalty.map {
      SignPenalty(strength: Double(Float($0.strength)), group: $0.group)
    }
  }
}
