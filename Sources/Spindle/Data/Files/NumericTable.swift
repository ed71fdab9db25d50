import SpindleFiles
import SpindleJSON

/// A .csv file of finite numbers, its fields separated by commas (RFC 4180). Strict: every line has
/// as many fields as the first; lines at the end may be empty.
struct NumericTable {
  /// What the first line is, where the caller does not say.
  enum FirstLine {
    /// None of its fields is a number.
    case names
    /// Numbers like those below.
    case numbers
    /// The numbers of the columns, 0, 1, 2, ..., as programs name columns that have no names.
    case numberedColumns
  }

  let path: String
  /// The header's; nil where there is none.
  private(set) var names: [String]?
  private(set) var rows: Int
  let columns: Int
  /// [rows][columns].
  private(set) var values: [Double]
  /// What the first line looks like.
  let firstLine: FirstLine
  /// Whether there is a column in which all numbers but the first line's have fractions.
  let hasFractionsBelow: Bool
  /// How exactly the numbers of each column were written.
  let precisions: [TimePrecision]

  /// - Parameter header: whether the first line is one; nil where none of its fields is a number.
  init(contentsOf path: String, header: Bool? = nil) throws(SpindleError) {
    let bytes: [UInt8]
    try checkFile(path, times: 1)
    do throws(FileError) {
      bytes = try readFile(path)
    } catch {
      throw .file(error.description)
    }
    try self.init(bytes: bytes, path: path, header: header)
  }

  init(bytes: [UInt8], path: String, header: Bool? = nil) throws(SpindleError) {
    var reader = TableReader(bytes: bytes, path: path)
    var values = try Self.room(for: bytes)
    guard let first = try reader.nextLine() else {
      throw .invalidData(path: path, reason: "it holds no line of numbers")
    }
    firstLine = Self.kind(of: first, reader)
    if header ?? (firstLine == .names) {
      for field in first { try reader.checkSeparators(field) }
      names = first.map { reader.text($0) }
    } else {
      names = nil
      var ignored = [Decimals](repeating: Decimals(), count: first.count)
      try Self.append(first, of: reader, to: &values, &ignored)
    }
    var decimals = [Decimals](repeating: Decimals(), count: first.count)
    while let line = try reader.nextLine() {
      guard line.count == first.count else {
        throw reader.error("expected \(first.count) fields, found \(line.count)")
      }
      try Self.append(line, of: reader, to: &values, &decimals)
    }
    guard !values.isEmpty else {
      throw .invalidData(path: path, reason: "it holds no line of numbers")
    }
    self.path = path
    rows = values.count / first.count
    columns = first.count
    hasFractionsBelow = decimals.contains { $0.count > 0 && $0.allHaveFractions }
    precisions = decimals.map(\.precision)
    self.values = values
  }

  /// An empty array for as many numbers as a file may have.
  private static func room(for bytes: [UInt8]) throws(SpindleError) -> [Double] {
    var (fields, inLine, longest) = (1, 1, 1)
    for byte in bytes where byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") {
      fields += 1
      inLine = byte == UInt8(ascii: "\n") ? 1 : inLine + 1
      longest = max(longest, inLine)
    }
    // Beside the numbers the fields of a line, and what is kept of each column.
    try checkMemory(
      fields * MemoryLayout<Double>.size
        + longest * (MemoryLayout<TableReader.Field>.stride + 2 * MemoryLayout<Decimals>.stride))
    var values: [Double] = []
    values.reserveCapacity(fields)
    return values
  }

  private static func kind(of line: [TableReader.Field], _ reader: TableReader) -> FirstLine {
    if line.allSatisfy({ reader.number($0) == nil }), !line.allSatisfy(\.range.isEmpty) {
      return .names
    }
    let isNumbered = line.enumerated().allSatisfy { column, field in
      reader.bytes[field.range].elementsEqual(String(column).utf8)
    }
    return isNumbered ? .numberedColumns : .numbers
  }

  /// Adds the numbers of a line.
  private static func append(
    _ fields: [TableReader.Field], of reader: TableReader, to values: inout [Double],
    _ decimals: inout [Decimals]
  ) throws(SpindleError) {
    for (column, field) in fields.enumerated() {
      guard let value = reader.number(field), value.isFinite else {
        try reader.checkSeparators(field)
        let text = reader.text(field)
        throw reader.error(
          "expected a finite number in column \(column + 1), found "
            + (text.isEmpty ? "nothing" : quoted(text)))
      }
      values.append(value)
      decimals[column].add(reader.bytes[field.range])
    }
  }

  /// The same table with its first line, where that numbers the columns, as a header.
  func takingHeader() -> NumericTable {
    guard names == nil, rows > 1, firstLine == .numberedColumns else { return self }
    var table = self
    table.names = (0..<columns).map(String.init)
    table.values.removeFirst(columns)
    table.rows -= 1
    return table
  }

  /// The numbers of the columns of these names, row by row.
  func selecting(_ wanted: [String]) throws(SpindleError) -> NumericTable {
    let places = try places(of: wanted)
    return NumericTable(
      path: path, names: wanted, rows: rows, columns: wanted.count,
      values: (0..<rows).flatMap { row in places.map { values[row * columns + $0] } },
      firstLine: firstLine, hasFractionsBelow: hasFractionsBelow,
      precisions: places.map { precisions[$0] })
  }

  private init(
    path: String, names: [String], rows: Int, columns: Int, values: [Double], firstLine: FirstLine,
    hasFractionsBelow: Bool, precisions: [TimePrecision]
  ) {
    self.path = path
    self.names = names
    self.rows = rows
    self.columns = columns
    self.values = values
    self.firstLine = firstLine
    self.hasFractionsBelow = hasFractionsBelow
    self.precisions = precisions
  }

  /// Where the columns of these names are.
  private func places(of wanted: [String]) throws(SpindleError) -> [Int] {
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
      guard !names[(place + 1)...].contains(name) else {
        throw .invalidData(path: path, reason: "there are two columns \(quoted(name))")
      }
      places.append(place)
    }
    guard !places.isEmpty else {
      throw .invalidData(path: path, reason: "expected the name of a column, found none")
    }
    return places
  }
}

/// The decimals that the numbers of a column show.
struct Decimals {
  private(set) var count = 0
  private(set) var allHaveFractions = true
  private var places = 0
  private var digits = 1

  /// Takes a number's text, such as "-0.50" or "2e-3", into account.
  mutating func add(_ text: ArraySlice<UInt8>) {
    count += 1
    var (behind, significant, isFraction) = (0, 0, false)
    var exponent = 0
    for (index, byte) in zip(text.indices, text) {
      switch Unicode.Scalar(byte) {
      case "0"..."9":
        if significant > 0 || byte != UInt8(ascii: "0") { significant += 1 }
        if isFraction { behind += 1 }
      case ".": isFraction = true
      case "e", "E":
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        isFraction = true
      case "x", "X", "p", "P":
        // Hexadecimal: the number is exact.
        (behind, significant, isFraction) = (300, 40, true)
      default: break
      }
      if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") { break }
    }
    if !isFraction { allHaveFractions = false }
    places = max(places, min(behind - min(max(exponent, -300), 300), 300))
    digits = max(digits, significant)
  }

  var precision: TimePrecision { .decimals(places: places, digits: digits) }
}
