extension Network {
  /// The same network, the weights of every layer on a grid.
  ///
  /// - Parameter grid: of every layer; nil for none.
  /// - Returns: the network with that description and its parameters as they are: engine and
  ///   reference put them on the grid.
  public func quantized(_ grid: Quantization?) throws(SpindleError) -> Network {
    try changed { $0.hardware.quantization = grid }
  }

  /// The same network, every layer for chips that differ so much.
  public func mismatched(_ mismatch: Mismatch) throws(SpindleError) -> Network {
    try changed { $0.hardware.mismatch = mismatch }
  }

  private func changed(_ change: (inout Layer) -> Void) throws(SpindleError) -> Network {
    var description = description
    for index in description.layers.indices { change(&description.layers[index]) }
    try description.check()
    // The parameters are the same ones: no option of a chip adds any.
    return Network(description: description, parameters: parameters, values: values)
  }
}
