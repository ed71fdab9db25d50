import Spindle

extension Reference {
  /// A network of the engine, with its present parameters and with the description's numbers as the
  /// engine has them, rounded to float32.
  public init(_ network: Network) throws(SpindleError) {
    var values: [String: [Scalar]] = [:]
    for parameter in network.parameters {
      let span = try network.values(of: parameter.name)
      values[parameter.name] = span.indices.map { Scalar(span[$0]) }
    }
    var description = network.description
    description.timeStep = Double(Float(description.timeStep))
    for index in description.layers.indices {
      guard var surrogate = description.layers[index].neurons.spiking?.surrogate else { continue }
      surrogate.slope = Double(Float(surrogate.slope))
      description.layers[index].neurons.spiking?.surrogate = surrogate
    }
    try self.init(description, parameters: values)
  }
}
