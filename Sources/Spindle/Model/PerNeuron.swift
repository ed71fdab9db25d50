// Shape letters, here and in all of Spindle: B batch, T steps, I inputs, N neurons.

/// One number for all neurons of a layer, or one for each.
public enum PerNeuron: Sendable, Equatable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral
{
  /// The same for all neurons.
  case all(Double)
  /// One for each: [N].
  case each([Double])

  /// The same for all neurons.
  public init(floatLiteral value: Double) { self = .all(value) }
  /// The same for all neurons.
  public init(integerLiteral value: Int) { self = .all(Double(value)) }
  /// One for each neuron.
  public init(arrayLiteral elements: Double...) { self = .each(elements) }

  /// The numbers of `count` neurons; a list must have as many (`NetworkDescription.check`).
  public func values(_ count: Int) -> [Double] {
    switch self {
    case .all(let value): [Double](repeating: value, count: count)
    case .each(let values): values
    }
  }
}
