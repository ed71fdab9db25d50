/// How a layer is driven by the one below, or by the network's input: dense weights, and a bias.
/// The current is i_t = x_t W + b for an input x_t [I].
public struct Connection: Sendable, Equatable {
  /// How the weights W [I, N] begin.
  public var weights: Initializer
  /// How the bias b [N] begins; nil for none.
  public var bias: Initializer?
  /// Probability with which a step of training drops an input (Srivastava et al. 2014): a mask for
  /// each sample and input, held through the sequence; the inputs that stay are scaled by
  /// 1 / (1 - dropout). Nothing is dropped in a run or an evaluation. Of the network's input only
  /// spikes can be dropped, no analog values.
  public var dropout: Double

  /// Describes a connection; nothing is checked before `NetworkDescription.check`.
  public init(
    weights: Initializer = .kaimingUniform(), bias: Initializer? = nil, dropout: Double = 0
  ) {
    self.weights = weights
    self.bias = bias
    self.dropout = dropout
  }
}
