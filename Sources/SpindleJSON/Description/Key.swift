/// A key of an object, of whatever format.
public protocol KeyDescription: Sendable {
  /// In snake case.
  var name: String { get }
  /// Whether every object must have it.
  var isRequired: Bool { get }
  /// What the schema says of its value.
  var schema: JSONValue { get }
}

/// A key of an object: its name, what it is for, the format of its value, and what its absence
/// means.
public struct Key<Value: Sendable>: KeyDescription {
  /// What it means that a key is not there.
  public enum Absence: Sendable {
    /// An error.
    case refused
    /// Nothing is asked for.
    case allowed
    /// The same as this value.
    case means(JSONValue)
  }

  /// In snake case.
  public let name: String
  let help: String
  let format: Format<Value>
  let absence: Absence

  /// Describes a key.
  public init(
    _ name: String, _ format: Format<Value>, _ help: String, absence: Absence = .allowed
  ) {
    self.name = name
    self.help = help
    self.format = format
    self.absence = absence
  }

  /// Whether every object must have the key.
  public var isRequired: Bool { if case .refused = absence { true } else { false } }

  /// The format's schema, with what the key is for and what its absence means.
  public var schema: JSONValue {
    var schema = format.schema
    schema["description"] = .string(help)
    if case .means(let value) = absence { schema["default"] = value }
    return .object(schema)
  }
}

extension DescriptionObject {
  /// The value of a key; that of its absence where it is missing.
  ///
  /// - Throws: `missingKey` where the absence means nothing.
  public func read<Value>(_ key: Key<Value>) throws(DescriptionError) -> Value {
    if optional(key.name) == nil, case .means(let value) = key.absence {
      return try key.format.read(self.value(key.name, or: value))
    }
    return try key.format.read(try value(key.name))
  }

  /// The value of a key that may be missing.
  public func optional<Value>(_ key: Key<Value>) throws(DescriptionError) -> Value? {
    guard let value = optional(key.name) else { return nil }
    return try key.format.read(value)
  }

  /// The numbers of a key, of which a list must have `count`.
  public func numbers(
    _ key: Key<OneOrEach>, count: Int
  ) throws(DescriptionError) -> OneOrEach? {
    let numbers: OneOrEach?
    if case .allowed = key.absence { numbers = try optional(key) } else { numbers = try read(key) }
    if case .each(let values)? = numbers, values.count != count {
      throw try value(key.name).refused(
        expected: "a number or a list of \(count)", found: "a list of \(values.count)")
    }
    return numbers
  }
}

/// One kind of an object whose key "kind" says which others it has.
public struct Kind<Value: Sendable>: Sendable {
  let name: String
  let help: String
  let keys: [any KeyDescription]
  let build: @Sendable (DescriptionObject) throws(DescriptionError) -> Value

  /// Describes a kind.
  public init(
    _ name: String, _ help: String, _ keys: [any KeyDescription] = [],
    build: @escaping @Sendable (DescriptionObject) throws(DescriptionError) -> Value
  ) {
    self.name = name
    self.help = help
    self.keys = keys
    self.build = build
  }

  var needsKeys: Bool { keys.contains(where: \.isRequired) }
}

extension Format {
  /// An object of these keys.
  public static func object(
    _ keys: [any KeyDescription],
    build: @escaping @Sendable (DescriptionObject) throws(DescriptionError) -> Value
  ) -> Format {
    Format(schema: objectSchema(keys)) { value throws(DescriptionError) in
      try build(try value.object(allowing: keys.map(\.name)))
    }
  }

  /// An object of one of several kinds, named by its key "kind"; where a kind needs no other key
  /// its name alone will do.
  public static func kinds(_ kinds: [Kind<Value>]) -> Format {
    let names = kinds.map(\.name)
    let short = kinds.filter { !$0.needsKeys }.map { JSONValue.string($0.name) }
    let objects = kinds.map { kind in
      var schema = objectSchema(
        kind.keys, kind: ["const": .string(kind.name), "description": .string(kind.help)])
      schema["title"] = .string(kind.name)
      return JSONValue.object(schema)
    }
    let all = short.isEmpty ? objects : [.object(["enum": .array(short)])] + objects
    return Format(schema: ["oneOf": .array(all)]) { value throws(DescriptionError) in
      let isShort = if case .string = value.value { true } else { false }
      let object = isShort ? nil : try value.object()
      let name = try (object?.value("kind") ?? value).text(allowed: names)
      guard let kind = kinds.first(where: { $0.name == name }) else {
        throw value.refused(expected: "another kind")
      }
      try object?.allow(["kind"] + kind.keys.map(\.name))
      return try kind.build(object ?? DescriptionObject([:], of: value))
    }
  }

  private static func objectSchema(
    _ keys: [any KeyDescription], kind: [String: JSONValue]? = nil
  ) -> [String: JSONValue] {
    var properties: [String: JSONValue] = [:]
    if let kind { properties["kind"] = .object(kind) }
    for key in keys { properties[key.name] = key.schema }
    let required =
      (kind == nil ? [] : ["kind"]) + keys.filter(\.isRequired).map(\.name)
    var schema: [String: JSONValue] = [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
    if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
    return schema
  }
}
