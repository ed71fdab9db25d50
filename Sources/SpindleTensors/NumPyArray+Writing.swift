import SpindleFiles

extension NumPyArray {
  /// A float32 array with `values` in row-major order.
  ///
  /// - Throws: `shapeOverflow`, or `sizeMismatch` where the product of `shape` is not the number of
  ///   values.
  public init(shape: [Int], _ values: [Float]) throws(NumPyError) {
    try self.init(type: .float32, shape: shape, bytes: rawBytes(of: values))
  }

  /// An int32 array with `values` in row-major order.
  ///
  /// - Throws: as the initializer from Float does.
  public init(shape: [Int], _ values: [Int32]) throws(NumPyError) {
    try self.init(type: .int32, shape: shape, bytes: rawBytes(of: values))
  }

  private init(type: ElementType, shape: [Int], bytes: [UInt8]) throws(NumPyError) {
    guard shape.allSatisfy({ $0 >= 0 }),
      let expected = elementCount(of: shape + [type.scalarType.byteCount])
    else { throw .shapeOverflow(shape) }
    guard expected == bytes.count else {
      throw .sizeMismatch(expected: expected, found: bytes.count)
    }
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }

  /// The bytes of a .npy file of version 1.0, padded as NumPy pads: the data begin at a multiple of
  /// 64 bytes.
  public func encoded() -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '\(type.rawValue)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let prefix = 10
    let length = (prefix + text.utf8.count + 1 + 63) / 64 * 64 - prefix
    let padding = String(repeating: " ", count: length - text.utf8.count - 1)
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    return magic + rawBytes(of: [UInt16(length)]) + Array((text + padding + "\n").utf8) + bytes
  }

  /// Writes the file at `path` through `AtomicFile`: on an error an old file stays as it was.
  ///
  /// - Throws: `file` if the system refuses.
  public func write(to path: String) throws(NumPyError) {
    try rethrowing(try AtomicFile.write(encoded(), to: path), as: NumPyError.file)
  }
}
