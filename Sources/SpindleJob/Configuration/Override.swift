import SpindleJSON

/// A change of a configuration on the command line: `key.path=value`.
public struct Override: Sendable, Equatable {
  /// Keys and, in lists, numbers from 0.
  let path: [String]
  /// JSON, or else a text; null takes the key away.
  let value: JSONValue

  /// Reads `network.layers.0.neurons=64`; `network.layers[0].neurons=64` is the same.
  ///
  /// - Throws: `JobError.configuration`.
  public init(_ text: String) throws(JobError) {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
      throw .configuration("expected KEY.PATH=VALUE for --set, found \(quoted(text))")
    }
    let path = text[..<sign].split(separator: ".", omittingEmptySubsequences: false)
      .flatMap(Self.parts)
    guard path.allSatisfy({ !$0.isEmpty }) else {
      throw .configuration(
        "expected keys with dots between them before \"=\" for --set, found \(quoted(text))")
    }
    // Each key is a call on the stack, of which a hostile text must not use up all.
    guard path.count <= JSONValue.largestDepth else {
      throw .configuration(
        "expected at most \(JSONValue.largestDepth) keys for --set, found \(path.count)")
    }
    self.path = path
    let value = String(text[text.index(after: sign)...])
    self.value = (try? JSONValue(parsing: value)) ?? .string(value)
  }

  /// A change of one key.
  public init(path: [String], value: JSONValue) {
    self.path = path
    self.value = value
  }

  /// Refuses changes of keys other than these, and those within them.
  public static func check(
    _ overrides: [Override], allowed: [String], by command: String
  ) throws(JobError) {
    for override in overrides {
      let path = override.path.joined(separator: ".")
      guard !allowed.contains(where: { path == $0 || path.hasPrefix($0 + ".") }) else { continue }
      throw .configuration(
        "expected only \(allowed.joined(separator: ", ")) for --set of spindle \(command), found "
          + quoted(path))
    }
  }

  /// A key, and the numbers in brackets behind it.
  private static func parts(_ key: Substring) -> [String] {
    guard key.hasSuffix("]"), let bracket = key.firstIndex(of: "[") else { return [String(key)] }
    let numbers = key[key.index(after: bracket)...].dropLast().split(
      separator: "][", omittingEmptySubsequences: false)
    let name = key[..<bracket]
    return (name.isEmpty ? [] : [String(name)]) + numbers.map(String.init)
  }
}

extension JSONValue {
  /// The configuration with changes made one after the other. What a key has by default or by a
  /// short form, such as "adam" for {"kind": "adam"}, is written out where a change is within it;
  /// other objects that are not there yet are made. What a key may be is left to who reads the
  /// result.
  func changed(by overrides: [Override]) throws(DescriptionError) -> JSONValue {
    var value = self
    for override in overrides {
      value = try value.changed(override, at: 0, JobConfiguration.schema)
    }
    return value
  }

  private func changed(
    _ override: Override, at depth: Int, _ schema: JSONValue?
  ) throws(DescriptionError) -> JSONValue {
    guard depth < override.path.count else { return override.value }
    let key = override.path[depth]
    switch self {
    case .object(var members):
      if depth == override.path.count - 1, override.value == .null {
        members[key] = nil
      } else {
        let inner = schema?.form(of: self)?["properties"]?[key]
        // Another kind has none of the default's keys.
        let isKind = depth + 2 == override.path.count && override.path[depth + 1] == "kind"
        let member = members[key] ?? (isKind ? nil : inner?["default"]) ?? .object([:])
        members[key] = try member.changed(override, at: depth + 1, inner)
      }
      return .object(members)
    case .array(var elements):
      guard let index = Int(key), elements.indices.contains(index) else {
        throw .invalidValue(
          place: override.place(depth),
          expected: elements.isEmpty
            ? "no number, since the list is empty" : "a number from 0 to \(elements.count - 1)",
          found: quoted(key))
      }
      elements[index] = try elements[index].changed(
        override, at: depth + 1, schema?.form(of: self)?["items"])
      return .array(elements)
    case .string:
      let long = JSONValue.object(["kind": self])
      if schema?.form(of: long) != nil { return try long.changed(override, at: depth, schema) }
    default: break
    }
    throw .invalidValue(
      place: override.place(depth), expected: "an object or a list to set \(quoted(key))",
      found: text)
  }

  private subscript(_ key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// Of the forms that this schema allows, that of a list or of an object of the value's kind.
  private func form(of value: JSONValue) -> JSONValue? {
    if case .array(let forms)? = self["oneOf"] ?? self["anyOf"] {
      return forms.lazy.compactMap { $0.form(of: value) }.first
    }
    if case .array = value { return self["items"] == nil ? nil : self }
    guard let properties = self["properties"] else { return nil }
    return properties["kind"]?["const"] == value["kind"] ? self : nil
  }
}

extension Override {
  /// Of the first keys, as in errors.
  fileprivate func place(_ depth: Int) -> String {
    depth == 0 ? JobConfiguration.root : path[..<depth].joined(separator: ".")
  }
}
