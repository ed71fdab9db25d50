import SpindleJSON

extension SafetensorsError: CustomStringConvertible {
  /// One sentence saying what was expected and what came.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .inFile(let path, let error): "\(path): \(error)"
    case .fileTooShort, .headerTooLong, .headerBeyondFile, .headerNotObject, .headerNotUTF8,
      .headerSyntax:
      headerDescription
    case .unknownType, .unknownField, .missingField, .wrongOffsetCount, .offsetsReversed,
      .offsetsOutOfRange, .shapeOverflow, .sizeMismatch, .overlap, .uncoveredBytes:
      entryDescription
    case .negativeDimension, .countMismatch, .duplicateTensor, .reservedName, .missingTensor,
      .notIntegers, .notWritable:
      useDescription
    }
  }

  /// Of the file's frame and the header's syntax.
  private var headerDescription: String {
    switch self {
    case .fileTooShort(let count):
      "expected at least 8 bytes for the header's length, found \(count) bytes"
    case .headerTooLong(let count):
      "expected a header of at most \(SafetensorsFile.largestHeader) bytes, found \(count)"
    case .headerBeyondFile(let count, let available):
      "expected a header of \(count) bytes, found \(available) bytes to the end of the file"
    case .headerNotObject(let found): "expected the header to begin with '{', found \(found)"
    case .headerNotUTF8: "expected the header in UTF-8, found other bytes"
    case .headerSyntax(let byte, let expected, let found):
      "expected \(expected) at byte \(byte) of the header's JSON, found \(found)"
    default: ""
    }
  }

  /// Of what the header says about the tensors.
  private var entryDescription: String {
    switch self {
    case .unknownType(let tensor, let found):
      "expected one of the types \(ScalarType.list) for tensor \(quoted(tensor)), "
        + "found \(quoted(found))"
    case .unknownField(let tensor, let field):
      "expected only the fields dtype, shape and data_offsets in tensor \(quoted(tensor)), "
        + "found \(quoted(field))"
    case .missingField(let tensor, let field):
      "expected the field \(field) in tensor \(quoted(tensor)), found none"
    case .wrongOffsetCount(let tensor, let found):
      "expected two data_offsets in tensor \(quoted(tensor)), found \(found)"
    case .offsetsReversed(let tensor, let begin, let end):
      "expected the data of tensor \(quoted(tensor)) to begin before it ends, "
        + "found the offsets \(begin) and \(end)"
    case .offsetsOutOfRange(let tensor, let end, let available):
      "expected the data of tensor \(quoted(tensor)) within the file's \(available) bytes of "
        + "data, found the end \(end)"
    case .shapeOverflow(let tensor, let shape):
      "expected the size of tensor \(quoted(tensor)) to be at most \(Int.max) bytes, "
        + "found the shape \(abridged(shape))"
    case .sizeMismatch(let tensor, let expected, let found):
      "expected \(expected) bytes of data for the shape and type of tensor \(quoted(tensor)), "
        + "found \(found)"
    case .overlap(let tensor, let other):
      "expected every byte of data in one tensor, found some in both \(quoted(other)) and "
        + quoted(tensor)
    case .uncoveredBytes(let begin, let end):
      "expected every byte of data in a tensor, found bytes \(begin) to \(end) in none"
    default: ""
    }
  }

  /// Of what a caller asked for.
  private var useDescription: String {
    switch self {
    case .negativeDimension(let tensor, let shape):
      "expected dimensions from 0 for tensor \(quoted(tensor)), "
        + "found the shape \(abridged(shape))"
    case .countMismatch(let tensor, let shape, let found):
      "expected as many values for tensor \(quoted(tensor)) as its shape \(abridged(shape)) "
        + "has places, found \(found)"
    case .duplicateTensor(let name): "expected every tensor name once, found \(quoted(name)) twice"
    case .reservedName:
      "expected a tensor name other than \(quoted(SafetensorsFile.metadataKey)), "
        + "which the format keeps for the metadata, found it"
    case .missingTensor(let name): "expected a tensor named \(quoted(name)), found none"
    case .notIntegers(let tensor, let type):
      "expected integers in tensor \(quoted(tensor)), "
        + "found \(type.rawValue)"
    case .notWritable(let tensor, let type):
      "expected one of the types F64, F32, I32 and U8 to write tensor \(quoted(tensor)), "
        + "found \(type.rawValue)"
    default: ""
    }
  }
}

extension ScalarType {
  fileprivate static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
