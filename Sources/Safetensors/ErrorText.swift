/// The text in quotation marks for a message: cut after 60 characters, control characters escaped,
/// since a hostile name could be megabytes long or steer a terminal.
package func quoted(_ text: String) -> String {
  let limit = 60
  var result = "\""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    guard count < limit else { return result + "…\"" }
    let isControl = scalar.properties.generalCategory == .control
    result += isControl ? scalar.escaped(asASCII: true) : scalar.jsonEscaped
  }
  return result + "\""
}

/// The shape for a message, cut after eight dimensions.
package func abridged(_ shape: [Int]) -> String {
  let shown = shape.prefix(8).map(String.init).joined(separator: ", ")
  return shape.count > 8 ? "[\(shown), … \(shape.count) dimensions]" : "[\(shown)]"
}

/// A byte of a header for a message.
func described(_ byte: UInt8?) -> String {
  switch byte {
  case nil: "the end"
  case .some(0x20...0x7E): "'\(Character(Unicode.Scalar(byte ?? 0)))'"
  case .some(let other): "byte \(other)"
  }
}

/// The bytes as text for a message, those outside of ASCII replaced.
func excerpt(_ bytes: ArraySlice<UInt8>) -> String {
  String(decoding: bytes.prefix(40).map { $0 < 0x80 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
}
