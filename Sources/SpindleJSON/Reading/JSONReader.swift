/// Reads strict JSON (RFC 8259), either as `JSONValue` or piece by piece.
///
/// Piece by piece the caller asks for what must come next, an object, an array of integers, a
/// string, and anything else is an error. Such a text cannot nest deeper than the caller's own code
/// does. The reader visits every byte once: O(n).
package struct JSONReader {
  let bytes: [UInt8]
  private let start: Int
  private let end: Int
  var position: Int

  /// Reads the bytes in `range`, which must be valid UTF-8 and within `bytes`. Offsets, lines and
  /// columns of errors count from its beginning.
  package init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    start = range.lowerBound
    position = range.lowerBound
    end = range.upperBound
  }

  /// Reads an object; `member` is given each key and reads the value.
  ///
  /// Keys are the same where Swift's String says so: also where they differ in Unicode's
  /// normalization only.
  package mutating func object(
    _ member: (inout JSONReader, String) throws(JSONError) -> Void
  ) throws(JSONError) {
    var keys = Set<String>()
    try sequence(from: UInt8(ascii: "{"), to: UInt8(ascii: "}")) {
      reader throws(JSONError) in
      reader.skipSpace()
      let start = reader.position
      let key = try reader.string()
      guard hasBoundedMarks(key) else {
        throw reader.error(
          at: start, expected: "at most 30 combining marks in a row in a key", found: "more")
      }
      guard keys.insert(key).inserted else {
        throw reader.error(at: start, expected: "every key once", found: "\(quoted(key)) again")
      }
      try reader.expect(UInt8(ascii: ":"))
      try member(&reader, key)
    }
  }

  /// Reads an array of integers from 0 to Int.max, without fractions and exponents.
  package mutating func integers() throws(JSONError) -> [Int] {
    var values: [Int] = []
    try sequence(from: UInt8(ascii: "["), to: UInt8(ascii: "]")) {
      reader throws(JSONError) in
      values.append(try reader.integer())
    }
    return values
  }

  /// Reads a string.
  package mutating func string() throws(JSONError) -> String {
    try expect(UInt8(ascii: "\""), as: "a string")
    let start = position
    while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    // Nearly every string has no escapes, and is taken as it stands.
    if peek == UInt8(ascii: "\"") {
      defer { position += 1 }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }
    return try stringWithEscapes(from: start)
  }

  /// Requires that nothing but spaces is left.
  package mutating func finish() throws(JSONError) {
    while peek == UInt8(ascii: " ") { position += 1 }
    guard position == end else { throw unexpected("only spaces after the JSON") }
  }

  /// The next byte, or nil at the end.
  var peek: UInt8? { position < end ? bytes[position] : nil }

  mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  mutating func expect(
    _ byte: UInt8, as expected: String? = nil
  ) throws(JSONError) {
    skipSpace()
    guard peek == byte else { throw unexpected(expected ?? described(byte)) }
    position += 1
  }

  func unexpected(_ expected: String) -> JSONError {
    error(at: position, expected: expected, found: described(peek))
  }

  func error(at position: Int, expected: String, found: String) -> JSONError {
    JSONError(bytes, from: start, at: position, expected: expected, found: found)
  }

  /// Reads what stands between the brackets, separated by commas.
  mutating func sequence(
    from opening: UInt8, to closing: UInt8,
    _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try expect(opening)
    skipSpace()
    if peek == closing {
      position += 1
      return
    }
    while true {
      try element(&self)
      skipSpace()
      if peek == closing {
        position += 1
        return
      }
      let comma = position
      try expect(UInt8(ascii: ","), as: "',' or \(described(closing))")
      skipSpace()
      guard peek != closing else {
        // The place of the comma, which may stand lines before the bracket.
        throw error(
          at: comma, expected: closing == UInt8(ascii: "}") ? "another key" : "another value",
          found: "a comma before \(described(closing))")
      }
    }
  }

  private mutating func integer() throws(JSONError) -> Int {
    skipSpace()
    let start = position
    while let byte = peek, Self.mayBeInNumber(byte) { position += 1 }
    guard position > start else { throw unexpected("an integer") }
    let text = bytes[start..<position]
    guard let value = decimal(text) else {
      throw error(
        at: start, expected: "an integer from 0 to \(Int.max)", found: quoted(excerpt(text)))
    }
    return value
  }

  static func mayBeInNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}

extension JSONReader {
  /// Reads the rest of a string, of which the bytes from `start` are read and plain.
  private mutating func stringWithEscapes(from start: Int) throws(JSONError) -> String {
    var text = Array(bytes[start..<position])
    while let byte = peek, byte >= 0x20 {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
      default: text.append(byte)
      }
    }
    throw unexpected("a character of a string or '\"'")
  }

  /// Reads what follows a backslash.
  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let scalar: Unicode.Scalar
    switch peek {
    case UInt8(ascii: "\""): scalar = "\""
    case UInt8(ascii: "\\"): scalar = "\\"
    case UInt8(ascii: "/"): scalar = "/"
    case UInt8(ascii: "b"): scalar = "\u{8}"
    case UInt8(ascii: "f"): scalar = "\u{C}"
    case UInt8(ascii: "n"): scalar = "\n"
    case UInt8(ascii: "r"): scalar = "\r"
    case UInt8(ascii: "t"): scalar = "\t"
    case UInt8(ascii: "u"):
      position += 1
      return try unicodeEscape()
    default: throw unexpected("one of \"\\/bfnrtu after a backslash")
    }
    position += 1
    return scalar
  }

  /// Reads what follows `\u`: four digits, or a surrogate pair over two escapes.
  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    let high = try fourDigits()
    if let scalar = Unicode.Scalar(high) { return scalar }
    // Only surrogates are no scalars; the first of a pair must be a high one.
    guard high < 0xDC00, peek == UInt8(ascii: "\\") else { throw loneSurrogate(start) }
    position += 1
    guard peek == UInt8(ascii: "u") else { throw loneSurrogate(start) }
    position += 1
    let low = try fourDigits()
    guard 0xDC00...0xDFFF ~= low,
      let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    else { throw loneSurrogate(start) }
    return scalar
  }

  private mutating func fourDigits() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("a hexadecimal digit")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private func loneSurrogate(_ start: Int) -> JSONError {
    error(at: start, expected: "a pair of surrogates", found: "a surrogate by itself")
  }
}
