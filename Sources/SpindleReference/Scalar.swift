import Foundation

/// A number to compute with: `Double` for the definition itself, `Float` to see what float32 makes
/// of it.
public typealias ReferenceScalar = BinaryFloatingPoint & Sendable

/// e to the power of `x`.
func exp<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar { Scalar(Foundation.exp(Double(x))) }

/// The natural logarithm of `x`.
func log<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar { Scalar(Foundation.log(Double(x))) }

/// The angle in radians whose tangent is `x`.
func atan<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar { Scalar(Foundation.atan(Double(x))) }
