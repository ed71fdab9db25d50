extension NumPyArray {
  /// The elements of a file whose size fits its header, little-endian and in row-major order. O(n).
  static func elements(
    of file: [UInt8], _ header: NumPyHeader, _ field: NumPyHeader.Field
  ) -> [UInt8] {
    let size = field.type.scalarType.byteCount
    let isSwapped = field.isBigEndian && size > 1
    let isTransposed = header.isFortran && header.shape.count(where: { $0 > 1 }) > 1
    guard isSwapped || isTransposed else { return Array(file[header.dataStart...]) }
    let count = (file.count - header.dataStart) / size
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * size)
    var place = FortranPlace(shape: header.shape)
    for index in 0..<count {
      let first = header.dataStart + (isTransposed ? place.offset : index) * size
      if isSwapped {
        for byte in (first..<first + size).reversed() { bytes.append(file[byte]) }
      } else {
        bytes += file[first..<first + size]
      }
      if isTransposed { place.advance() }
    }
    return bytes
  }
}

/// Walks through an array in row-major order and tells where each element is in Fortran order, in
/// which the first index is contiguous.
private struct FortranPlace {
  private let shape: [Int]
  /// Elements between neighbours along each dimension.
  private let strides: [Int]
  private var indices: [Int]
  private(set) var offset = 0

  init(shape: [Int]) {
    self.shape = shape
    var strides: [Int] = []
    var stride = 1
    for size in shape {
      strides.append(stride)
      stride *= size
    }
    self.strides = strides
    indices = [Int](repeating: 0, count: shape.count)
  }

  /// Goes on to the next element; behind the last, to the first.
  mutating func advance() {
    for dimension in shape.indices.reversed() {
      indices[dimension] += 1
      offset += strides[dimension]
      guard indices[dimension] == shape[dimension] else { return }
      offset -= shape[dimension] * strides[dimension]
      indices[dimension] = 0
    }
  }
}
