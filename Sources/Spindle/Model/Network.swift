/// A network of spiking neurons: synapses and layers of neurons in turn, and their parameters. A
/// value: a copy is independent. It holds no state of a run, so that none can leak from one
/// sequence into the next; a `Stepper` carries state where a sequence comes in pieces.
public struct Network: Sendable {
  /// What is known of a parameter besides its values.
  public struct Parameter: Sendable, Equatable {
    /// Layer number and name, as in "0.weight" or "1.recurrent_weight".
    public let name: String
    /// [I, N] weight, [N, N] recurrent_weight (row source, column target; [N] one-to-one), [N] bias,
    /// tau, synaptic_tau and adaptation_tau (seconds), threshold and adaptation_strength.
    public let shape: [Int]
    /// Whether training changes it.
    public let isLearned: Bool
    /// Its place in the flat array of all parameters.
    let range: Range<Int>

    /// Whether it is a time constant.
    var isTau: Bool { name.hasSuffix("tau") }
    /// Whether it must be above zero: a time constant, or a threshold that training changes by its
    /// logarithm.
    var isPositive: Bool { isTau || isLearned && name.hasSuffix(".threshold") }

    /// Refuses values that the parameter may not have.
    func check(_ values: ArraySlice<Float>) throws(SpindleError) {
      // A sum of products with zero is NaN exactly where one of them is not finite, and is fast.
      var probe: Float = 0
      for value in values { probe += value * 0 }
      if probe.isNaN { try Array(values).checkFinite("\"\(name)\"") }
      if isPositive { try checkPositive(values) }
    }

    /// Refuses a number that is not above zero, or NaN.
    func checkPositive(_ values: ArraySlice<Float>) throws(SpindleError) {
      for value in values where !(value > 0) {
        throw .invalidValue(
          what: "\"\(name)\"",
          expected: isTau ? "positive, in seconds" : "positive, since it is learned",
          got: "\(value)")
      }
    }
  }

  /// Length of a step, in seconds.
  public let timeStep: Float
  /// From the input to the output.
  public let layers: [Layer]
  /// All parameters, in the order of the layers.
  public let parameters: [Parameter]
  /// I of the first layer.
  public let inputs: Int
  /// N of each layer of neurons, from the input to the output.
  public let neuronCounts: [Int]
  /// The values of all parameters.
  var values: [Float]

  /// N of the last layer.
  public var outputs: Int { neuronCounts[neuronCounts.count - 1] }
  /// Numbers in all parameters together.
  public var parameterCount: Int { values.count }
  /// Numbers that training changes.
  public var learnedCount: Int {
    parameters.filter(\.isLearned).reduce(0) { $0 + $1.range.count }
  }

  /// Builds a network and draws its weights.
  ///
  /// - Parameters:
  ///   - timeStep: length of a step, in seconds.
  ///   - layers: synapse, neurons, synapse, neurons, ...; leaky integrators last alone.
  ///   - seed: what the random initialisers draw from; the same seed gives the same weights.
  public init(timeStep: Float = 1e-3, layers: [Layer], seed: UInt64 = 0) throws(SpindleError) {
    try NetworkBuilder.checkMemory(of: layers)
    var builder = try NetworkBuilder(timeStep: timeStep, seed: seed)
    for (index, layer) in layers.enumerated() { try builder.add(layer, at: index) }
    try builder.finish()
    self.timeStep = timeStep
    self.layers = layers
    parameters = builder.parameters
    values = builder.values
    inputs = builder.inputs
    neuronCounts = builder.neuronCounts
    try checkParameters()
  }

  /// The place of a parameter, by name.
  public func parameter(_ name: String) throws(SpindleError) -> Parameter {
    guard let parameter = parameters.first(where: { $0.name == name }) else {
      throw .unknownParameter(name: name, known: parameters.map(\.name))
    }
    return parameter
  }

  /// A parameter's values in place, without a copy: row by row.
  @_lifetime(borrow self)
  public func values(of name: String) throws(SpindleError) -> Span<Float> {
    let range = try parameter(name).range
    return values.span.extracting(range)
  }

  /// Changes a parameter's values in place, without a copy. What is written is checked when the
  /// network next runs: NaN, or a tau that is not positive, is an error there.
  public mutating func withValues<Result>(
    of name: String, _ body: (inout MutableSpan<Float>) -> Result
  ) throws(SpindleError) -> Result {
    let range = try parameter(name).range
    var all = values.mutableSpan
    var part = all._mutatingExtracting(range)
    return body(&part)
  }

  /// Replaces a parameter's values; refused ones leave the network as it was.
  public mutating func set(_ name: String, to newValues: [Float]) throws(SpindleError) {
    let parameter = try parameter(name)
    guard newValues.count == parameter.range.count else {
      throw .shapeMismatch(
        what: "\"\(name)\"", expected: parameter.shape, got: [newValues.count])
    }
    try parameter.check(newValues[...])
    values.replaceSubrange(parameter.range, with: newValues)
  }

  /// Refuses NaN and infinity anywhere, and time constants that are not positive.
  func checkParameters() throws(SpindleError) {
    for parameter in parameters { try parameter.check(values[parameter.range]) }
  }
}
