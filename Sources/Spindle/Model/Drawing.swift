extension NetworkDescription {
  /// The values of parameters that begin as described, one after the other. Each draws from the
  /// random stream of its own index, so that the same seed gives the same values. The numbers are
  /// those of float32, in which the engine computes.
  func draw(_ parameters: [Parameter], seed: UInt64) throws(SpindleError) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(parameters.last?.range.upperBound ?? 0)
    for (index, parameter) in parameters.enumerated() {
      switch layers[parameter.layer].beginning(of: parameter.role) {
      case .drawn(let initializer):
        var random = RandomStream(seed: seed, stream: UInt64(index))
        values += try constrained(try draw(initializer, parameter, &random), parameter)
      case .given(let numbers):
        values += numbers.values(parameter.shape[0]).map { Float($0) }
      case nil: break
      }
    }
    return values
  }

  /// Values that were drawn, as signs and masks of the layer's chip let them begin.
  private func constrained(
    _ values: [Float], _ parameter: Parameter
  ) throws(SpindleError) -> [Float] {
    let layer = layers[parameter.layer]
    guard
      let constraints = try layer.constraints(on: parameter.role, shape: parameter.shape)
    else { return values }
    return zip(constraints, values).map { $0.beginning($1) }
  }

  private func draw(
    _ initializer: Initializer, _ parameter: Parameter, _ random: inout RandomStream
  ) throws(SpindleError) -> [Float] {
    let columns = parameter.shape[parameter.shape.count - 1]
    let rows = parameter.shape.count == 1 ? 1 : parameter.shape[0]
    let count = rows * columns
    let fanIn = Float(rows)
    let fanSum = Float(rows + columns)
    switch initializer {
    case .constant(let value): return [Float](repeating: Float(value), count: count)
    case .uniform(let low, let high):
      return try random.uniform(low: Float(low), high: Float(high), count: count)
    case .normal(let mean, let deviation):
      return try random.normal(
        mean: Float(mean), standardDeviation: Float(deviation), count: count)
    case .kaimingUniform(let gain):
      return try random.symmetric(Float(gain) * (3 / fanIn).squareRoot(), count: count)
    case .kaimingNormal(let gain):
      return try random.normal(
        mean: 0, standardDeviation: Float(gain) / fanIn.squareRoot(), count: count)
    case .glorotUniform(let gain):
      return try random.symmetric(Float(gain) * (6 / fanSum).squareRoot(), count: count)
    case .glorotNormal(let gain):
      return try random.normal(
        mean: 0, standardDeviation: Float(gain) * (2 / fanSum).squareRoot(), count: count)
    case .fluctuationDriven(let mean, let xi, let rate, let inputFraction):
      let driven = FluctuationDriven(
        mean: Float(mean), xi: Float(xi), rate: Float(rate), inputFraction: Float(inputFraction))
      return try driven.draw(parameter, of: self, &random)
    }
  }
}
