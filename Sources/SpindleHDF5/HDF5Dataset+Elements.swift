import SpindleTensors

extension HDF5Dataset {
  /// The elements in row-major order, each as the nearest Double; all numbers but 64-bit integers
  /// are exact.
  ///
  /// - Throws: `wrongType` where they are no numbers; what is wrong with the file.
  public func readDoubles() throws(HDF5Error) -> [Double] {
    let (type, bytes) = try littleEndian()
    return type.doubles(from: bytes)
  }

  /// The elements in row-major order, each as the nearest Float.
  ///
  /// - Throws: as `readDoubles()`.
  public func readFloats() throws(HDF5Error) -> [Float] {
    let (type, bytes) = try littleEndian()
    return type.floats(from: bytes)
  }

  /// The elements in row-major order.
  ///
  /// - Throws: `wrongType` where they are no integers or one is above Int.max; what is wrong with the
  ///   file.
  public func readIntegers() throws(HDF5Error) -> [Int] {
    let (type, bytes) = try littleEndian()
    guard let integers = type.integers(from: bytes) else {
      throw .wrongType(object: path, expected: "integers", found: self.type.description)
    }
    return integers
  }

  /// The texts in row-major order.
  ///
  /// - Throws: `wrongType` where they are no texts, `damaged` where one is not in UTF-8.
  public func readStrings() throws(HDF5Error) -> [String] {
    switch type {
    case .fixedString(let size, let isPaddedBySpaces):
      let bytes = try bytes()
      var strings: [String] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        strings.append(try text(bytes[start..<start + size], isPaddedBySpaces))
      }
      return strings
    case .string:
      var strings: [String] = []
      for range in try heapRanges(elementSize: 1) {
        strings.append(try text(header.image.bytes[range], false))
      }
      return strings
    case .number, .enumeration, .variableLength:
      throw .wrongType(object: path, expected: "texts", found: type.description)
    }
  }

  /// The rows of a dataset of variable length: one for each element, in row-major order.
  ///
  /// - Throws: `wrongType` where the elements are no rows of numbers; what is wrong with the file.
  public func readRows() throws(HDF5Error) -> HDF5Rows {
    guard case .variableLength(let element) = type, let scalar = element.scalar else {
      throw .wrongType(
        object: path, expected: "rows of numbers of variable length", found: type.description)
    }
    let ranges = try heapRanges(elementSize: scalar.type.byteCount)
    return HDF5Rows(header.image, path: path, scalar.type, scalar.isBigEndian, ranges)
  }

  private func littleEndian() throws(HDF5Error) -> (ScalarType, [UInt8]) {
    guard let (type, isBigEndian) = type.scalar else {
      throw .wrongType(object: path, expected: "numbers", found: type.description)
    }
    var bytes = try bytes()
    if isBigEndian { reverse(&bytes, elementSize: type.byteCount) }
    return (type, bytes)
  }

  private func text(
    _ bytes: ArraySlice<UInt8>, _ isPaddedBySpaces: Bool
  ) throws(HDF5Error) -> String {
    var bytes = bytes.prefix { $0 != 0 }
    if isPaddedBySpaces { while bytes.last == UInt8(ascii: " ") { bytes.removeLast() } }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .damaged(
        object: path, offset: header.address, reason: "expected texts in UTF-8, found other bytes")
    }
    return text
  }

  /// The places in the file of what the elements refer to.
  private func heapRanges(elementSize: Int) throws(HDF5Error) -> [Range<Int>] {
    let references = try bytes()
    // Addresses are read as those of the file, of which the references are a copy.
    let image = Image(
      bytes: references, base: 0, offsetSize: header.image.offsetSize,
      lengthSize: header.image.lengthSize)
    var cursor = Cursor(image, 0..<references.count, object: path)
    var heaps = GlobalHeaps(header.image, object: path)
    var total = 0
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(count)
    for _ in 0..<count {
      let length = try cursor.count(4)
      let word = try cursor.unsigned(image.offsetSize)
      let index = try cursor.count(4)
      guard length > 0 else {
        ranges.append(0..<0)
        continue
      }
      guard let address = Int(exactly: word),
        address <= header.image.bytes.count - header.image.base
      else {
        throw .damaged(
          object: path, offset: header.address, reason: "a heap at \(word), beyond the file's end")
      }
      let range = try heaps.range(at: address + header.image.base, index: index)
      let byteCount = length * elementSize
      // What is read together is in the file once.
      total += byteCount
      guard byteCount <= range.count, total <= header.image.bytes.count else {
        throw .damaged(
          object: path, offset: range.lowerBound,
          reason: "a row of \(byteCount) bytes, while the heap's object has \(range.count)")
      }
      ranges.append(range.lowerBound..<range.lowerBound + byteCount)
    }
    return ranges
  }
}

/// Turns the bytes of each element about.
func reverse(_ bytes: inout [UInt8], elementSize: Int) {
  guard elementSize > 1 else { return }
  for start in stride(from: 0, to: bytes.count - elementSize + 1, by: elementSize) {
    for place in 0..<elementSize / 2 {
      bytes.swapAt(start + place, start + elementSize - 1 - place)
    }
  }
}
