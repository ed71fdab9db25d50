/// Any JSON text (RFC 8259), as it stands in the metadata of a file.
public enum JSONValue: Sendable, Equatable {
  /// null.
  case null
  /// true or false.
  case bool(Bool)
  /// A number, as the nearest Double.
  case number(Double)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object; no key comes twice.
  case object([String: JSONValue])

  /// The deepest nesting of arrays and objects that is read.
  public static let largestDepth = 64

  /// Reads a text strictly: a key that comes twice and a number outside of Double's range are
  /// errors. Positions in errors count the bytes of the text in UTF-8. O(n).
  ///
  /// - Throws: `headerSyntax` or `duplicateKey`.
  public init(parsing text: String) throws(SafetensorsError) {
    let bytes = Array(text.utf8)
    var reader = JSONReader(bytes, in: 0..<bytes.count)
    self = try reader.value()
    reader.skipSpace()
    try reader.finish()
  }
}
