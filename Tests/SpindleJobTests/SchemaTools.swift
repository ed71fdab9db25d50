import SpindleJSON

extension JSONValue {
  /// A member of an object.
  subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
  var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }
  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var string: String? { if case .string(let string) = self { string } else { nil } }
}

/// Those words of JSON Schema that the schema uses.
enum Validator {
  /// The words that are understood; another in the schema would not be checked.
  static let words: Set = [
    "$schema", "title", "description", "default", "type", "properties", "required",
    "additionalProperties", "items", "minItems", "minLength", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "enum", "const", "anyOf", "oneOf",
  ]

  /// What is wrong with a value; empty for a valid one.
  static func faults(of value: JSONValue, by schema: JSONValue, at place: String = "") -> [String] {
    var faults = schema.members.keys.filter { !words.contains($0) }.map { "unknown word \($0)" }
    func fault(_ text: String) { faults.append("\(place): \(text)") }
    if let type = schema["type"]?.string, !value.isOf(type) { return ["\(place): no \(type)"] }
    if let constant = schema["const"], constant != value { fault("not \(constant)") }
    if let choices = schema["enum"], !choices.elements.contains(value) { fault("no choice") }
    if let number = value.number {
      if let low = schema["minimum"]?.number, number < low { fault("below \(low)") }
      if let high = schema["maximum"]?.number, number > high { fault("above \(high)") }
      if let low = schema["exclusiveMinimum"]?.number, number <= low { fault("not above \(low)") }
      if let high = schema["exclusiveMaximum"]?.number, number >= high {
        fault("not below \(high)")
      }
    }
    if let length = schema["minLength"]?.number, let text = value.string,
      Double(text.count) < length
    {
      fault("too short")
    }
    if case .array(let elements) = value {
      if let least = schema["minItems"]?.number, Double(elements.count) < least { fault("too few") }
      if let items = schema["items"] {
        for (index, element) in elements.enumerated() {
          faults += Self.faults(of: element, by: items, at: "\(place)[\(index)]")
        }
      }
    }
    if case .object(let members) = value, let properties = schema["properties"] {
      for (key, member) in members {
        if let property = properties[key] {
          faults += Self.faults(of: member, by: property, at: "\(place).\(key)")
        } else {
          fault("unknown key \(key)")
        }
      }
      for key in (schema["required"]?.elements ?? []).compactMap(\.string) where members[key] == nil
      {
        fault("no \(key)")
      }
    }
    if let any = schema["anyOf"],
      !any.elements.contains(where: { Self.faults(of: value, by: $0).isEmpty })
    {
      fault("none of anyOf")
    }
    if let one = schema["oneOf"] {
      let count = one.elements.count { Self.faults(of: value, by: $0).isEmpty }
      if count != 1 { fault("\(count) of oneOf") }
    }
    return faults
  }
}

extension JSONValue {
  fileprivate func isOf(_ type: String) -> Bool {
    switch (self, type) {
    case (.object, "object"), (.array, "array"), (.string, "string"), (.bool, "boolean"),
      (.number, "number"):
      true
    case (.number(let number), "integer"): number == number.rounded()
    default: false
    }
  }
}

/// Values of a schema.
enum Instances {
  /// The smallest valid value.
  static func smallest(_ schema: JSONValue) -> JSONValue {
    if let constant = schema["const"] { return constant }
    if let choices = schema["enum"] { return choices.elements[0] }
    if let first = (schema["anyOf"] ?? schema["oneOf"])?.elements.first { return smallest(first) }
    switch schema["type"]?.string {
    case "object":
      var members: [String: JSONValue] = [:]
      for key in (schema["required"]?.elements ?? []).compactMap(\.string) {
        members[key] = schema["properties"]?[key].map(smallest)
      }
      return .object(members)
    case "array":
      let count = Int(schema["minItems"]?.number ?? 0)
      return .array((0..<count).map { _ in smallest(schema["items"] ?? .null) })
    case "string": return "x"
    case "boolean": return false
    default:
      if let low = schema["exclusiveMinimum"]?.number { return .number(low + 0.5) }
      return .number(schema["minimum"]?.number ?? 0)
    }
  }

  /// Values each of which is valid but for one key, at any depth, that has the value `bad`; and the
  /// keys that lead there.
  static func spoiled(
    _ schema: JSONValue, by bad: JSONValue
  ) -> [(path: [String], value: JSONValue)] {
    var result: [(path: [String], value: JSONValue)] = []
    for branch in (schema["anyOf"] ?? schema["oneOf"])?.elements ?? [] {
      result += spoiled(branch, by: bad)
    }
    if let items = schema["items"] {
      result += spoiled(items, by: bad).map { ($0.path, .array([$0.value])) }
    }
    let base = smallest(schema).members
    for (key, property) in schema["properties"]?.members ?? [:] where property["const"] == nil {
      let own: [(path: [String], value: JSONValue)] = [([], bad)]
      for spoiled in own + spoiled(property, by: bad) {
        var members = base
        members[key] = spoiled.value
        result.append(([key] + spoiled.path, .object(members)))
      }
    }
    return result
  }
}
