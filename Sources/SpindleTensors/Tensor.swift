extension SafetensorsFile {
  /// A named array in row-major order.
  public struct Tensor: Sendable, Equatable {
    /// The name in the file; any text but `__metadata__`.
    public let name: String
    /// The type of the elements.
    public let type: ScalarType
    /// The dimensions, the slowest first; empty for a single element.
    public let shape: [Int]
    /// The elements as they stand in the file, little-endian.
    public let bytes: [UInt8]
  }
}

extension SafetensorsFile.Tensor {
  /// An F32 tensor with `values` in row-major order.
  ///
  /// - Throws: `negativeDimension`, `shapeOverflow`, or `countMismatch` where the product of
  ///   `shape` is not the number of values.
  public init(_ name: String, shape: [Int], _ values: [Float]) throws(SafetensorsError) {
    try Self.check(name, shape: shape, count: values.count)
    self.init(name: name, type: .f32, shape: shape, bytes: rawBytes(of: values))
  }

  /// An F64 tensor of these little-endian bytes, 8 for each element.
  ///
  /// - Throws: as the initializer from Float does.
  package init(_ name: String, shape: [Int], float64 bytes: [UInt8]) throws(SafetensorsError) {
    try Self.check(name, shape: shape, count: bytes.count / 8)
    self.init(name: name, type: .f64, shape: shape, bytes: bytes)
  }

  /// An I32 tensor with `values` in row-major order.
  ///
  /// - Throws: as the initializer from Float does.
  public init(_ name: String, shape: [Int], _ values: [Int32]) throws(SafetensorsError) {
    try Self.check(name, shape: shape, count: values.count)
    self.init(name: name, type: .i32, shape: shape, bytes: rawBytes(of: values))
  }

  /// A tensor of integers of a type, I8, I16, I32, U8 or U16, with `values` in row-major order.
  ///
  /// - Throws: as the initializer from Float does, and `notIntegers` for another type or where a
  ///   value does not fit it.
  package init(
    _ name: String, shape: [Int], _ type: ScalarType, _ values: [Int]
  ) throws(SafetensorsError) {
    try Self.check(name, shape: shape, count: values.count)
    func bytes<Number: FixedWidthInteger & BitwiseCopyable>(as _: Number.Type)
      throws(SafetensorsError) -> [UInt8]
    {
      let numbers = values.compactMap { Number(exactly: $0) }
      guard numbers.count == values.count else { throw .notIntegers(tensor: name, type: type) }
      return rawBytes(of: numbers)
    }
    switch type {
    case .i8: self.init(name: name, type: type, shape: shape, bytes: try bytes(as: Int8.self))
    case .i16: self.init(name: name, type: type, shape: shape, bytes: try bytes(as: Int16.self))
    case .i32: self.init(name: name, type: type, shape: shape, bytes: try bytes(as: Int32.self))
    case .u8: self.init(name: name, type: type, shape: shape, bytes: try bytes(as: UInt8.self))
    case .u16: self.init(name: name, type: type, shape: shape, bytes: try bytes(as: UInt16.self))
    default: throw .notIntegers(tensor: name, type: type)
    }
  }

  /// A U8 tensor with `values` in row-major order.
  ///
  /// - Throws: as the initializer from Float does.
  public init(_ name: String, shape: [Int], _ values: [UInt8]) throws(SafetensorsError) {
    try Self.check(name, shape: shape, count: values.count)
    self.init(name: name, type: .u8, shape: shape, bytes: values)
  }

  /// The number of elements.
  public var count: Int { bytes.count / type.byteCount }

  /// The elements in row-major order, each as the nearest Float.
  ///
  /// F32 and all types of 8 and 16 bits are exact, the others are rounded, an F64 beyond Float's
  /// range to infinity. O(n).
  public func floats() -> [Float] { type.floats(from: bytes) }

  /// The elements in row-major order, each as the nearest Double.
  ///
  /// All types but I64 and U64 are exact. O(n).
  public func doubles() -> [Double] { type.doubles(from: bytes) }

  /// The elements in row-major order, as integers.
  ///
  /// O(n).
  ///
  /// - Throws: `notIntegers` for a floating-point type, and for U64 with a number above Int.max.
  public func integers() throws(SafetensorsError) -> [Int] {
    guard let integers = type.integers(from: bytes) else {
      throw .notIntegers(tensor: name, type: type)
    }
    return integers
  }

  private static func check(
    _ name: String, shape: [Int], count: Int
  ) throws(SafetensorsError) {
    guard shape.allSatisfy({ $0 >= 0 }) else {
      throw .negativeDimension(tensor: name, shape: shape)
    }
    guard let expected = elementCount(of: shape) else {
      throw .shapeOverflow(tensor: name, shape: shape)
    }
    guard expected == count else {
      throw .countMismatch(tensor: name, shape: shape, found: count)
    }
  }
}
