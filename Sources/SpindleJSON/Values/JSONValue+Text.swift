extension JSONValue {
  /// The value as JSON text without spaces, keys in the order of their bytes: the same value always
  /// gives the same text, and reading the text gives the value back. NaN and infinity, which JSON
  /// does not have, become null.
  public var text: String {
    switch self {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .number(let number): Self.text(of: number)
    case .string(let text): jsonString(text)
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{"
        + members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { jsonString($0.key) + ":" + $0.value.text }.joined(separator: ",") + "}"
    }
  }

  /// The shortest text that reads as the same number.
  private static func text(of number: Double) -> String {
    guard number.isFinite else { return "null" }
    // -0.0 keeps its sign by the other way.
    let isInteger =
      number.rounded() == number && abs(number) < 0x1p53 && !(number.sign == .minus && number == 0)
    return isInteger ? "\(Int(number))" : "\(number)"
  }
}
