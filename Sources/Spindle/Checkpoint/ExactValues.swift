import SpindleJSON

// Numbers in a checkpoint come back with the same bits. What JSON's numbers cannot hold stands as a
// text: 64 bits, infinity and NaN.

extension JSONValue {
  init(_ number: Double) {
    self = number.isFinite ? .number(number) : .string("\(number)")
  }

  /// null for nil.
  init(_ number: Double?) {
    self = number.map { JSONValue($0) } ?? .null
  }

  init(_ integer: Int) { self = .number(Double(integer)) }

  init(_ texts: [String]) { self = .array(texts.map { .string($0) }) }
}

extension DescriptionValue {
  /// A whole number, not negative, that Double holds exactly.
  func count() throws(DescriptionError) -> Int { try integer(0...Int(1 << 53)) }

  func bits() throws(DescriptionError) -> UInt64 {
    guard let value = UInt64(try text()) else {
      throw refused(expected: "an integer of 64 bits in a text")
    }
    return value
  }

  func double() throws(DescriptionError) -> Double {
    switch value {
    case .number(let number): return number
    case .string(let text):
      guard let number = Double(text), !number.isFinite else {
        throw refused(expected: "inf, -inf or nan")
      }
      return number
    default: throw refused(expected: "a number")
    }
  }

  func optionalDouble() throws(DescriptionError) -> Double? {
    value == .null ? nil : try double()
  }

  func unlessNull<Result>(
    _ body: (DescriptionValue) throws(DescriptionError) -> Result
  ) throws(DescriptionError) -> Result? {
    value == .null ? nil : try body(self)
  }
}
