/// The function h(x) that backward uses in place of the derivative of a spike,
/// at x = potential - threshold (surrogate gradients: Neftci, Mostafa & Zenke 2019).
public struct ReferenceSurrogate<Scalar: ReferenceScalar>: Sendable {
  /// The shapes of h, with k the slope.
  public enum Kind: String, Sendable, CaseIterable {
    /// h = 1 / (k|x| + 1)^2 (SuperSpike: Zenke & Ganguli 2018).
    case fastSigmoid = "fast_sigmoid"
    /// h = (k/2) / (1 + (pi k x / 2)^2).
    case atan
    /// h = k p (1 - p), p = 1 / (1 + exp(-k x)).
    case sigmoid
    /// h = k max(0, 1 - |k x|).
    case triangular
    /// h = k where |k x| < 1/2, else 0.
    case rectangular
  }

  /// The shape of h.
  public var kind: Kind
  /// k, per unit of potential; finite and positive.
  public var slope: Scalar

  /// A surrogate of the given shape and slope.
  public init(_ kind: Kind, slope: Scalar) {
    self.kind = kind
    self.slope = slope
  }

  /// h(x).
  public func derivative(_ x: Scalar) -> Scalar {
    derivative(SIMD16(repeating: x))[0]
  }

  /// S(x) with S' = h and S(0) = 1/2: the smooth spike of ``ReferenceSpikeRule/smooth(resets:)``.
  ///
  /// All kinds run from 0 to 1, except `fastSigmoid`, which runs from
  /// 1/2 - 1/k to 1/2 + 1/k.
  public func primitive(_ x: Scalar) -> Scalar {
    let z = slope * x
    switch kind {
    case .fastSigmoid: return 1 / 2 + x / (1 + z.magnitude)
    case .atan: return 1 / 2 + Scalar.arcTangent(.pi / 2 * z) / .pi
    case .sigmoid:
      // exp of a negative number only: no slope overflows.
      let e = Scalar.exponential(-z.magnitude)
      return (z < 0 ? e : 1) / (1 + e)
    case .triangular:
      let y = min(max(z, -1), 1)
      return 1 / 2 + y - y * y.magnitude / 2
    case .rectangular: return 1 / 2 + min(max(z, -1 / 2), 1 / 2)
    }
  }

  /// h of every lane.
  @inline(__always)
  func derivative(_ x: SIMD16<Scalar>) -> SIMD16<Scalar> {
    let z = x * slope
    switch kind {
    case .fastSigmoid:
      let d = z.magnitudes + 1
      return 1 / (d * d)
    case .atan:
      let y = z * (.pi / 2)
      return (slope / 2) / (y * y + 1)
    case .sigmoid:
      let e = z.map { Scalar.exponential(-$0.magnitude) }
      let d = e + 1
      return e / (d * d) * slope
    case .triangular: return (1 - z.magnitudes).rectified * slope
    case .rectangular: return (1 / 2 - z.magnitudes).heaviside * slope
    }
  }
}
