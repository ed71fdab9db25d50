import SpindleTensors

extension HDF5Type {
  /// Reads a datatype message (IV.A.2.d); `depth` bounds types within types.
  init(_ cursor: inout Cursor, depth: Int = 0) throws(HDF5Error) {
    let head = try cursor.byte()
    let (kind, version) = (head & 15, head >> 4)
    guard (1...4).contains(version) else {
      throw cursor.unsupported("version \(version) of a datatype")
    }
    let bits = try cursor.count(3)
    let size = try cursor.count(4)
    guard size > 0 else { throw cursor.damaged("a type of no bytes") }
    guard depth < 4 else { throw cursor.damaged("types within types within types") }
    switch kind {
    case 0: self = try Self.integer(&cursor, bits, size)
    case 1: self = try Self.float(&cursor, bits, size)
    case 3:
      self = .fixedString(byteCount: size, isPaddedBySpaces: bits & 15 == 2)
    case 8: self = try Self.enumeration(&cursor, bits, size, version, depth)
    case 9:
      let element = try HDF5Type(&cursor, depth: depth + 1)
      guard size == 4 + cursor.image.offsetSize + 4 else {
        throw cursor.damaged("a reference to a heap of \(size) bytes")
      }
      self = bits & 15 == 1 ? .string : .variableLength(element)
    default: throw cursor.unsupported(Self.name(ofClass: kind), isRepackable: false)
    }
  }

  private static func name(ofClass kind: Int) -> String {
    let names = [
      2: "a time", 4: "a bit field", 5: "an opaque type", 6: "a compound type", 7: "a reference",
      10: "an array type", 11: "a complex type",
    ]
    return names[kind] ?? "a type of class \(kind)"
  }

  private static func integer(
    _ cursor: inout Cursor, _ bits: Int, _ size: Int
  ) throws(HDF5Error) -> HDF5Type {
    let offset = try cursor.count(2)
    let precision = try cursor.count(2)
    let isSigned = bits & 8 != 0
    let types: [Int: ScalarType] =
      isSigned ? [1: .i8, 2: .i16, 4: .i32, 8: .i64] : [1: .u8, 2: .u16, 4: .u32, 8: .u64]
    guard let type = types[size], offset == 0, precision == 8 * size else {
      throw cursor.unsupported(
        "an integer of \(precision) bits in \(size) bytes", isRepackable: false)
    }
    return .number(type, isBigEndian: bits & 1 != 0)
  }

  private static func float(
    _ cursor: inout Cursor, _ bits: Int, _ size: Int
  ) throws(HDF5Error) -> HDF5Type {
    /// Bit offset, precision, the exponent's place and size, the mantissa's, and the bias.
    var fields: [Int] = []
    for width in [2, 2, 1, 1, 1, 1, 4] { fields.append(try cursor.count(width)) }
    let known: [(type: ScalarType, sign: Int, fields: [Int])] = [
      (.f16, 15, [0, 16, 10, 5, 0, 10, 15]), (.bf16, 15, [0, 16, 7, 8, 0, 7, 127]),
      (.f32, 31, [0, 32, 23, 8, 0, 23, 127]), (.f64, 63, [0, 64, 52, 11, 0, 52, 1023]),
    ]
    let isIEEE = bits >> 4 & 3 == 2 && bits & 0x40 == 0
    guard isIEEE,
      let type = known.first(where: {
        $0.type.byteCount == size && $0.fields == fields && $0.sign == bits >> 8 & 255
      })
    else {
      throw cursor.unsupported(
        "a floating-point number of \(size) bytes that is none of IEEE 754's 16, 32 and 64 bits",
        isRepackable: false)
    }
    return .number(type.type, isBigEndian: bits & 1 != 0)
  }

  private static func enumeration(
    _ cursor: inout Cursor, _ bits: Int, _ size: Int, _ version: Int, _ depth: Int
  ) throws(HDF5Error) -> HDF5Type {
    guard case .number(let type, let order) = try HDF5Type(&cursor, depth: depth + 1),
      type.byteCount == size
    else { throw cursor.damaged("an enumeration that is not over integers") }
    var names: [String] = []
    for _ in 0..<bits & 0xFFFF {
      let start = cursor.position
      names.append(try cursor.terminatedText())
      if version < 3 { try cursor.skip((8 - (cursor.position - start) % 8) % 8) }
    }
    try cursor.skip(names.count * size)
    return .enumeration(type, isBigEndian: order, names: names)
  }
}

/// How many elements there are (IV.A.2.b).
struct Dataspace {
  /// Nil for a null dataspace, which has no elements.
  let shape: [Int]?

  init(_ cursor: inout Cursor) throws(HDF5Error) {
    let version = try cursor.version(1...2, of: "a dataspace")
    let rank = try cursor.byte()
    _ = try cursor.byte()
    let kind = try cursor.byte()
    if version == 1 { try cursor.skip(4) }
    guard rank <= 32 else { throw cursor.damaged("\(rank) dimensions") }
    var shape: [Int] = []
    for _ in 0..<rank { shape.append(try cursor.length()) }
    self.shape = version == 2 && kind == 2 ? nil : shape
  }

  /// Elements; nil where they do not fit the address space.
  var count: Int? { shape.map(elementCount(of:)) ?? 0 }
}
