#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A number that the reference can compute with: `Double` as the oracle, `Float` as the baseline.
///
/// The underscored requirement compares whole vectors. It is written once for each concrete type
/// because generic SIMD comparisons compile to a loop over the lanes.
public protocol ReferenceScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable
where SIMD16Storage: Sendable {
  /// e to the power of `x`.
  static func exponential(_ x: Self) -> Self
  /// The natural logarithm of `x`.
  static func logarithm(_ x: Self) -> Self
  /// The angle in radians whose tangent is `x`.
  static func arcTangent(_ x: Self) -> Self
  /// The lanes where `x > 0`.
  static func _isPositive(_ x: SIMD16<Self>) -> SIMDMask<SIMD16<Self>.MaskStorage>
}

extension Double: ReferenceScalar {
  /// e to the power of `x`.
  public static func exponential(_ x: Double) -> Double { exp(x) }
  /// The natural logarithm of `x`.
  public static func logarithm(_ x: Double) -> Double { log(x) }
  /// The angle in radians whose tangent is `x`.
  public static func arcTangent(_ x: Double) -> Double { atan(x) }

  /// The lanes where `x > 0`.
  @inline(__always)
  public static func _isPositive(_ x: SIMD16<Double>) -> SIMDMask<SIMD16<Int64>> { x .> 0 }
}

extension Float: ReferenceScalar {
  /// e to the power of `x`.
  public static func exponential(_ x: Float) -> Float { expf(x) }
  /// The natural logarithm of `x`.
  public static func logarithm(_ x: Float) -> Float { logf(x) }
  /// The angle in radians whose tangent is `x`.
  public static func arcTangent(_ x: Float) -> Float { atanf(x) }

  /// The lanes where `x > 0`.
  @inline(__always)
  public static func _isPositive(_ x: SIMD16<Float>) -> SIMDMask<SIMD16<Int32>> { x .> 0 }
}

extension SIMD16 where Scalar: ReferenceScalar {
  /// `transform` of every lane.
  @inline(__always)
  func map(_ transform: (Scalar) -> Scalar) -> Self {
    var result = self
    for lane in 0..<16 { result[lane] = transform(self[lane]) }
    return result
  }

  /// The absolute value of every lane.
  @inline(__always)
  var magnitudes: Self { map { $0.magnitude } }

  /// 1 in the lanes that are greater than 0, 0 in the others (also where NaN).
  @inline(__always)
  var heaviside: Self { Self.zero.replacing(with: 1, where: Scalar._isPositive(self)) }

  /// 0 in the lanes that are less than 0.
  @inline(__always)
  var rectified: Self { replacing(with: 0, where: Scalar._isPositive(-self)) }
}
