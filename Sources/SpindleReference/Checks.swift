import Spindle

extension Reference {
  /// Checks what a run is given.
  func check(
    _ input: [Scalar], _ batch: Int, _ steps: Int, _ rule: SpikeRule<Scalar>,
    _ initial: [[NeuronState<Scalar>]], _ inputFactors: [[Scalar]?]
  ) throws(SpindleError) {
    try Limits.check(batch, "the batch")
    try Limits.check(steps, "the number of steps")
    try checkCount(input, [batch, steps, description.inputs], "the input")
    try checkLayers(initial, "the initial states") { [batch, layers[$0].neurons] }
    try checkLayers(inputFactors, "the input factors") { [batch, layers[$0].inputs] }
    try checkLayers(rule.given, "the given spikes") { [batch, steps, layers[$0].neurons] }
    for (index, values) in rule.given.enumerated() {
      guard let values else { continue }
      let what = "the given spikes of layer \(index)"
      guard layers[index].fires else {
        throw .invalidNetwork("\(what) are of integrators without spikes")
      }
      if case .forced = rule, let bad = values.first(where: { $0 != 0 && $0 != 1 }) {
        throw .invalidValue(what: what, expected: "0 or 1", got: "\(bad)")
      }
    }
  }

  /// Requires an array of the layer's shape, or nil, for each layer, or nothing at all.
  fileprivate func checkLayers(
    _ given: [[some Any]?], _ what: String, shape: (_ layer: Int) -> [Int]
  ) throws(SpindleError) {
    guard given.isEmpty || given.count == layers.count else {
      throw .shapeMismatch(what: what, expected: [layers.count], got: [given.count])
    }
    for (index, values) in given.enumerated() {
      if let values { try checkCount(values, shape(index), "\(what) of layer \(index)") }
    }
  }
}

extension ReferenceTrace {
  /// Checks a loss with its target, the penalties and what follows against the network.
  func check(
    _ loss: Loss, _ target: Target, _ penalties: [RatePenalty],
    _ finalAdjoints: [[NeuronAdjoint<Scalar>]]
  ) throws(SpindleError) {
    if case .custom = loss {
      throw .invalidValue(
        what: "the reference's loss", expected: "one of Spindle's", got: loss.name)
    }
    try loss.check(outputOf: network.description)
    try loss.check(target, batch: batch, steps: steps, neurons: network.description.outputs)
    for penalty in penalties {
      try penalty.check()
      _ = try penalty.layer(in: network.description)
    }
    try network.checkLayers(finalAdjoints, "the final adjoints") { [batch, layers[$0].neurons] }
  }
}

/// Requires as many elements as a shape has.
func checkCount(_ values: [some Any], _ shape: [Int], _ what: String) throws(SpindleError) {
  guard try values.count == shape.volume(of: what) else {
    throw .shapeMismatch(what: what, expected: shape, got: [values.count])
  }
}
