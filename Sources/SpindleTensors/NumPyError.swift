import SpindleFiles
import SpindleJSON

/// Why a .npy file was refused; each case says what was expected and what came.
public enum NumPyError: Error, Equatable, Sendable {
  /// The file could not be read at all.
  case file(FileError)
  /// The error met in the file at this path.
  indirect case inFile(path: String, NumPyError)
  /// The file does not begin with `\x93NUMPY`.
  case wrongMagic
  /// The file ends within the magic, the version or the header's length.
  case fileTooShort(byteCount: Int)
  /// The version is none of 1.0, 2.0 and 3.0.
  case unknownVersion(major: UInt8, minor: UInt8)
  /// The header would end after the file does.
  case headerBeyondFile(byteCount: Int, available: Int)
  /// The header is not the dictionary the format asks for; a byte offset in the file.
  case headerSyntax(position: Int, expected: String, found: String)
  /// A dimension is negative, above Int.max or not a decimal integer; a byte offset in the file.
  case invalidInteger(position: Int, found: String)
  /// A key of the header comes twice.
  case duplicateKey(String)
  /// A key other than `descr`, `fortran_order` and `shape`.
  case unknownKey(String)
  /// The header lacks this key.
  case missingKey(String)
  /// The type is none of `NumPyArray.ElementType`, in either byte order.
  case unknownType(String)
  /// The product of the dimensions, or its size in bytes, is above Int.max.
  case shapeOverflow([Int])
  /// The number of bytes after the header is not that of the shape and the type.
  case sizeMismatch(expected: Int, found: Int)
  /// A bool is neither 0 nor 1.
  case invalidBoolean(index: Int, found: UInt8)
  /// Single numbers were asked of an array whose elements have these fields.
  case structured(fields: [String])
  /// An array of records has no field of this name.
  case missingField(String, known: [String])
  /// Records were asked of an array of this shape that has no fields, or more than one dimension.
  case notRecords(shape: [Int])
  /// Integers were asked of a floating-point array.
  case notIntegers(NumPyArray.ElementType)
}

extension NumPyError: CustomStringConvertible {
  /// One sentence saying what was expected and what came.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .inFile(let path, let error): "\(path): \(error)"
    case .wrongMagic: "expected a .npy file to begin with \\x93NUMPY, found other bytes"
    case .fileTooShort(let count):
      "expected magic, version and header length of a .npy file, found only \(count) bytes"
    case .unknownVersion(let major, let minor):
      "expected version 1.0, 2.0 or 3.0 of the .npy format, found \(major).\(minor)"
    case .headerBeyondFile(let count, let available):
      "expected a header of \(count) bytes, found \(available) bytes to the end of the file"
    case .headerSyntax(let position, let expected, let found):
      "expected \(expected) at byte \(position) of the header, found \(found)"
    case .invalidInteger(let position, let found):
      "expected an integer from 0 to \(Int.max) at byte \(position), found \(quoted(found))"
    case .duplicateKey(let key): "expected every key once, found \(quoted(key)) twice"
    case .unknownKey(let key):
      "expected only the keys descr, fortran_order and shape, found \(quoted(key))"
    case .missingKey(let key): "expected the key \(key) in the header, found none"
    case .unknownType(let found):
      "expected one of the types \(NumPyArray.ElementType.list), found \(quoted(found))"
    case .shapeOverflow(let shape):
      "expected an array of at most \(Int.max) bytes, found the shape \(abridged(shape))"
    case .sizeMismatch(let expected, let found):
      "expected \(expected) bytes of data for the shape and type, found \(found)"
    case .invalidBoolean(let index, let found):
      "expected 0 or 1 as bool at index \(index), found \(found)"
    case .structured(let fields):
      "expected single numbers, found a structured array with the fields "
        + fields.map { quoted($0) }.joined(separator: ", ")
    case .missingField(let name, let known):
      "expected a structured array with the field \(quoted(name)), found "
        + known.map { quoted($0) }.joined(separator: ", ")
    case .notRecords(let shape):
      "expected a structured array of one dimension, found one of shape \(abridged(shape))"
    case .notIntegers(let type):
      "expected an array of integers, found one of type \(quoted(type.rawValue))"
    }
  }
}

extension NumPyArray.ElementType {
  fileprivate static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
