import SpindleFiles

/// An array from a NumPy .npy file, versions 1.0 to 3.0
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
///
/// Little-endian f4, f8, i4 and i8, u1 and b1, all in C order, are read; the file must end where
/// the array does.
public struct NumPyArray: Sendable, Equatable {
  /// The element types read, with NumPy's `descr` as raw value.
  public enum ElementType: String, Sendable, CaseIterable {
    /// IEEE 754 binary32.
    case float32 = "<f4"
    /// IEEE 754 binary64.
    case float64 = "<f8"
    /// Two's complement, 4 bytes.
    case int32 = "<i4"
    /// Two's complement, 8 bytes.
    case int64 = "<i8"
    /// One unsigned byte.
    case uint8 = "|u1"
    /// One byte, 0 or 1.
    case bool = "|b1"

    /// The type that converts the bytes.
    var scalarType: ScalarType {
      switch self {
      case .float32: .f32
      case .float64: .f64
      case .int32: .i32
      case .int64: .i64
      case .uint8, .bool: .u8
      }
    }
  }

  /// The type of the elements.
  public let type: ElementType
  /// The dimensions, the slowest first; empty for a single element.
  public let shape: [Int]
  /// The elements as they stand in the file, little-endian and in row-major order.
  public let bytes: [UInt8]

  /// Reads the content of a .npy file.
  ///
  /// O(n).
  ///
  /// - Throws: the case of `NumPyError` for the first fault found.
  public init(bytes file: [UInt8]) throws(NumPyError) {
    let header = try NumPyHeader(of: file)
    let size = header.type.scalarType.byteCount
    guard let expected = elementCount(of: header.shape + [size]) else {
      throw .shapeOverflow(header.shape)
    }
    guard expected == file.count - header.dataStart else {
      throw .sizeMismatch(expected: expected, found: file.count - header.dataStart)
    }
    type = header.type
    shape = header.shape
    bytes = Array(file[header.dataStart...])
    if type == .bool, let place = bytes.firstIndex(where: { $0 > 1 }) {
      throw .invalidBoolean(index: place, found: bytes[place])
    }
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
  /// float32, uint8 and bool (true is 1) are exact, the others are rounded. O(n).
  public func floats() -> [Float] { type.scalarType.floats(from: bytes) }

  /// The elements in row-major order, each as the nearest Double.
  ///
  /// All types but int64 are exact. O(n).
  public func doubles() -> [Double] { type.scalarType.doubles(from: bytes) }

  /// The elements in row-major order, as integers; true is 1.
  ///
  /// O(n).
  ///
  /// - Throws: `notIntegers` for float32 and float64.
  public func integers() throws(NumPyError) -> [Int] {
    guard let integers = type.scalarType.integers(from: bytes) else { throw .notIntegers(type) }
    return integers
  }
}
