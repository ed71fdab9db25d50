/// The text as a JSON string with its quotation marks; beyond ASCII it stays as it is.
package func jsonString(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars { result += scalar.jsonEscaped }
  return result + "\""
}

extension Unicode.Scalar {
  /// The scalar within a JSON string, escaped as the reference writer does: what must be, and
  /// nothing else.
  var jsonEscaped: String {
    switch self {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\u{8}": "\\b"
    case "\u{C}": "\\f"
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    case "\0"..<" ": (value < 16 ? "\\u000" : "\\u00") + String(value, radix: 16)
    default: String(self)
    }
  }
}
