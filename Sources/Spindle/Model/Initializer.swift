/// How a matrix [rows, columns] of weights begins. The random ones draw from the network's seed and
/// the parameter's place in it alone. A bias, and the weights of one-to-one recurrence, are a matrix
/// of one row. For values of any other kind there is `Network.set`.
public enum Initializer: Sendable, Equatable {
  /// All the same.
  case constant(Double)
  /// Uniform over [low, high).
  case uniform(low: Double, high: Double)
  /// Normal.
  case normal(mean: Double, standardDeviation: Double)
  /// Uniform over plus and minus gain sqrt(3 / rows) (He et al. 2015); a gain of sqrt(1/3) is what
  /// torch.nn.Linear begins with.
  case kaimingUniform(gain: Double = 1)
  /// Normal of standard deviation gain / sqrt(rows) (He et al. 2015).
  case kaimingNormal(gain: Double = 1)
  /// Uniform over plus and minus gain sqrt(6 / (rows + columns)) (Glorot and Bengio 2010).
  case glorotUniform(gain: Double = 1)
  /// Normal of standard deviation gain sqrt(2 / (rows + columns)) (Glorot and Bengio 2010).
  case glorotNormal(gain: Double = 1)
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
    mean: Double = 0, xi: Double = 1, rate: Double, inputFraction: Double = 0.9)
}
