import SpindleFiles

/// A structured array of one dimension from a .npy file: records, each with the same named fields, as
/// event cameras' events are kept ("t", "x", "y", "p").
public struct NumPyRecords: Sendable, Equatable {
  /// The number of records.
  public let count: Int
  private let fields: [NumPyHeader.Field]
  private let file: [UInt8]
  private let start: Int

  /// Whether the content of a .npy file is a structured array; false where it is no .npy file.
  public static func isContent(_ bytes: [UInt8]) -> Bool {
    guard let header = try? NumPyHeader(of: bytes) else { return false }
    return header.fields.contains { !$0.name.isEmpty }
  }

  /// Reads the content of a .npy file. O(1), but for the copy of the bytes.
  ///
  /// - Throws: the case of `NumPyError` for the first fault found; for an array of more dimensions, or
  ///   without fields, `notRecords`.
  public init(bytes file: [UInt8]) throws(NumPyError) {
    let header = try NumPyHeader(of: file)
    guard header.shape.count == 1, header.fields.allSatisfy({ !$0.name.isEmpty }) else {
      throw .notRecords(shape: header.shape)
    }
    try header.checkSize(of: file)
    count = header.shape[0]
    fields = header.fields
    start = header.dataStart
    self.file = file
  }

  /// The names of the fields, in the order of the file.
  public var names: [String] { fields.map(\.name) }

  /// A field of all records, as an array [count].
  ///
  /// - Throws: `missingField`; `invalidBoolean`.
  public func field(_ name: String) throws(NumPyError) -> NumPyArray {
    guard let place = fields.firstIndex(where: { $0.name == name }) else {
      throw .missingField(name, known: names)
    }
    let sizes = fields.map(\.type.scalarType.byteCount)
    let (size, stride) = (sizes[place], sizes.reduce(0, +))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * size)
    var first = start + sizes[..<place].reduce(0, +)
    for _ in 0..<count {
      if fields[place].isBigEndian {
        for byte in (first..<first + size).reversed() { bytes.append(file[byte]) }
      } else {
        for byte in first..<first + size { bytes.append(file[byte]) }
      }
      first += stride
    }
    return try NumPyArray(fields[place].type, shape: [count], bytes: bytes)
  }
}

extension NumPyHeader {
  /// Refuses a file that does not end where its array does.
  func checkSize(of file: [UInt8]) throws(NumPyError) {
    let size = fields.reduce(0) { $0 + $1.type.scalarType.byteCount }
    guard let expected = elementCount(of: shape + [size]) else { throw .shapeOverflow(shape) }
    guard expected == file.count - dataStart else {
      throw .sizeMismatch(expected: expected, found: file.count - dataStart)
    }
  }
}
