import SpindleFiles
import SpindleJSON

/// A .csv file of finite numbers, its fields separated by commas (RFC 4180), the first line a
/// header where none of its fields is a number. Strict: every line has as many fields as the first.
struct NumericTable {
  let path: String
  /// The header's; nil where there is none.
  let names: [String]?
  let rows: Int
  let columns: Int
  /// [rows][columns].
  let values: [Double]
}

extension NumericTable {
  init(contentsOf path: String) throws(SpindleError) {
    let bytes = try rethrowing(try readFile(path)) { (error: FileError) in
      SpindleError.file(error.description)
    }
    try self.init(bytes: bytes, path: path)
  }

  init(bytes: [UInt8], path: String) throws(SpindleError) {
    var reader = TableReader(bytes: bytes, path: path)
    guard let first = try reader.nextLine() else {
      throw .invalidData(path: path, reason: "it holds no line of numbers")
    }
    var values: [Double] = []
    if first.allSatisfy({ TableReader.number($0) == nil }) {
      names = first.map { String(decoding: $0, as: UTF8.self) }
    } else {
      names = nil
      try reader.append(first, to: &values)
    }
    while let line = try reader.nextLine() {
      guard line.count == first.count else {
        throw reader.error("expected \(first.count) fields, found \(line.count)")
      }
      try reader.append(line, to: &values)
    }
    try require(!values.isEmpty, in: path, "it holds no line of numbers")
    self.path = path
    rows = values.count / first.count
    columns = first.count
    self.values = values
  }

  /// The columns of these names, in their order.
  func selecting(_ wanted: [String]) throws(SpindleError) -> NumericTable {
    guard let names else {
      throw .invalidData(
        path: path, reason: "columns cannot be named: its first line is not a header")
    }
    var places: [Int] = []
    for name in wanted {
      guard let place = names.firstIndex(of: name) else {
        throw .invalidData(
          path: path,
          reason: "there is no column \(quoted(name)); it has "
            + names.map { quoted($0) }.joined(separator: ", "))
      }
      try require(
        !names[(place + 1)...].contains(name), in: path, "there are two columns \(quoted(name))")
      places.append(place)
    }
    try require(!places.isEmpty, in: path, "expected the name of a column, found none")
    return NumericTable(
      path: path, names: wanted, rows: rows, columns: wanted.count,
      values: (0..<rows).flatMap { row in places.map { values[row * columns + $0] } })
  }
}

/// Takes a .csv file apart line by line.
struct TableReader {
  private let bytes: [UInt8]
  private let path: String
  private var position = 0
  /// The line that was read last, counted from 1.
  private var line = 0

  init(bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
    // The byte order mark that some spreadsheets write.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The fields of the next line, without quotation marks and blanks around; nil at the end.
  mutating func nextLine() throws(SpindleError) -> [[UInt8]]? {
    guard position < bytes.count else { return nil }
    line += 1
    var fields: [[UInt8]] = []
    while true {
      fields.append(try nextField())
      guard position < bytes.count else { return fields }
      position += 1
      if bytes[position - 1] == UInt8(ascii: "\n") { return fields }
    }
  }

  /// The next field; the position is then at the comma or line feed behind it, or at the end.
  private mutating func nextField() throws(SpindleError) -> [UInt8] {
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      let start = position
      while position < bytes.count, !Self.endsField(bytes[position]) { position += 1 }
      let field = bytes[start..<position]
      return Array(field.reversed().drop(while: Self.isBlank).reversed())
    }
    let field = try quotedField()
    skipBlanks()
    guard position == bytes.count || Self.endsField(bytes[position]) else {
      throw error("expected a comma behind a field in quotation marks")
    }
    return field
  }

  /// The text of a field in quotation marks, in which two of them stand for one.
  private mutating func quotedField() throws(SpindleError) -> [UInt8] {
    let mark = UInt8(ascii: "\"")
    var field: [UInt8] = []
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
      if bytes[position] == mark {
        position += 1
        guard position < bytes.count, bytes[position] == mark else { return field }
      }
      field.append(bytes[position])
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

  /// Adds the numbers of a line.
  func append(_ fields: [[UInt8]], to values: inout [Double]) throws(SpindleError) {
    for (column, field) in fields.enumerated() {
      guard let value = Self.number(field), value.isFinite else {
        let found = field.isEmpty ? "nothing" : quoted(String(decoding: field, as: UTF8.self))
        throw error("expected a finite number in column \(column + 1), found \(found)")
      }
      values.append(value)
    }
  }

  /// A field as a number, such as "1", "-0.5" or "2e-3"; nil where it is none.
  static func number(_ field: [UInt8]) -> Double? { Double(String(decoding: field, as: UTF8.self)) }

  /// An error in the line that was read last.
  func error(_ reason: String) -> SpindleError {
    .invalidData(path: path, reason: "line \(line): \(reason)")
  }
}
