import Spindle

extension Surrogate {
  /// h(x), which stands in backward for the derivative of a spike by x = u - theta: that of the kind,
  /// scaled to the peak and cut off at the support.
  public func derivative<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
    if let support, x.magnitude >= Scalar(support) { return 0 }
    let h: Scalar = derivativeOfKind(x)
    return scale() * h
  }

  /// S(x) with S' = h and S(0) = 1/2: the smooth spike of ``SpikeRule/smooth(resets:)``. Without peak
  /// and support all kinds run from 0 to 1, but for `fastSigmoid`, which runs from 1/2 - 1/k to
  /// 1/2 + 1/k.
  public func primitive<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
    let edge: Scalar = support.map { Scalar($0) } ?? .infinity
    let half: Scalar = 1 / 2
    let within: Scalar = primitiveOfKind(min(max(x, -edge), edge))
    return half + scale() * (within - half)
  }

  /// The peak over that of the kind.
  private func scale<Scalar: ReferenceScalar>() -> Scalar {
    guard let peak else { return 1 }
    let ofKind: Scalar = derivativeOfKind(0)
    return Scalar(peak) / ofKind
  }

  /// The formulas stand at `Surrogate.Kind`.
  private func derivativeOfKind<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
    let k = Scalar(slope)
    let z = k * x
    switch kind {
    case .fastSigmoid:
      let d = 1 + z.magnitude
      return 1 / (d * d)
    case .atan:
      let y = z * .pi / 2
      return k / 2 / (1 + y * y)
    case .sigmoid:
      // Symmetric in z; exp of a negative number only, so that no slope overflows.
      let e = exp(-z.magnitude)
      return k * e / ((1 + e) * (1 + e))
    case .triangular: return k * max(0, 1 - z.magnitude)
    case .rectangular: return z.magnitude < 1 / 2 ? k : 0
    }
  }

  private func primitiveOfKind<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
    let z = Scalar(slope) * x
    let half: Scalar = 0.5
    switch kind {
    case .fastSigmoid: return half + x / (1 + z.magnitude)
    case .atan: return half + atan(z * .pi / 2) / .pi
    case .sigmoid:
      let e = exp(-z.magnitude)
      return (z < 0 ? e : 1) / (1 + e)
    case .triangular:
      let y = min(max(z, -1), 1)
      let square: Scalar = y * y.magnitude
      return half + y - square / 2
    case .rectangular: return half + min(max(z, -half), half)
    }
  }
}
