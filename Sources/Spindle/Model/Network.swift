/// A network of spiking neurons: its description and its parameters' values. A value: a copy is
/// independent. It holds no state of a run, so that none can leak from one sequence into the next;
/// a `Stepper` carries state where a sequence comes in pieces.
public struct Network: Sendable {
  /// What it computes, and how its parameters began.
  public let description: NetworkDescription
  /// All parameters, layer by layer, each layer's in the order of `Role`.
  public let parameters: [Parameter]
  /// The values of all parameters.
  var values: [Float]
}

extension Network {
  /// Builds a network and draws its parameters.
  ///
  /// - Parameters:
  ///   - description: the network.
  ///   - seed: what random initializers draw from; the same seed gives the same values.
  /// - Throws: what `NetworkDescription.check` refuses.
  public init(_ description: NetworkDescription, seed: UInt64 = 0) throws(SpindleError) {
    try description.check()
    self.description = description
    parameters = try description.parameters
    values = try description.draw(parameters, seed: seed)
    try checkParameters()
  }

  /// Builds a network and draws its parameters.
  ///
  /// - Parameters:
  ///   - timeStep: dt, length of a step, in seconds.
  ///   - inputs: I of the first layer.
  ///   - layers: from the input to the output; leaky integrators last alone.
  ///   - seed: what random initializers draw from; the same seed gives the same values.
  /// - Throws: what `NetworkDescription.check` refuses.
  public init(
    timeStep: Double = 1e-3, inputs: Int, layers: [Layer], seed: UInt64 = 0
  ) throws(SpindleError) {
    try self.init(
      NetworkDescription(timeStep: timeStep, inputs: inputs, layers: layers), seed: seed)
  }
}

extension Network {
  /// From the input to the output.
  public var layers: [Layer] { description.layers }
  /// I of the first layer.
  public var inputs: Int { description.inputs }
  /// N of the last layer.
  public var outputs: Int { description.outputs }
  /// N of each layer, from the input to the output.
  public var neuronCounts: [Int] { description.layers.map(\.neurons.count) }
  /// Numbers in all parameters together.
  public var parameterCount: Int { values.count }
  /// Numbers that training changes.
  public var learnedCount: Int {
    parameters.filter(\.isLearned).reduce(0) { $0 + $1.range.count }
  }

  /// A parameter, by name.
  public func parameter(_ name: String) throws(SpindleError) -> Parameter {
    guard let parameter = parameters.first(where: { $0.name == name }) else {
      throw .unknownParameter(name: name, known: parameters.map(\.name))
    }
    return parameter
  }

  /// A layer's parameter of a role; layers are counted from 0.
  public func parameter(layer: Int, role: Role) throws(SpindleError) -> Parameter {
    try parameter(Parameter.name(layer: layer, role: role))
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
    try require(
      newValues.count == parameter.range.count, "\"\(name)\"", shape: parameter.shape,
      [newValues.count])
    try parameter.check(newValues[...])
    values.replaceSubrange(parameter.range, with: newValues)
  }

  /// Refuses NaN and infinity anywhere, and time constants that are not positive.
  func checkParameters() throws(SpindleError) {
    for parameter in parameters { try parameter.check(values[parameter.range]) }
  }
}
