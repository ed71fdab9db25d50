/// The header of a .npy file: the magic, the version (2 bytes), the header's length (2 bytes
/// little-endian in version 1, 4 from version 2 on) and a Python dictionary that ends in spaces
/// and a line feed.
struct NumPyHeader {
  /// One element, or several fields, whose names are empty in an array of single elements.
  let fields: [Field]
  /// Whether the first index is contiguous.
  let isFortran: Bool
  let shape: [Int]
  /// Where the data begin in the file.
  let dataStart: Int

  /// What a field of an element is.
  struct Field: Equatable {
    var name = ""
    let type: NumPyArray.ElementType
    /// Whether the first byte is the highest.
    let isBigEndian: Bool
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  init(of file: [UInt8]) throws(NumPyError) {
    let range = try Self.range(in: file)
    dataStart = range.upperBound
    var fields: [Field]?
    var isFortran: Bool?
    var shape: [Int]?
    var reader = PythonDictionaryReader(file, in: range)
    while let key = try reader.nextKey() {
      switch key {
      case "descr": try Self.set(&fields, key, try Self.fields(&reader))
      case "fortran_order": try Self.set(&isFortran, key, try reader.boolean())
      case "shape": try Self.set(&shape, key, try reader.tuple())
      default: throw .unknownKey(key)
      }
    }
    guard let fields else { throw .missingKey("descr") }
    guard let isFortran else { throw .missingKey("fortran_order") }
    guard let shape else { throw .missingKey("shape") }
    self.fields = fields
    self.isFortran = isFortran
    self.shape = shape
  }

  /// The text of a type, or a list of names and texts.
  private static func fields(
    _ reader: inout PythonDictionaryReader
  ) throws(NumPyError) -> [Field] {
    guard let pairs = try reader.pairs() else { return [try field(reader.string())] }
    var fields: [Field] = []
    for (name, descr) in pairs {
      guard !fields.contains(where: { $0.name == name }) else { throw .duplicateKey(name) }
      fields.append(try field(descr, name: name))
    }
    return fields
  }

  /// The field of a `descr`: a byte order, a kind and a size.
  private static func field(_ descr: String, name: String = "") throws(NumPyError) -> Field {
    guard let type = type(descr) else { throw .unknownType(descr) }
    return Field(name: name, type: type, isBigEndian: descr.hasPrefix(">"))
  }

  private static func type(_ descr: String) -> NumPyArray.ElementType? {
    guard let order = descr.utf8.first, "<>|=".utf8.contains(order) else { return nil }
    let type = NumPyArray.ElementType.allCases.first {
      $0.rawValue.utf8.dropFirst().elementsEqual(descr.utf8.dropFirst())
    }
    // "|" is for elements of one byte, which have no order.
    guard let type, order != UInt8(ascii: "|") || type.scalarType.byteCount == 1 else { return nil }
    return type
  }

  private static func set<Value>(
    _ place: inout Value?, _ key: String, _ value: Value
  ) throws(NumPyError) {
    guard place == nil else { throw .duplicateKey(key) }
    place = value
  }

  /// Where the dictionary stands in the file.
  private static func range(in file: [UInt8]) throws(NumPyError) -> Range<Int> {
    guard file.prefix(magic.count).elementsEqual(magic.prefix(file.count)) else {
      throw .wrongMagic
    }
    guard file.count >= 8 else { throw .fileTooShort(byteCount: file.count) }
    let (major, minor) = (file[6], file[7])
    guard 1...3 ~= major && minor == 0 else {
      throw .unknownVersion(major: major, minor: minor)
    }
    let start = major == 1 ? 10 : 12
    guard file.count >= start else { throw .fileTooShort(byteCount: file.count) }
    let length = file[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= file.count - start else {
      throw .headerBeyondFile(byteCount: length, available: file.count - start)
    }
    return start..<(start + length)
  }
}
