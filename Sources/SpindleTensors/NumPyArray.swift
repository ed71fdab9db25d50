import SpindleFiles

/// An array from a NumPy .npy file, versions 1.0 to 3.0
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
///
/// Floating-point numbers of 2, 4 and 8 bytes, integers with and without sign of 1, 2, 4 and 8 bytes
/// and bools are read, in either byte order and in C or Fortran order; the file must end where the
/// array does.
public struct NumPyArray: Sendable, Equatable {
  /// The element types read, with NumPy's `descr`, in little-endian order, as raw value.
  public enum ElementType: String, Sendable, CaseIterable {
    /// IEEE 754 binary16.
    case float16 = "<f2"
    /// IEEE 754 binary32.
    case float32 = "<f4"
    /// IEEE 754 binary64.
    case float64 = "<f8"
    /// Two's complement, 1 byte.
    case int8 = "|i1"
    /// Two's complement, 2 bytes.
    case int16 = "<i2"
    /// Two's complement, 4 bytes.
    case int32 = "<i4"
    /// Two's complement, 8 bytes.
    case int64 = "<i8"
    /// One unsigned byte.
    case uint8 = "|u1"
    /// Unsigned, 2 bytes.
    case uint16 = "<u2"
    /// Unsigned, 4 bytes.
    case uint32 = "<u4"
    /// Unsigned, 8 bytes.
    case uint64 = "<u8"
    /// One byte, 0 or 1.
    case bool = "|b1"

    /// The type that converts the bytes.
    var scalarType: ScalarType {
      switch self {
      case .float16: .f16
      case .float32: .f32
      case .float64: .f64
      case .int8: .i8
      case .int16: .i16
      case .int32: .i32
      case .int64: .i64
      case .uint8: .u8
      case .uint16: .u16
      case .uint32: .u32
      case .uint64: .u64
      case .bool: .bool
      }
    }
  }

  /// The type of the elements.
  public let type: ElementType
  /// The dimensions, the slowest first; empty for a single element.
  public let shape: [Int]
  /// The elements, little-endian and in row-major order.
  public let bytes: [UInt8]

  /// Reads the content of a .npy file.
  ///
  /// O(n).
  ///
  /// - Throws: the case of `NumPyError` for the first fault found.
  public init(bytes file: [UInt8]) throws(NumPyError) {
    let header = try NumPyHeader(of: file)
    guard header.fields.count == 1, let field = header.fields.first, field.name.isEmpty else {
      throw .structured(fields: header.fields.map(\.name))
    }
    try header.checkSize(of: file)
    type = field.type
    shape = header.shape
    bytes = Self.elements(of: file, header, field)
    try checkBooleans()
  }

  /// Elements that are known to fit the shape, little-endian and in row-major order.
  init(_ type: ElementType, shape: [Int], bytes: [UInt8]) throws(NumPyError) {
    (self.type, self.shape, self.bytes) = (type, shape, bytes)
    try checkBooleans()
  }

  private func checkBooleans() throws(NumPyError) {
    guard type == .bool, let place = bytes.firstIndex(where: { $0 > 1 }) else { return }
    throw .invalidBoolean(index: place, found: bytes[place])
  }

  /// Reads the regular file at `path`, which has to fit in memory twice.
  ///
  /// - Throws: `file` if it cannot be read, else `inFile` with the path and the fault found.
  public init(contentsOf path: String) throws(NumPyError) {
    let bytes = try rethrowing(try readFile(path), as: NumPyError.file)
    self = try rethrowing(try NumPyArray(bytes: bytes)) { (error: NumPyError) in
      NumPyError.inFile(path: path, error)
    }
  }

  /// The number of elements.
  public var count: Int { bytes.count / type.scalarType.byteCount }

  /// The elements in row-major order, each as the nearest Float.
  ///
  /// float32, bool (true is 1) and all types of 8 and 16 bits are exact, the others are rounded.
  /// O(n).
  public func floats() -> [Float] { type.scalarType.floats(from: bytes) }

  /// The elements in row-major order, each as the nearest Double.
  ///
  /// All types but int64 and uint64 are exact. O(n).
  public func doubles() -> [Double] { type.scalarType.doubles(from: bytes) }

  /// The elements in row-major order, as integers; true is 1.
  ///
  /// O(n).
  ///
  /// - Throws: `notIntegers` for floating-point numbers, and for uint64 with a number above Int.max.
  public func integers() throws(NumPyError) -> [Int] {
    guard let integers = type.scalarType.integers(from: bytes) else { throw .notIntegers(type) }
    return integers
  }
}
