import SpindleTensors

/// The type of a dataset's elements, of those that are read.
public indirect enum HDF5Type: Sendable, Equatable {
  /// An integer or an IEEE floating-point number.
  case number(ScalarType, isBigEndian: Bool)
  /// Numbers with names; h5py writes bools so, with the names FALSE and TRUE.
  case enumeration(ScalarType, isBigEndian: Bool, names: [String])
  /// A text in so many bytes, filled up with NULs or spaces.
  case fixedString(byteCount: Int, isPaddedBySpaces: Bool)
  /// A text of any length.
  case string
  /// As many elements as there are, for each element of the dataset: a row.
  case variableLength(HDF5Type)
}

extension HDF5Type {
  /// Bytes of an element in a file; a text or row of variable length is a reference to a heap.
  func byteCount(_ image: Image) -> Int {
    switch self {
    case .number(let type, _), .enumeration(let type, _, _): type.byteCount
    case .fixedString(let count, _): count
    case .string, .variableLength: 4 + image.offsetSize + 4
    }
  }

  /// The numbers' type and order, of an enumeration too; nil for all that is no number.
  var scalar: (type: ScalarType, isBigEndian: Bool)? {
    switch self {
    case .number(let type, let order), .enumeration(let type, let order, _): (type, order)
    case .fixedString, .string, .variableLength: nil
    }
  }
}

extension HDF5Type {
  /// The type of the numbers, of an enumeration too; nil for all that is no number.
  public var scalarType: ScalarType? { scalar?.type }
}

extension HDF5Type: CustomStringConvertible {
  /// A few words.
  public var description: String {
    switch self {
    case .number(let type, let isBigEndian):
      isBigEndian ? "big-endian \(type.rawValue)" : type.rawValue
    case .enumeration(let type, _, _): "an enumeration over \(type.rawValue)"
    case .fixedString(let count, _): "texts of \(count) bytes"
    case .string: "texts"
    case .variableLength(let type): "rows of \(type)"
    }
  }
}
