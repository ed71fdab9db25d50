import SpindleJSON

/// Takes a .csv file apart line by line.
struct TableReader {
  /// The text of a field: bytes of the file, without quotation marks and blanks around.
  struct Field {
    let range: Range<Int>
    /// Whether it stood in quotation marks, of which two within stand for one.
    let isQuoted: Bool
  }

  let bytes: [UInt8]
  private let path: String
  private var position = 0
  /// The line that was read last, counted from 1.
  private(set) var line: Int

  /// Lines are counted on from `line`.
  init(bytes: [UInt8], path: String, line: Int = 0) {
    self.bytes = bytes
    self.path = path
    self.line = line
    // The byte order mark that some spreadsheets write.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The fields of the next line; nil at the end, before which lines may be empty.
  mutating func nextLine() throws(SpindleError) -> [Field]? {
    guard bytes[position...].contains(where: { !Self.isBlank($0) && $0 != UInt8(ascii: "\n") })
    else { return nil }
    line += 1
    var fields: [Field] = []
    while true {
      fields.append(try nextField())
      guard position < bytes.count else { return fields }
      position += 1
      if bytes[position - 1] == UInt8(ascii: "\n") { return fields }
    }
  }

  /// The next field; the position is then at the comma or line feed behind it, or at the end.
  private mutating func nextField() throws(SpindleError) -> Field {
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      let start = position
      while position < bytes.count, !Self.endsField(bytes[position]) { position += 1 }
      var end = position
      while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
      return Field(range: start..<end, isQuoted: false)
    }
    let field = try quotedField()
    skipBlanks()
    guard position == bytes.count || Self.endsField(bytes[position]) else {
      throw error("expected a comma behind a field in quotation marks")
    }
    return field
  }

  private mutating func quotedField() throws(SpindleError) -> Field {
    let mark = UInt8(ascii: "\"")
    position += 1
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
      if bytes[position] == mark {
        position += 1
        guard position < bytes.count, bytes[position] == mark else {
          return Field(range: start..<position - 1, isQuoted: true)
        }
      }
      position += 1
    }
    throw error("expected a quotation mark at the end of a field, found the end of the line")
  }

  private mutating func skipBlanks() {
    while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
  }

  private static func endsField(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  /// A field's text.
  func text(_ field: Field) -> String {
    let text = String(decoding: bytes[field.range], as: UTF8.self)
    return field.isQuoted ? text.replacing("\"\"", with: "\"") : text
  }

  /// A field as a number, such as "1", "-0.5" or "2e-3"; nil where it is none.
  func number(_ field: Field) -> Double? {
    Double(String(decoding: bytes[field.range], as: UTF8.self))
  }

  /// Refuses a field that is no number but several, with another mark between them than a comma.
  func checkSeparators(_ field: Field) throws(SpindleError) {
    for (mark, name) in [(UInt8(ascii: ";"), "semicolons"), (9, "tabs"), (32, "blanks")] {
      let parts = bytes[field.range].split(separator: mark)
      guard parts.count > 1,
        parts.allSatisfy({ Double(String(decoding: $0, as: UTF8.self)) != nil })
      else { continue }
      throw error("expected commas between the fields, found \(name)")
    }
  }

  /// An error in the line that was read last.
  func error(_ reason: String) -> SpindleError {
    .invalidData(path: path, reason: "line \(line): \(reason)")
  }
}
