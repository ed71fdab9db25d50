import Spindle

extension Layer {
  /// The numbers of neurons that the description itself has.
  fileprivate func numbers(of role: Role) -> PerNeuron? {
    switch role {
    case .weight, .bias, .recurrentWeight: nil
    case .tau: neurons.tau
    case .synapticTau: neurons.synapticTau
    case .threshold: neurons.spiking?.threshold
    case .adaptationStrength: neurons.spiking?.adaptation?.strength
    case .adaptationTau: neurons.spiking?.adaptation?.tau
    }
  }
}

extension Reference {
  /// The numbers of all parameters: the given ones, else the description's.
  static func check(
    _ given: [String: [Scalar]], _ description: NetworkDescription, _ parameters: [Parameter]
  ) throws(SpindleError) -> [String: [Scalar]] {
    let names = Set(parameters.map(\.name))
    if let name = given.keys.sorted().first(where: { !names.contains($0) }) {
      throw .unknownParameter(name: name, known: parameters.map(\.name))
    }
    var result: [String: [Scalar]] = [:]
    for parameter in parameters {
      let numbers = description.layers[parameter.layer].numbers(of: parameter.role)
      let values =
        given[parameter.name] ?? numbers?.values(parameter.shape[0]).map { Scalar($0) } ?? []
      try checkCount(values, parameter.shape, "\"\(parameter.name)\"")
      let isTau = parameter.role.isTau
      for value in values {
        try require(
          value.isFinite && (!isTau || value > 0), "\"\(parameter.name)\"",
          isTau ? "positive, in seconds" : "finite", value)
      }
      result[parameter.name] = values
    }
    return result
  }
}

extension Simulation {
  /// Checks what a run is given.
  func check() throws(SpindleError) {
    // Any trace that fits in memory is far smaller.
    for (size, what) in [(batch, "the batch"), (steps, "the number of steps")]
    where !(1...Limits.size).contains(size) {
      throw .invalidSize(what: what, got: size, maximum: Limits.size)
    }
    try checkCount(input, [batch, steps, layers[0].inputs], "the input")
    try check(initial, "the initial states")
    try checkLayers(inputFactors, "the input factors")
    for (index, factors) in inputFactors.enumerated() {
      guard let factors else { continue }
      try checkCount(factors, [batch, layers[index].inputs], "the input factors of layer \(index)")
    }
    switch rule {
    case .threshold: break
    case .smooth(let resets): try check(resets, "the given resets", areSpikes: false)
    case .forced(let spikes):
      guard !spikes.isEmpty else {
        throw .shapeMismatch(what: "the forced spikes", expected: [layers.count], got: [0])
      }
      try check(spikes, "the forced spikes", areSpikes: true)
    }
  }

  private func check(
    _ given: [[Scalar]?], _ what: String, areSpikes: Bool
  ) throws(SpindleError) {
    try checkLayers(given, what)
    for (index, (layer, values)) in zip(layers, given).enumerated() {
      guard let values else { continue }
      guard layer.spikes else {
        throw .invalidNetwork("\(what) are for layer \(index), of integrators without spikes")
      }
      try checkCount(values, [batch, steps, layer.neurons.count], "\(what) of layer \(index)")
      for value in values where areSpikes {
        try require(value == 0 || value == 1, "\(what) of layer \(index)", "0 or 1", value)
      }
    }
  }

  /// Requires one element for each layer, or none.
  private func checkLayers(_ given: [some Any], _ what: String) throws(SpindleError) {
    guard given.isEmpty || given.count == layers.count else {
      throw .shapeMismatch(what: what, expected: [layers.count], got: [given.count])
    }
  }

  /// Requires [B,N] of each layer, or nothing.
  func check(_ states: [[some Any]], _ what: String) throws(SpindleError) {
    try checkLayers(states, what)
    for (index, values) in states.enumerated() {
      try checkCount(
        values, [batch, layers[index].neurons.count], "\(what) of layer \(index)")
    }
  }

  /// Checks the loss and its target against the last layer.
  func check(_ loss: Loss, _ target: Target) throws(SpindleError) {
    let last = layers[layers.count - 1]
    let neurons = last.neurons.count
    guard last.spikes || !loss.readsSpikes else {
      throw .invalidNetwork("\(loss.name) needs spikes, and leaky integrators have none")
    }
    var shape = [batch]
    switch loss {
    case .meanRateMSE: shape = [steps, neurons]
    case .membraneMSE: shape = [batch, steps, neurons]
    case .spikeCountMSE, .firingRateMSE: shape = [batch, neurons]
    case .rateCrossEntropy, .maxMembraneCrossEntropy, .meanMembraneCrossEntropy: break
    case .vanRossum(let tau):
      shape = [batch, steps, neurons]
      try require(tau > 0 && tau.isFinite, "the loss's tau", "positive, in seconds", tau)
    case .recallCrossEntropy(let first, _):
      let range = "from 0 to \(steps - 1)"
      try require((0..<steps).contains(first), "the loss's first step", range, first)
    case .custom: try require(false, "the reference's loss", "one of Spindle's", loss.name)
    }
    switch target {
    case .values(let tensor):
      let isShared = loss == .firingRateMSE && tensor.shape == [neurons]
      guard !loss.wantsClasses, isShared || tensor.shape == shape else {
        throw .shapeMismatch(what: "the target", expected: shape, got: tensor.shape)
      }
    case .classes(let classes):
      guard loss.wantsClasses, classes.count == batch else {
        throw .shapeMismatch(what: "the target", expected: shape, got: [classes.count])
      }
      for value in classes {
        let range = "classes from 0 to \(neurons - 1)"
        try require((0..<neurons).contains(Int(value)), "the target", range, value)
      }
    }
  }

  /// What the loss reads.
  func lossInput(
    _ trace: ReferenceTrace<Scalar>, _ target: Target, timeStep: Double
  ) -> LossInput<Scalar> {
    let last = trace.layers[trace.layers.count - 1]
    var (values, labels): ([Scalar], [Int]) = ([], [])
    switch target {
    case .values(let tensor): values = tensor.values.map { Scalar($0) }
    case .classes(let classes): labels = classes.map { Int($0) }
    }
    return LossInput(
      batch: batch, steps: steps, neurons: last.neurons, timeStep: Scalar(timeStep),
      spikes: last.spikes ?? [], membrane: last.membrane, target: values, classes: labels)
  }
}

/// Requires as many elements as a shape has.
private func checkCount(
  _ values: [some Any], _ shape: [Int], _ what: String
) throws(SpindleError) {
  var count = 1
  for size in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow else { throw .sizeOverflow(what: what) }
    count = product
  }
  guard values.count == count else {
    throw .shapeMismatch(what: what, expected: shape, got: [values.count])
  }
}

/// Refuses a value that does not hold to its requirement.
private func require(
  _ holds: Bool, _ what: String, _ expected: String, _ got: some Any
) throws(SpindleError) {
  guard holds else { throw .invalidValue(what: what, expected: expected, got: "\(got)") }
}
