extension JSONReader {
  /// Reads a value of any kind, within `depth` arrays and objects.
  package mutating func value(depth: Int = 0) throws(JSONError) -> JSONValue {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try comparableString())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  /// Takes null, if that comes next.
  package mutating func takeNull() throws(JSONError) -> Bool {
    skipSpace()
    guard peek == UInt8(ascii: "n") else { return false }
    _ = try word("null", .null)
    return true
  }

  private mutating func members(depth: Int) throws(JSONError) -> [String: JSONValue] {
    try checkDepth(depth)
    var members: [String: JSONValue] = [:]
    try object { reader, key throws(JSONError) in
      members[key] = try reader.value(depth: depth)
    }
    return members
  }

  private mutating func elements(depth: Int) throws(JSONError) -> [JSONValue] {
    try checkDepth(depth)
    var elements: [JSONValue] = []
    try sequence(from: UInt8(ascii: "["), to: UInt8(ascii: "]")) {
      reader throws(JSONError) in
      elements.append(try reader.value(depth: depth))
    }
    return elements
  }

  /// Each level is a call on the stack, of which a hostile text must not use up all.
  private func checkDepth(_ depth: Int) throws(JSONError) {
    guard depth <= JSONValue.largestDepth else {
      throw error(
        at: position, expected: "at most \(JSONValue.largestDepth) brackets around a value",
        found: "more")
    }
  }

  /// A string that can be compared in linear time; see `hasBoundedMarks`.
  private mutating func comparableString() throws(JSONError) -> String {
    let start = position
    let text = try string()
    guard hasBoundedMarks(text) else {
      throw error(
        at: start, expected: "at most 30 combining marks in a row", found: "more")
    }
    return text
  }

  private mutating func word(
    _ word: String, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    let start = position
    for byte in word.utf8 {
      guard peek == byte else {
        throw error(at: start, expected: word, found: "another word")
      }
      position += 1
    }
    return value
  }

  private mutating func number() throws(JSONError) -> Double {
    let start = position
    while let byte = peek, Self.mayBeInNumber(byte) { position += 1 }
    guard position > start else { throw unexpected("a value") }
    let text = bytes[start..<position]
    guard isNumber(text), let value = Double(String(decoding: text, as: UTF8.self)),
      value.isFinite
    else {
      throw error(
        at: start, expected: "a number within the range of Double",
        found: quoted(excerpt(text)))
    }
    return value
  }
}

/// Whether the bytes are a number as JSON writes it: no leading zero or plus, digits on both sides
/// of a point.
private func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
  var rest = text
  func digits() -> Int {
    let count = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.count
    rest = rest.dropFirst(count)
    return count
  }
  if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
  let startsWithZero = rest.first == UInt8(ascii: "0")
  let integerDigits = digits()
  guard integerDigits == 1 || (integerDigits > 1 && !startsWithZero) else { return false }
  if rest.first == UInt8(ascii: ".") {
    rest = rest.dropFirst()
    guard digits() > 0 else { return false }
  }
  if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
      rest = rest.dropFirst()
    }
    guard digits() > 0 else { return false }
  }
  return rest.isEmpty
}
