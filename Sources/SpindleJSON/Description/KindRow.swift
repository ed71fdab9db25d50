/// One kind of an object whose key "kind" says which others it has.
public struct KindRow<Value: Sendable>: Sendable {
  let name: String
  let keys: [String]
  let schema: [String: JSONValue]
  let needsKeys: Bool
  let read: @Sendable (DescriptionObject) throws(DescriptionError) -> Value
  let members: @Sendable (Value) -> [String: JSONValue]?

  /// Describes a kind.
  ///
  /// - Parameters:
  ///   - name: what the key "kind" says.
  ///   - help: what the kind is.
  ///   - table: its other keys.
  ///   - take: what the keys say of a value; nil of one of another kind, or where none is written.
  ///   - make: the value of what the keys say.
  public init<Whole>(
    _ name: String, _ help: String, _ table: KeyTable<Whole>,
    take: @escaping @Sendable (Value) -> Whole? = { _ in nil },
    make: @escaping @Sendable (Whole, DescriptionObject) throws(DescriptionError) -> Value
  ) {
    self.name = name
    keys = table.names
    var schema = table.schema(kind: ["const": .string(name), "description": .string(help)])
    schema["title"] = .string(name)
    self.schema = schema
    needsKeys = table.rows.contains(where: \.isRequired)
    read = { object throws(DescriptionError) in try make(try table.read(object), object) }
    members = { value in
      take(value).map { whole in
        var members = table.members(of: whole)
        members["kind"] = .string(name)
        return members
      }
    }
  }

  /// A kind of these keys, to be read alone.
  public init<Whole>(
    _ name: String, _ help: String, _ blank: Whole, _ rows: [KeyRow<Whole>],
    make: @escaping @Sendable (Whole) -> Value
  ) {
    self.init(name, help, KeyTable(blank, rows)) { whole, _ in make(whole) }
  }
}

extension Format {
  /// An object of one of several kinds, named by its key "kind"; where a kind needs no other key
  /// its name alone will do.
  public static func kinds(_ kinds: [KindRow<Value>]) -> Format {
    let short = kinds.filter { !$0.needsKeys }.map(\.name)
    let objects = kinds.map { JSONValue.object($0.schema) }
    let all = short.isEmpty ? objects : [.object(["enum": short.json])] + objects
    return Format(schema: ["oneOf": .array(all)]) { value throws(DescriptionError) in
      let isShort = if case .string = value.value { true } else { false }
      let object = isShort ? nil : try value.object()
      let name = try (object?.value("kind") ?? value).text(allowed: kinds.map(\.name))
      guard let kind = kinds.first(where: { $0.name == name }) else {
        throw value.refused(expected: "another kind")
      }
      try object?.allow(["kind"] + kind.keys)
      return try kind.read(object ?? DescriptionObject([:], of: value))
    }
  }
}

extension Array {
  /// The canonical object of a value: that of the first kind that takes it.
  public func json<Value>(of value: Value) -> JSONValue where Element == KindRow<Value> {
    for row in self { if let members = row.members(value) { return .object(members) } }
    return .null
  }
}
