import SpindleJSON

/// Reads the literal in a .npy header: a dictionary with strings as keys, of which the values are
/// strings, booleans or tuples of integers.
///
/// The caller asks for what must come next and anything else is an error; no input leads to
/// recursion, and every byte is visited once. Strings have no escapes: NumPy writes none for the
/// types read here.
struct PythonDictionaryReader {
  private let bytes: [UInt8]
  private let end: Int
  private var position: Int
  private var isBeforeFirst = true

  /// Reads the bytes in `range`, which must be within `bytes`.
  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next key, with its colon; or nil after the last, when nothing but space may be left.
  mutating func nextKey() throws(NumPyError) -> String? {
    if isBeforeFirst {
      isBeforeFirst = false
      try expect(UInt8(ascii: "{"))
    } else if !take(UInt8(ascii: ",")) {
      // Without a comma only the end may follow, which the check below then finds.
      guard next == UInt8(ascii: "}") else { throw unexpected("',' or '}'") }
    }
    if take(UInt8(ascii: "}")) {
      guard next == nil else { throw unexpected("only space after the dictionary") }
      return nil
    }
    let key = try string()
    try expect(UInt8(ascii: ":"))
    return key
  }

  /// Reads a string in single or double quotes.
  mutating func string() throws(NumPyError) -> String {
    guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw unexpected("a string")
    }
    position += 1
    let start = position
    while let byte = peek, byte != quote, 0x20..<0x7F ~= byte, byte != UInt8(ascii: "\\") {
      position += 1
    }
    guard peek == quote else { throw unexpected("plain ASCII or the end of the string") }
    defer { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// Reads a list of pairs of strings, as of the fields of a structured array; nil where no list
  /// begins.
  mutating func pairs() throws(NumPyError) -> [(String, String)]? {
    guard take(UInt8(ascii: "[")) else { return nil }
    var pairs: [(String, String)] = []
    while !take(UInt8(ascii: "]")) {
      try expect(UInt8(ascii: "("), as: "a pair of strings")
      let first = try string()
      try expect(UInt8(ascii: ","))
      pairs.append((first, try string()))
      try expect(UInt8(ascii: ")"))
      if !take(UInt8(ascii: ",")), next != UInt8(ascii: "]") { throw unexpected("',' or ']'") }
    }
    return pairs
  }

  /// Reads `True` or `False`.
  mutating func boolean() throws(NumPyError) -> Bool {
    if take(word: "True") { return true }
    if take(word: "False") { return false }
    throw unexpected("True or False")
  }

  /// Reads a tuple of integers; that of one has a comma, as Python wants it.
  mutating func tuple() throws(NumPyError) -> [Int] {
    try expect(UInt8(ascii: "("), as: "a tuple")
    var values: [Int] = []
    while !take(UInt8(ascii: ")")) {
      values.append(try integer())
      if !take(UInt8(ascii: ",")) {
        guard values.count > 1, next == UInt8(ascii: ")") else {
          throw unexpected(values.count > 1 ? "',' or ')'" : "','")
        }
      }
    }
    return values
  }

  private var peek: UInt8? { position < end ? bytes[position] : nil }

  /// The next byte that is not space, or nil at the end.
  private var next: UInt8? {
    mutating get {
      while let byte = peek, byte == 0x20 || byte == 0x0A { position += 1 }
      return peek
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    guard next != nil, bytes[position..<end].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func expect(_ byte: UInt8, as expected: String? = nil) throws(NumPyError) {
    guard take(byte) else { throw unexpected(expected ?? described(byte)) }
  }

  private mutating func integer() throws(NumPyError) -> Int {
    guard let first = next, Self.mayBeInNumber(first) else { throw unexpected("an integer") }
    let start = position
    while let byte = peek, Self.mayBeInNumber(byte) { position += 1 }
    guard let value = decimal(bytes[start..<position]) else {
      throw .invalidInteger(position: start, found: excerpt(bytes[start..<position]))
    }
    return value
  }

  private static func mayBeInNumber(_ byte: UInt8) -> Bool {
    switch Unicode.Scalar(byte) {
    case "0"..."9", "a"..."z", "A"..."Z", "-", "+", ".", "_": true
    default: false
    }
  }

  private mutating func unexpected(_ expected: String) -> NumPyError {
    .headerSyntax(position: position, expected: expected, found: described(peek))
  }
}
