import SpindleTensors

/// What a file that is written holds: groups by name, and arrays.
public indirect enum HDF5Node: Sendable, Equatable {
  /// A group's members.
  case group([String: HDF5Node])
  /// A dataset of so many dimensions, the slowest first, its elements in row-major order.
  case dataset(shape: [Int], HDF5Elements)

  /// A dataset of one text.
  public static func text(_ text: String) -> HDF5Node { .dataset(shape: [], .texts([text])) }
}

/// The elements of a dataset that is written, little-endian; texts in UTF-8, of variable length.
public enum HDF5Elements: Sendable, Equatable {
  /// IEEE 754 binary32.
  case float32([Float])
  /// IEEE 754 binary64.
  case float64([Double])
  /// Two's complement, 8 bytes.
  case int64([Int])
  /// Texts, of which none holds a NUL.
  case texts([String])

  /// How many there are.
  public var count: Int {
    switch self {
    case .float32(let values): values.count
    case .float64(let values): values.count
    case .int64(let values): values.count
    case .texts(let values): values.count
    }
  }

  /// The datatype message, padded (IV.A.2.d).
  var typeMessage: [UInt8] {
    switch self {
    case .float32:
      [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0, 0, 0, 0, 0]
    case .float64:
      [0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xFF, 3, 0, 0, 0, 0, 0, 0]
    case .int64: [0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0]
    // A variable length of characters of one byte in UTF-8.
    case .texts: [0x19, 1, 1, 0, 16, 0, 0, 0, 0x13, 0x10, 0, 0, 1, 0, 0, 0]
    }
  }
}
