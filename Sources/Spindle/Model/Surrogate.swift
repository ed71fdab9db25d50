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
  /// h(0) > 0, to which h is scaled; nil for that of the kind.
  public var peak: Double?
  /// h(x) = 0 where |x| >= support, a potential > 0; nil for that of the kind.
  ///
  /// Where h is zero backward need not know dL/ds: with a support, this one or that of a triangular
  /// or rectangular surrogate with a ``peak``, it computes only the part of dL/ds = delta W^T that h
  /// lets through (Perez-Nieves and Goodman 2021).
  public var support: Double?

  /// A surrogate of any kind.
  public init(_ kind: Kind, slope: Double, peak: Double? = nil, support: Double? = nil) {
    self.kind = kind
    self.slope = slope
    self.peak = peak
    self.support = support
  }
  /// h(x) = 1 / (k |x| + 1)^2.
  public static func fastSigmoid(slope: Double) -> Surrogate { .init(.fastSigmoid, slope: slope) }
}
