extension JSONValue {
  /// Where the value differs from another, each place by its path, as in
  /// "layers[0].reset: \"zero\" here, \"subtraction\" in the file".
  ///
  /// - Parameters:
  ///   - other: what it is compared with.
  ///   - here: how messages name where this value stands.
  ///   - there: how they name where the other stands.
  public func differences(
    from other: JSONValue, here: String = "here", there: String = "in the file"
  ) -> [String] {
    var found: [String] = []
    Self.compare(self, other, at: "") { path, own, others in
      found.append(
        "\(path.isEmpty ? "the whole" : path): \(Self.excerpt(own)) \(here), "
          + "\(Self.excerpt(others)) \(there)")
    }
    return found
  }

  private static func compare(
    _ own: JSONValue?, _ other: JSONValue?, at path: String,
    _ differs: (String, JSONValue?, JSONValue?) -> Void
  ) {
    switch (own, other) {
    case (.object(let mine)?, .object(let others)?):
      for key in Set(mine.keys).union(others.keys).sorted() {
        compare(mine[key], others[key], at: path.isEmpty ? key : "\(path).\(key)", differs)
      }
    case (.array(let mine)?, .array(let others)?) where holdsObjects(mine + others):
      for index in 0..<max(mine.count, others.count) {
        let pair = [mine, others].map { index < $0.count ? $0[index] : nil }
        compare(pair[0], pair[1], at: "\(path)[\(index)]", differs)
      }
    default: if own != other { differs(path, own, other) }
    }
  }

  private static func holdsObjects(_ elements: [JSONValue]) -> Bool {
    elements.contains { if case .object = $0 { true } else { false } }
  }

  /// The value for a message: of an object its kind alone, the rest cut short.
  private static func excerpt(_ value: JSONValue?) -> String {
    switch value {
    case nil: return "nothing"
    case .object(let members)?:
      guard case .string(let kind)? = members["kind"] else { return "an object" }
      return "one of kind \(quoted(kind))"
    case let value?:
      let text = value.text
      return text.count <= 60 ? text : text.prefix(60) + "…"
    }
  }
}
