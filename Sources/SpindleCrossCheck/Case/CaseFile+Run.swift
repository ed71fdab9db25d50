import Spindle
import SpindleReference

/// What one run of one engine computed, by the names of ``CaseFile/results``.
public struct CaseResult: Sendable, Equatable {
  /// Row by row. Double holds the float32 of an engine exactly.
  public let values: [String: [Double]]

  /// The first result, in the order of `tensors`, of which some bit differs; nil where none does.
  func firstDifference(from other: CaseResult, in tensors: [CaseTensor]) -> CaseTensor? {
    tensors.first { tensor in
      let (mine, theirs) = (values[tensor.name] ?? [], other.values[tensor.name] ?? [])
      return mine.count != theirs.count
        || zip(mine, theirs).contains { $0.bitPattern != $1.bitPattern }
    }
  }
}

extension CaseFile {
  /// The case as the C engine takes it.
  ///
  /// - Throws: `engine`, where the engine cannot have the memory or refuses a number.
  public func network() throws(CaseError) -> Network {
    try wrapping(CaseError.engine) { () throws(SpindleError) in
      var network = try Network(description.withoutBeginnings)
      for parameter in parameters {
        if let values = values(of: parameter) { try network.set(parameter.name, to: values) }
      }
      return network
    }
  }

  /// One step of training by the C engine.
  public func run(_ network: Network, _ execution: Execution) throws(CaseError) -> CaseResult {
    let step = try wrapping(CaseError.engine) { () throws(SpindleError) in
      try network.evaluate(
        Input(input, batch: batch, steps: steps, units: description.inputs), target: target(),
        loss: loss, execution: execution)
    }
    return result(
      step.loss, step.recording.membrane.values, spikes: step.recording.spikes.values,
      potential: step.recording.potential.values, step.gradients)
  }

  /// The case as the definition takes it, in `Double` or in `Float`.
  ///
  /// Numbers of the description keep the precision of its text, as the format means them; those of
  /// a tensor are float32.
  public func reference<Scalar: ReferenceScalar>(
    _: Scalar.Type = Scalar.self
  ) throws(CaseError) -> Reference<Scalar> {
    var given: [String: [Scalar]] = [:]
    for parameter in parameters {
      given[parameter.name] = values(of: parameter)?.map { Scalar($0) }
    }
    return try wrapping(CaseError.reference) { () throws(SpindleError) in
      try Reference(description, parameters: given)
    }
  }

  /// One step of training by the definition, with the trace of every layer.
  func step<Scalar: ReferenceScalar>(
    _ network: Reference<Scalar>, spikes: SpikeRule<Scalar> = .threshold
  ) throws(CaseError) -> ReferenceStep<Scalar> {
    try wrapping(CaseError.reference) { () throws(SpindleError) in
      try network.run(
        input: input.map { Scalar($0) }, batch: batch, steps: steps, spikes: spikes
      ).step(loss: loss, target: target())
    }
  }

  /// What a step of the definition left, without the layers below the last.
  func result<Scalar: ReferenceScalar>(of step: ReferenceStep<Scalar>) -> CaseResult {
    let last = step.trace.layers[step.trace.layers.count - 1]
    return result(
      Double(step.loss), last.membrane, spikes: last.spikes ?? [], potential: last.potential,
      step.gradients)
  }

  private func result<Scalar: ReferenceScalar>(
    _ loss: Double, _ membrane: [Scalar], spikes: [Scalar], potential: [Scalar],
    _ gradients: [String: [Scalar]]
  ) -> CaseResult {
    func doubles(_ values: [Scalar]) -> [Double] { values.map { Double($0) } }
    var values = ["loss": [loss], "membrane": doubles(membrane)]
    if hasSpikes {
      values["spikes"] = doubles(spikes)
      values["potential"] = doubles(potential)
    }
    for parameter in parameters where parameter.isLearned {
      values[gradientName(of: parameter)] = doubles(gradients[parameter.name] ?? [])
    }
    return CaseResult(values: values)
  }

  /// The target as both engines take it.
  private func target() throws(SpindleError) -> Target {
    guard let tensor = contents["target"] else { return .classes([]) }
    guard loss.wantsClasses else {
      return .values(try Tensor(shape: tensor.shape, values: tensor.floats()))
    }
    return .classes(((try? tensor.integers()) ?? []).map { Int32(truncatingIfNeeded: $0) })
  }
}
