import SpindleFiles

/// Why a safetensors file was refused; each case says what was expected and what came.
///
/// Data offsets are relative to the end of the header.
public enum SafetensorsError: Error, Equatable, Sendable {
  /// The file could not be read or written at all.
  case file(FileError)
  /// The error met in the file at this path.
  indirect case inFile(path: String, SafetensorsError)

  /// The file has no room for the eight bytes of the header's length.
  case fileTooShort(byteCount: Int)
  /// The header's length is above `SafetensorsFile.largestHeader`.
  case headerTooLong(byteCount: UInt64)
  /// The header would end after the file does.
  case headerBeyondFile(byteCount: Int, available: Int)
  /// The header does not begin with an opening brace.
  case headerNotObject(found: String)
  /// The header is not UTF-8.
  case headerNotUTF8
  /// The header is not JSON, has a key twice, or is not of the form the format asks for; a byte
  /// offset in the JSON, which begins at byte 8 of the file.
  case headerSyntax(byte: Int, expected: String, found: String)

  /// The type is none of `ScalarType`.
  case unknownType(tensor: String, found: String)
  /// A tensor's entry has a field other than `dtype`, `shape` and `data_offsets`.
  case unknownField(tensor: String, field: String)
  /// A tensor's entry lacks this field.
  case missingField(tensor: String, field: String)
  /// `data_offsets` does not hold two numbers.
  case wrongOffsetCount(tensor: String, found: Int)
  /// The data would end before it begins.
  case offsetsReversed(tensor: String, begin: Int, end: Int)
  /// The data would end after the file does.
  case offsetsOutOfRange(tensor: String, end: Int, available: Int)
  /// The product of the dimensions, or its size in bytes, is above Int.max.
  case shapeOverflow(tensor: String, shape: [Int])
  /// The data's size is not that of the shape and the type.
  case sizeMismatch(tensor: String, expected: Int, found: Int)
  /// The data of two tensors share bytes.
  case overlap(tensor: String, other: String)
  /// These bytes of the data belong to no tensor.
  case uncoveredBytes(begin: Int, end: Int)

  /// A dimension of the shape for a new tensor is negative.
  case negativeDimension(tensor: String, shape: [Int])
  /// The number of values for a new tensor is not that of its shape.
  case countMismatch(tensor: String, shape: [Int], found: Int)
  /// Two tensors of a new file have this name.
  case duplicateTensor(String)
  /// A new tensor has the name the format keeps for the metadata.
  case reservedName
  /// The file has no tensor of this name.
  case missingTensor(String)
  /// Integers were asked of a floating-point tensor.
  case notIntegers(tensor: String, type: ScalarType)
  /// A tensor of this type can be read but not written.
  case notWritable(tensor: String, type: ScalarType)
}
