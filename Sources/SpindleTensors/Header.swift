import SpindleFiles
import SpindleJSON

/// What the header of a safetensors file says.
///
/// The file is the header's length N (8 bytes, unsigned, little-endian), N bytes of JSON that may
/// be padded by spaces, and the data (https://github.com/huggingface/safetensors, "Format").
struct Header {
  /// One tensor: its data are the bytes from `begin` up to `end` after the header.
  struct Entry {
    let name: String
    let type: ScalarType
    let shape: [Int]
    let begin: Int
    let end: Int
  }

  /// In the header's own order.
  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]
  /// Where the data begin in the file.
  let dataStart: Int

  /// Reads the header at the beginning of `file`; says nothing yet about the data.
  init(of file: [UInt8]) throws(SafetensorsError) {
    let range = try Self.range(in: file)
    dataStart = range.upperBound
    guard file[range].first == UInt8(ascii: "{") else {
      throw .headerNotObject(found: described(file[range].first))
    }
    // Checked once for the whole, so that every string cut from it at ASCII characters is valid.
    guard String(validating: file[range], as: UTF8.self) != nil else { throw .headerNotUTF8 }
    let json = try rethrowing(try HeaderJSON(file, in: range)) { (error: JSONError) in
      SafetensorsError.headerSyntax(
        byte: error.offset, expected: error.expected, found: error.found)
    }
    metadata = json.metadata
    for entry in json.entries { entries.append(try Entry(entry)) }
  }

  /// Where the JSON stands in the file.
  private static func range(in file: [UInt8]) throws(SafetensorsError) -> Range<Int> {
    guard file.count >= 8 else { throw .fileTooShort(byteCount: file.count) }
    let length = file[..<8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(SafetensorsFile.largestHeader) else {
      throw .headerTooLong(byteCount: length)
    }
    let available = file.count - 8
    guard length <= UInt64(available) else {
      throw .headerBeyondFile(byteCount: Int(length), available: available)
    }
    return 8..<(8 + Int(length))
  }
}

extension Header.Entry {
  /// Requires the fields of the format and no others.
  fileprivate init(_ json: HeaderJSON.Entry) throws(SafetensorsError) {
    name = json.name
    if let field = json.unknownField { throw .unknownField(tensor: name, field: field) }
    guard let found = json.type else { throw .missingField(tensor: name, field: "dtype") }
    // By bytes, since comparing strings can take quadratic time; see hasBoundedMarks.
    let type = ScalarType.allCases.first { $0.rawValue.utf8.elementsEqual(found.utf8) }
    guard let type else { throw .unknownType(tensor: name, found: found) }
    guard let shape = json.shape else { throw .missingField(tensor: name, field: "shape") }
    guard let offsets = json.offsets else {
      throw .missingField(tensor: name, field: "data_offsets")
    }
    guard offsets.count == 2 else {
      throw .wrongOffsetCount(tensor: name, found: offsets.count)
    }
    self.type = type
    self.shape = shape
    begin = offsets[0]
    end = offsets[1]
  }
}

extension Header {
  /// Requires that each entry fits its own shape and type and all of them cover the data.
  ///
  /// Every byte must be covered once, as the reference implementation has it. O(n log n).
  func checkLayout(dataByteCount: Int) throws(SafetensorsError) {
    for entry in entries { try entry.check(dataByteCount: dataByteCount) }
    // An empty tensor comes before the tensor that begins where it lies.
    let ordered = entries.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var covered = 0
    var previous = ""
    for entry in ordered {
      guard entry.begin >= covered else {
        throw .overlap(tensor: entry.name, other: previous)
      }
      guard entry.begin == covered else {
        throw .uncoveredBytes(begin: covered, end: entry.begin)
      }
      covered = entry.end
      previous = entry.name
    }
    guard covered == dataByteCount else {
      throw .uncoveredBytes(begin: covered, end: dataByteCount)
    }
  }
}

extension Header.Entry {
  fileprivate func check(dataByteCount: Int) throws(SafetensorsError) {
    guard begin <= end else { throw .offsetsReversed(tensor: name, begin: begin, end: end) }
    guard end <= dataByteCount else {
      throw .offsetsOutOfRange(tensor: name, end: end, available: dataByteCount)
    }
    guard let expected = elementCount(of: shape + [type.byteCount]) else {
      throw .shapeOverflow(tensor: name, shape: shape)
    }
    guard expected == end - begin else {
      throw .sizeMismatch(tensor: name, expected: expected, found: end - begin)
    }
  }
}
