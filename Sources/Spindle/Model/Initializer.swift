/// How a matrix [rows, columns] of weights begins. The random ones draw from the network's seed and
/// the parameter's place in it alone. A bias is a matrix of one row.
public enum Initializer: Sendable {
  /// All the same.
  case constant(Float)
  /// Uniform over [low, high).
  case uniform(low: Float, high: Float)
  /// Normal.
  case normal(mean: Float, standardDeviation: Float)
  /// Uniform over plus and minus gain sqrt(3 / rows) (He et al. 2015); a gain of sqrt(1/3) is what
  /// torch.nn.Linear begins with.
  case kaimingUniform(gain: Float = 1)
  /// Normal of standard deviation gain / sqrt(rows) (He et al. 2015).
  case kaimingNormal(gain: Float = 1)
  /// Uniform over plus and minus gain sqrt(6 / (rows + columns)) (Glorot and Bengio 2010).
  case glorotUniform(gain: Float = 1)
  /// Normal of standard deviation gain sqrt(2 / (rows + columns)) (Glorot and Bengio 2010).
  case glorotNormal(gain: Float = 1)
  /// Normal, so that the membranes of spiking neurons fluctuate about `mean` with their threshold
  /// `xi` standard deviations away, and every layer of a deep network starts with a healthy rate
  /// (Rossbroich, Gygax and Zenke 2022; the equations stand in FluctuationDriven.swift).
  ///
  /// - Parameters:
  ///   - mean: of the membrane, in the unit of the potential; below the threshold.
  ///   - xi: (threshold - mean) / standard deviation of the membrane; 1 to 3: the larger, the
  ///     lower the layer's rate, and neurons without a synaptic filter need more.
  ///   - rate: expected of each input, in hertz (spikes a second); below one a step. In deeper layers
  ///     that of the layer below.
  ///   - inputFraction: the input's part of the variance in a layer of topology RC, whose recurrent
  ///     weights, to begin likewise, have the rest.
  case fluctuationDriven(
    mean: Float = 0, xi: Float = 1, rate: Float, inputFraction: Float = 0.9)
  /// These values, row by row.
  case values([Float])
  /// Any function of row and column.
  case custom(@Sendable (_ row: Int, _ column: Int) -> Float)
}

extension Initializer {
  /// The values of a matrix, row by row. `name` is the parameter's, for errors; `target` is what
  /// the matrix drives, where it is of weights to neurons.
  func makeValues(
    rows: Int, columns: Int, random: inout RandomStream, name: String,
    target: FluctuationDriven.Target? = nil
  ) throws(SpindleError) -> [Float] {
    let count = rows * columns
    let fanIn = Float(rows)
    let fanSum = Float(rows + columns)
    switch self {
    case .constant(let value):
      return [Float](repeating: value, count: count)
    case .uniform(let low, let high):
      return try random.uniform(low: low, high: high, count: count)
    case .normal(let mean, let deviation):
      return try random.normal(mean: mean, standardDeviation: deviation, count: count)
    case .kaimingUniform(let gain):
      return try random.symmetric(gain * (3 / fanIn).squareRoot(), count: count)
    case .kaimingNormal(let gain):
      return try random.normal(
        mean: 0, standardDeviation: gain / fanIn.squareRoot(), count: count)
    case .glorotUniform(let gain):
      return try random.symmetric(gain * (6 / fanSum).squareRoot(), count: count)
    case .glorotNormal(let gain):
      return try random.normal(
        mean: 0, standardDeviation: gain * (2 / fanSum).squareRoot(), count: count)
    case .fluctuationDriven(let mean, let xi, let rate, let inputFraction):
      guard let target else {
        throw .invalidValue(
          what: "the initializer of \"\(name)\"",
          expected: "any but fluctuationDriven, which is for weights [I, N] and [N, N]",
          got: "fluctuationDriven")
      }
      let driven = FluctuationDriven(
        mean: mean, xi: xi, rate: rate, inputFraction: inputFraction)
      return try driven.makeValues(rows: rows, target, random: &random, name: name)
    case .values(let values):
      guard values.count == count else {
        throw .shapeMismatch(what: "\"\(name)\"", expected: [rows, columns], got: [values.count])
      }
      return values
    case .custom(let function):
      var values: [Float] = []
      values.reserveCapacity(count)
      for row in 0..<rows {
        for column in 0..<columns { values.append(function(row, column)) }
      }
      return values
    }
  }
}
