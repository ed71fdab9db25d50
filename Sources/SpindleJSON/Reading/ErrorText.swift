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

/// A byte of a text for a message; nil at its end.
package func described(_ byte: UInt8?) -> String {
  switch byte {
  case nil: "the end"
  case .some(0x20...0x7E): "'\(Character(Unicode.Scalar(byte ?? 0)))'"
  case .some(let other): "byte \(other)"
  }
}

/// The bytes as text for a message, those outside of ASCII replaced.
package func excerpt(_ bytes: ArraySlice<UInt8>) -> String {
  String(decoding: bytes.prefix(40).map { $0 < 0x80 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
}
