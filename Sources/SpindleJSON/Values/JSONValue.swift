/// Any JSON text (RFC 8259).
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
  /// errors. O(n). `source` is what errors call the text, such as the name of its file.
  ///
  /// - Throws: the first fault, with its line and column.
  public init(parsing text: String, source: String? = nil) throws(JSONError) {
    let bytes = Array(text.utf8)
    var reader = JSONReader(bytes, in: 0..<bytes.count)
    do throws(JSONError) {
      self = try reader.value()
      reader.skipSpace()
      try reader.finish()
    } catch {
      throw error.named(source)
    }
  }
}
