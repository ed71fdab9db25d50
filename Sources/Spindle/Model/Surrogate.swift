/// What stands for ds/dx in backward, at x = u - threshold (Neftci, Mostafa and Zenke 2019).
public struct Surrogate: Sendable, Equatable {
  /// The form of h(x); k is the slope.
  public enum Kind: String, Sendable, CaseIterable {
    /// h(x) = 1 / (k |x| + 1)^2 (Zenke and Ganguli 2018).
    case fastSigmoid = "fast_sigmoid"
    /// h(x) = (k / 2) / (1 + (pi k x / 2)^2).
    case atan
    /// h(x) = k p (1 - p), p = 1 / (1 + exp(-k x)).
    case sigmoid
    /// h(x) = k max(0, 1 - |k x|).
    case triangular
    /// h(x) = k where |k x| < 1/2, else 0.
    case rectangular
  }
  /// The form.
  public var kind: Kind
  /// k > 0, the reciprocal of a potential.
  public var slope: Double

  /// A surrogate of any kind.
  public init(_ kind: Kind, slope: Double) {
    self.kind = kind
    self.slope = slope
  }
  /// h(x) = 1 / (k |x| + 1)^2.
  public static func fastSigmoid(slope: Double) -> Surrogate { .init(.fastSigmoid, slope: slope) }
}
