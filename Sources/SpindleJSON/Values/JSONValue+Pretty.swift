extension JSONValue {
  /// The value as JSON text for people: what fits on a line of 90 characters stands on one, the rest
  /// is indented. Keys are in the order of their bytes.
  public var prettyText: String { pretty(indent: 0) }

  private func pretty(indent: Int) -> String {
    let flat = spacedText
    guard flat.utf8.count + indent > 90 else { return flat }
    let inner = String(repeating: " ", count: indent + 2)
    let outer = String(repeating: " ", count: indent)
    switch self {
    case .array(let elements):
      return "[\n"
        + elements.map { inner + $0.pretty(indent: indent + 2) }.joined(separator: ",\n")
        + "\n\(outer)]"
    case .object(let members):
      return "{\n"
        + Self.sorted(members).map {
          inner + jsonString($0.key) + ": " + $0.value.pretty(indent: indent + 2)
        }.joined(separator: ",\n") + "\n\(outer)}"
    default: return flat
    }
  }

  /// On one line, with a space behind each comma and colon.
  private var spacedText: String {
    switch self {
    case .array(let elements): "[" + elements.map(\.spacedText).joined(separator: ", ") + "]"
    case .object(let members):
      "{"
        + Self.sorted(members).map { jsonString($0.key) + ": " + $0.value.spacedText }
        .joined(separator: ", ") + "}"
    default: text
    }
  }

  private static func sorted(
    _ members: [String: JSONValue]
  ) -> [(key: String, value: JSONValue)] {
    members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }
}
