import SpindleJSON

/// Numbers with a shape, in row-major order: the last index is contiguous.
public struct Tensor: Sendable, Equatable {
  /// Outermost size first.
  public let shape: [Int]
  /// All numbers, in row-major order.
  public let values: [Float]

  /// Gives `values` a shape; their number must fit it, and NaN and infinity are errors.
  public init(shape: [Int], values: [Float]) throws(SpindleError) {
    try require(
      try shape.volume(of: "a tensor") == values.count, "a tensor's values", shape: shape,
      [values.count])
    try values.checkFinite("a tensor")
    self.shape = shape
    self.values = values
  }

  /// Numbers of a shape known to fit.
  init(uncheckedShape shape: [Int], values: [Float]) {
    self.shape = shape
    self.values = values
  }

  /// The number at [b, t, n] of a tensor of three dimensions; indices out of range, or another
  /// number of dimensions, end the program, as an array's do. O(1).
  public subscript(_ b: Int, _ t: Int, _ n: Int) -> Float {
    values[(b * shape[1] + t) * shape[2] + n]
  }
}

extension [Int] {
  /// The product of sizes, none of them negative.
  package func volume(of what: String) throws(SpindleError) -> Int {
    var product = 1
    for size in self {
      guard size >= 0 else {
        throw .invalidSize(what: "a size of \(what)", got: size, maximum: Limits.size)
      }
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      guard !overflow, next <= Int.max / 64 else { throw .sizeOverflow(what: what) }
      product = next
    }
    return product
  }
}

/// Limits of sizes.
package enum Limits {
  /// The largest batch, number of steps, neurons or inputs.
  package static let size = Format<Int>.largestCount

  /// Refuses a size that is not from 1 to the limit.
  package static func check(_ size: Int, _ what: String) throws(SpindleError) {
    guard size >= 1, size <= Self.size else {
      throw .invalidSize(what: what, got: size, maximum: Self.size)
    }
  }
}

extension [Float] {
  /// Refuses NaN and infinity.
  func checkFinite(_ what: String) throws(SpindleError) {
    // A sum of products with zero is NaN exactly where one of them is not finite, and is fast.
    var probe: Float = 0
    for value in self { probe += value * 0 }
    guard probe.isNaN, let index = firstIndex(where: { !$0.isFinite }) else { return }
    throw .notFinite(what: what, index: index, got: self[index])
  }
}
