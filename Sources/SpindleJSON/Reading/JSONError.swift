/// Why a text is not JSON: what was expected, what was found, and where.
public struct JSONError: Error, Equatable, Sendable {
  /// What the text is called in the message: the name of its file, or what it describes.
  public private(set) var source: String?
  /// The bytes of the text in UTF-8 before the place.
  public let offset: Int
  /// The line of the place, from 1; a line ends with a line feed.
  public let line: Int
  /// The place in its line, from 1, in Unicode scalars.
  public let column: Int
  /// As in "expected …".
  public let expected: String
  /// As in "found …".
  public let found: String

  /// An error at `position` of the text that begins at `start` of `bytes`. O(n).
  init(
    _ bytes: [UInt8], from start: Int, at position: Int, expected: String, found: String
  ) {
    let before = bytes[start..<position]
    let lineStart =
      before.lastIndex(of: UInt8(ascii: "\n")).map { before.index(after: $0) } ?? start
    offset = position - start
    line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    // A byte 10xxxxxx goes on with a scalar.
    column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
    self.expected = expected
    self.found = found
  }

  /// The same error in a text of this name.
  func named(_ source: String?) -> JSONError {
    var error = self
    error.source = source
    return error
  }
}

extension JSONError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    "\(source ?? "the JSON"), line \(line), column \(column): expected \(expected), found \(found)"
  }
}
