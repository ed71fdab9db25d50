extension Layer {
  /// Refuses a chip that cannot be; `inputs` are the layer's.
  func checkHardware(_ place: String, inputs: Int) throws(SpindleError) {
    try hardware.quantization?.check("\(place).quantize")
    try hardware.mismatch.check("\(place).mismatch")
    if let floor = hardware.floor {
      guard neurons.spiking != nil else {
        throw .invalidNetwork("\(place).floor: leaky integrators have no reset, and no floor")
      }
      try require(
        Float(floor).isFinite && floor <= 0, "\(place).floor", "finite and not above 0", floor)
    }
    if let penalty = hardware.magnitudePenalty {
      try notNegative(penalty.strength, "\(place).magnitude_penalty.strength")
      try notNegative(penalty.limit, "\(place).magnitude_penalty.limit")
    }
    if let penalty = hardware.signPenalty {
      try notNegative(penalty.strength, "\(place).sign_penalty.strength")
      try Limits.check(penalty.group, "\(place).sign_penalty.group")
    }
    try hardware.energy?.check("\(place).energy")
    try checkConstraints(place, inputs: inputs)
  }

  private func checkConstraints(_ place: String, inputs: Int) throws(SpindleError) {
    let count = neurons.count
    let rows = recurrence.topology == .rc ? count : 1
    try hardware.inputSigns?.check("\(place).input_signs", count: inputs)
    try hardware.inputMask?.check("\(place).input_mask", rows: inputs, columns: count)
    guard recurrence.topology == .ff else {
      try hardware.recurrentSigns?.check("\(place).recurrent_signs", count: count)
      try hardware.recurrentMask?.check("\(place).recurrent_mask", rows: rows, columns: count)
      return
    }
    guard hardware.recurrentSigns == nil, hardware.recurrentMask == nil else {
      throw .invalidNetwork(
        "\(place): there are no recurrent weights that recurrent_signs or recurrent_mask could hold"
      )
    }
  }
}

/// Refuses a number that is negative or not finite as float32.
private func notNegative(_ value: Double, _ place: String) throws(SpindleError) {
  try require(
    Float(value).isFinite && value >= 0, place, "finite and not negative", value)
}

extension Quantization {
  fileprivate func check(_ place: String) throws(SpindleError) {
    let possible = Self.possibleBits
    try require(
      possible.contains(bits), "\(place).bits",
      "from \(possible.lowerBound) to \(possible.upperBound)", bits)
    guard case .range(let range) = scale else { return }
    try require(
      Float(range).isFinite && Float(range) > 0, "\(place).range", "positive and finite", range)
  }
}

extension Mismatch {
  fileprivate func check(_ place: String) throws(SpindleError) {
    let spreads = [
      ("weights", weights), ("tau", tau), ("synaptic_tau", synapticTau), ("threshold", threshold),
    ]
    for (name, spread) in spreads {
      try require(
        (0...Self.largest).contains(spread), "\(place).\(name)", "from 0 to \(Self.largest)",
        spread)
    }
  }

  /// A spread beyond which a chip is none.
  package static let largest = 2.0
}

extension EnergyCosts {
  fileprivate func check(_ place: String) throws(SpindleError) {
    let costs = [
      ("synaptic_operation", synapticOperation), ("neuron_step", neuronStep), ("spike", spike),
      ("power", power),
    ]
    for (name, cost) in costs {
      try require(
        cost.isFinite && cost >= 0, "\(place).\(name)", "finite and not negative", cost)
    }
  }
}

extension SourceSigns {
  fileprivate func check(_ place: String, count: Int) throws(SpindleError) {
    switch self {
    case .excitatory(let fraction):
      try require((0...1).contains(fraction), place, "a fraction from 0 to 1", fraction)
    case .each(let signs):
      try require(signs.count == count, place, shape: [count], [signs.count])
      for (index, sign) in signs.enumerated() {
        try require((-1...1).contains(sign), "\(place)[\(index)]", "-1, 0 or 1", sign)
      }
    }
  }
}

extension ConnectionMask {
  fileprivate func check(_ place: String, rows: Int, columns: Int) throws(SpindleError) {
    switch self {
    case .random(let density, _):
      try require((0...1).contains(density), "\(place).density", "from 0 to 1", density)
    case .each(let mask):
      try require(mask.count == rows, place, shape: [rows, columns], [mask.count])
      for (index, row) in mask.enumerated() {
        try require(row.count == columns, "\(place)[\(index)]", shape: [columns], [row.count])
        for value in row {
          try require(value == 0 || value == 1, "\(place)[\(index)]", "of numbers 0 or 1", value)
        }
      }
    }
  }
}
