/// What an object's key says of a `Whole`: one row for reading, writing and the schema, so that they
/// cannot part.
public struct KeyRow<Whole: Sendable>: Sendable {
  /// What it means that a key is not there.
  public enum Absence: Sendable {
    /// An error.
    case refused
    /// The blank's value stays, which the schema names as the default.
    case standard
    /// The blank's value stays; it is nothing that could be written.
    case nothing
    /// The same as this value, which is read in its place.
    case means(JSONValue)
  }

  /// In snake case.
  public let name: String
  let absence: Absence
  let schema: [String: JSONValue]
  let read: @Sendable (DescriptionValue, inout Whole) throws(DescriptionError) -> Void
  let write: @Sendable (Whole) -> JSONValue?
  /// Whether the key says anything of a whole.
  let applies: @Sendable (Whole) -> Bool

  /// A row of any kind.
  ///
  /// - Parameters:
  ///   - name: the key, in snake case.
  ///   - format: of its value.
  ///   - help: what it is for.
  ///   - absence: what it means that the key is not there.
  ///   - applies: whether the key is written of a whole; else it says nothing that matters.
  ///   - write: the value of a whole; nil where there is none.
  ///   - set: takes over what was read; the rows above are read already.
  public init<Value>(
    _ name: String, _ format: Format<Value>, _ help: String, absence: Absence = .standard,
    applies: @escaping @Sendable (Whole) -> Bool = { _ in true },
    write: @escaping @Sendable (Whole) -> JSONValue? = { _ in nil },
    set: @escaping @Sendable (inout Whole, Value, DescriptionValue) throws(DescriptionError) -> Void
  ) {
    self.name = name
    self.absence = absence
    var schema = format.schema
    schema["description"] = .string(help)
    if case .means(let value) = absence { schema["default"] = value }
    self.schema = schema
    self.write = write
    self.applies = applies
    read = { value, whole throws(DescriptionError) in
      try set(&whole, try format.read(value), value)
    }
  }

  /// A row of a property; `applies` says for which wholes it is written.
  public init<Value: JSONWritable>(
    _ name: String, _ format: Format<Value>, _ help: String,
    at path: any WritableKeyPath<Whole, Value> & Sendable, absence: Absence = .standard,
    applies: @escaping @Sendable (Whole) -> Bool = { _ in true }
  ) {
    self.init(
      name, format, help, absence: absence, applies: applies,
      write: { $0[keyPath: path].json },
      set: { whole, value, _ in whole[keyPath: path] = value })
  }

  /// A row of a property that is nil where the key is missing.
  public init<Value: JSONWritable>(
    _ name: String, _ format: Format<Value>, _ help: String,
    at path: any WritableKeyPath<Whole, Value?> & Sendable
  ) {
    self.init(
      name, format, help, absence: .nothing, write: { $0[keyPath: path]?.json },
      set: { whole, value, _ in whole[keyPath: path] = value })
  }

  /// A row of a property that is read alone.
  public init<Value>(
    reading name: String, _ format: Format<Value>, _ help: String,
    at path: any WritableKeyPath<Whole, Value> & Sendable, absence: Absence = .nothing
  ) {
    self.init(
      name, format, help, absence: absence, set: { whole, value, _ in whole[keyPath: path] = value }
    )
  }

  /// A row whose value is an object of more keys of the same whole, missing unless `applies`.
  public init(
    _ name: String, _ help: String, _ table: KeyTable<Whole>,
    applies: @escaping @Sendable (Whole) -> Bool
  ) {
    self.init(
      name,
      Format<DescriptionObject>(schema: table.schema()) { value throws(DescriptionError) in
        try value.object(allowing: table.names)
      }, help, absence: .nothing, applies: applies, write: { .object(table.members(of: $0)) },
      set: { whole, object, _ throws(DescriptionError) in try table.read(object, into: &whole) })
  }

  var isRequired: Bool { if case .refused = absence { true } else { false } }
}

/// The keys of an object that describes a `Whole`.
public struct KeyTable<Whole: Sendable>: Sendable {
  /// What an object says that has no more keys than it must: the defaults stand here alone.
  let blank: Whole
  let rows: [KeyRow<Whole>]

  /// The rows are read in this order.
  public init(_ blank: Whole, _ rows: [KeyRow<Whole>]) {
    self.blank = blank
    self.rows = rows
  }

  var names: [String] { rows.map(\.name) }

  /// Reads an object, whose keys must be of the table.
  public func read(_ object: DescriptionObject) throws(DescriptionError) -> Whole {
    var whole = blank
    try read(object, into: &whole)
    return whole
  }

  /// Reads an object; what has no key there stays.
  func read(_ object: DescriptionObject, into whole: inout Whole) throws(DescriptionError) {
    for row in rows {
      if let value = object.optional(row.name) {
        try row.read(value, &whole)
      } else if case .means(let value) = row.absence {
        try row.read(object.value(row.name, or: value), &whole)
      } else if row.isRequired {
        throw .missingKey(place: object.place, key: row.name)
      }
    }
  }

  /// Every key that applies, with its value: the canonical object.
  public func members(of whole: Whole) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    for row in rows where row.applies(whole) { members[row.name] = row.write(whole) }
    return members
  }

  /// The format of the object; `check` may refuse what no key alone shows.
  public func format(
    check: @escaping @Sendable (Whole, DescriptionObject) throws(DescriptionError) -> Void = {
      _, _ in
    }
  ) -> Format<Whole> {
    Format(schema: schema()) { value throws(DescriptionError) in
      let object = try value.object(allowing: names)
      let whole = try read(object)
      try check(whole, object)
      return whole
    }
  }

  /// What the schema says of the object; `kind` of its key "kind", where it has one.
  func schema(kind: [String: JSONValue]? = nil) -> [String: JSONValue] {
    var properties: [String: JSONValue] = [:]
    if let kind { properties["kind"] = .object(kind) }
    for row in rows {
      var schema = row.schema
      if case .standard = row.absence { schema["default"] = row.write(blank) }
      properties[row.name] = .object(schema)
    }
    let required = (kind == nil ? [] : ["kind"]) + rows.filter(\.isRequired).map(\.name)
    var schema: [String: JSONValue] = [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
    if !required.isEmpty { schema["required"] = required.json }
    return schema
  }
}
