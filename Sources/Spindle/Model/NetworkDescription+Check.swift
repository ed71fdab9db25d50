extension NetworkDescription {
  /// Refuses a network that cannot be. Numbers must hold as float32, in which the engine computes.
  ///
  /// - Throws: an error whose place is named as in the network's JSON, as in
  ///   "layers[1].reset_timing"; `outOfMemory` where the parameters, with a gradient and the
  ///   optimizer's two numbers of each, do not fit in memory.
  public func check() throws(SpindleError) {
    guard !layers.isEmpty else { throw .invalidNetwork("there must be at least one layer") }
    // Before anything as large as a parameter is made.
    let parameters = try parameters
    let count = parameters.last?.range.upperBound ?? 0
    try checkMemory(4 * count * MemoryLayout<Float>.size)
    try timeStep.check("time_step", .positive, unit: "in seconds")
    for (index, layer) in layers.enumerated() {
      let place = "layers[\(index)]"
      guard layer.neurons.spiking != nil || index == layers.count - 1 else {
        throw .invalidNetwork("\(place).kind: leaky integrators must be the last layer")
      }
      try layer.check(place)
      try layer.checkHardware("\(place).hardware", inputs: inputs(of: index))
    }
    for parameter in parameters { try check(parameter) }
  }

  /// Refuses a parameter that cannot begin as described.
  private func check(_ parameter: Parameter) throws(SpindleError) {
    let place = "layers[\(parameter.layer)].\(parameter.role.key)"
    switch layers[parameter.layer].beginning(of: parameter.role) {
    case .drawn(let initializer):
      try initializer.check(place, isMatrix: parameter.shape.count == 2, timeStep: timeStep)
    case .given(let numbers):
      let unit =
        parameter.role.isTau ? "in seconds" : parameter.isPositive ? "since it is learned" : nil
      try numbers.check(
        place, count: parameter.shape[0], parameter.isPositive ? .positive : .any, unit: unit)
    case nil: break
    }
  }
}

extension Layer {
  /// Refuses options that cannot be, or not together.
  fileprivate func check(_ place: String) throws(SpindleError) {
    try require(
      connection.dropout >= 0 && Float(connection.dropout) < 1, "\(place).dropout",
      "a probability from 0 to below 1", connection.dropout)
    for role in Role.allCases
    where learned.contains(role) && beginning(of: role) == nil
      && !Self.learnedByDefault.contains(role)
    {
      throw .invalidNetwork("\(place) has no \(role.rawValue) to learn")
    }
    if let spiking = neurons.spiking { return try spiking.check(place) }
    guard recurrence.topology == .ff else {
      throw .invalidNetwork("\(place).topology: leaky integrators have no spikes to come back")
    }
  }
}

extension Spiking {
  fileprivate func check(_ place: String) throws(SpindleError) {
    try surrogate.slope.check("\(place).surrogate.slope", .positive)
    try surrogate.peak?.check("\(place).surrogate.peak", .positive)
    try surrogate.support?.check("\(place).surrogate.support", .positive)
    let most = Self.maximumRefractorySteps
    try require(
      (0...most).contains(refractorySteps), "\(place).refractory_steps", "from 0 to \(most)",
      refractorySteps)
    // Its gradient would need the potential before the reset, which training does not keep.
    guard resetTiming == .immediate || reset != .zero || resetGradient == .detached else {
      throw .invalidNetwork(
        "\(place).reset_timing: a delayed reset to zero must have a detached gradient")
    }
  }
}

extension Initializer {
  /// Refuses numbers of which nothing can be drawn.
  fileprivate func check(
    _ place: String, isMatrix: Bool, timeStep: Double
  ) throws(SpindleError) {
    switch self {
    case .constant(let value): try value.check("\(place).value", .any)
    case .uniform(let low, let high):
      try require(
        Float(low).isFinite && Float(high - low).isFinite && Float(low) < Float(high), place,
        "uniform over a range that is finite and not empty", "\(low) to \(high)")
    case .normal(let mean, let deviation):
      try mean.check("\(place).mean", .any)
      try deviation.check("\(place).standard_deviation", .notNegative)
    case .kaimingUniform(let gain), .kaimingNormal(let gain), .glorotUniform(let gain),
      .glorotNormal(let gain):
      try gain.check("\(place).gain", .any)
    case .fluctuationDriven(let mean, let xi, let rate, let inputFraction):
      try require(
        isMatrix, place,
        "any initializer but fluctuation_driven, which is for weights [I, N] and [N, N]",
        "fluctuation_driven")
      try mean.check("\(place).mean", .any)
      try xi.check("\(place).xi", .positive)
      try require(
        rate > 0 && Float(rate) < 1 / Float(timeStep), "\(place).rate",
        "above 0 and below one spike a step (\(1 / Float(timeStep)) Hz)", rate)
      try require(
        (0...1).contains(inputFraction), "\(place).input_fraction", "from 0 to 1", inputFraction)
    }
  }
}

/// What a number must be, besides finite.
private enum Bound: String {
  case any = "finite"
  case notNegative = "finite and not negative"
  case positive

  func holds(_ number: Float) -> Bool {
    switch self {
    case .any: number.isFinite
    case .notNegative: number.isFinite && number >= 0
    case .positive: number.isFinite && number > 0
    }
  }
}

extension Double {
  /// Refuses a number that is not within a bound as float32.
  fileprivate func check(
    _ place: String, _ bound: Bound, unit: String? = nil
  ) throws(SpindleError) {
    try require(
      bound.holds(Float(self)), place,
      ([bound.rawValue] + [unit].compactMap(\.self)).joined(separator: ", "), self)
  }
}

extension PerNeuron {
  /// Refuses another number of numbers, and numbers that are not within a bound as float32.
  fileprivate func check(
    _ place: String, count: Int, _ bound: Bound, unit: String?
  ) throws(SpindleError) {
    switch self {
    case .all(let value): try value.check(place, bound, unit: unit)
    case .each(let values):
      try require(values.count == count, place, shape: [count], [values.count])
      for (index, value) in values.enumerated() {
        try value.check("\(place)[\(index)]", bound, unit: unit)
      }
    }
  }
}
